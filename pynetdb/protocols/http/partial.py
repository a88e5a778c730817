"""A body of which the beginning is there already: how the rest is asked for, and whether it fits."""

import re
from typing import Any, NamedTuple

from pynetdb.protocols.http.dates import parse_http_date
from pynetdb.protocols.http.responses import Response

_CONTENT_RANGE = re.compile(r"bytes (?:([0-9]{1,18})-([0-9]{1,18})|\*)/([0-9]{1,18}|\*)", re.IGNORECASE)


class Part(NamedTuple):
    """The first `size` bytes of a body, and what its server said of the version that they belong to.

    `modified` is a Last-Modified that is old enough to be the date of one version alone. Each is None where
    nobody said it: a part that was made by something else is known by its size only. With `whole_since`, in
    seconds since 1970, it is no part, but a whole body that was there by then, of some version or other.
    """

    size: int
    etag: str | None = None
    modified: str | None = None
    total: int | None = None
    whole_since: float | None = None

    @classmethod
    def begun(cls, response: Response, now: float) -> "Part":
        """Return the part that the first byte of this answer would begin."""
        fields = response.fields
        modified = fields.get("last-modified")
        written = parse_http_date(fields.get("date") or "", now)
        changed = parse_http_date(modified or "", now)
        # RFC 9110 section 8.8.2.2: within the same second there may be another version of the same date.
        strong = written is not None and changed is not None and written - changed >= 1
        total = total_size(response) if response.status == 206 else response.content_length
        return cls(0, fields.get("etag"), modified if strong else None, total)

    @classmethod
    def from_json(cls, size: int, facts: Any) -> "Part":
        """Return what `to_json` made, of so many bytes; what cannot be read is not known."""
        if not isinstance(facts, dict):
            return cls(size)
        etag, modified, total = (facts.get(name) for name in ("etag", "modified", "total"))
        return cls(
            size,
            etag if isinstance(etag, str) and _may_be_sent(etag) else None,
            modified if isinstance(modified, str) and _may_be_sent(modified) else None,
            total if type(total) is int and total >= 0 else None,
        )

    def to_json(self) -> dict[str, str | int | None]:
        """Return what is known of the version, for a file beside the part."""
        return {"etag": self.etag, "modified": self.modified, "total": self.total}

    @property
    def validator(self) -> str | None:
        """What If-Range may carry (RFC 9110 section 13.1.5): a strong tag, or without any tag a date."""
        if self.etag is not None:
            return None if self.etag.startswith("W/") else self.etag
        return self.modified

    def fields(self) -> list[tuple[str, str]]:
        """Return the fields that ask for the rest."""
        asked = [("Range", f"bytes={self.size}-")]
        if self.validator is not None:
            asked.append(("If-Range", self.validator))
        return asked

    def contradiction(self, response: Response) -> str | None:
        """Say why an answer, 206 or 416, is not about the version of this part; None if it may be."""
        total = total_size(response)
        if total is not None and total < self.size:
            return f"it has only {total} bytes now, of which {self.size} were there"
        if total is not None and self.total not in (None, total):
            return f"it had {self.total} bytes and has {total} now"
        etag = response.fields.get("etag")
        if response.status == 206 and None not in (self.etag, etag) and self.etag != etag:
            return "it changed meanwhile"
        return None

    def unused(self, response: Response) -> str:
        """Say why the whole body came (200) where the rest of this part was asked for."""
        name, known = ("etag", self.etag) if self.etag is not None else ("last-modified", self.modified)
        told = response.fields.get(name)
        if self.validator is None or told is None:
            return "the server sends all of it"
        return "the server sends no part of it" if told == known else "it is not what it was"

    def outdated(self, response: Response, now: float) -> str | None:
        """Say why a whole body is not the one that this answer is about; None if it is, as far as is told."""
        total = response.content_length if response.status == 200 else total_size(response)
        if total != self.size:
            told = "nobody says how many bytes it has" if total is None else f"it has {total} bytes now"
            return f"{told}, {self.size} were there"
        modified = parse_http_date(response.fields.get("last-modified") or "", now)
        if modified is not None and self.whole_since is not None and modified > self.whole_since:
            return "it changed since"
        return None


def total_size(response: Response) -> int | None:
    """Return the size of the whole body by the Content-Range of a 206 or 416, if it says one."""
    match = _CONTENT_RANGE.fullmatch(response.fields.get("content-range") or "")
    return int(match[3]) if match and match[3] != "*" else None


def _may_be_sent(value: str) -> bool:
    return value.isascii() and value.isprintable()
