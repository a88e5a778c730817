"""A part of a body: asked for, and checked when it comes (RFC 9110 section 14)."""

import re
from typing import NamedTuple

from pynetdb.errors import ProtocolError
from pynetdb.protocols.http.responses import Response


class Range(NamedTuple):
    """From `first` to `last`, both included; without `first` the last so many bytes."""

    first: int | None
    last: int | None

    @classmethod
    def parse(cls, text: str) -> "Range":
        """Read `A-B`, `A-` or `-N`; raise ValueError otherwise."""
        match = re.fullmatch(r"([0-9]{0,18})-([0-9]{0,18})", text)
        first, last = (int(part) if part else None for part in match.groups()) if match else (None, None)
        if (first is None and not last) or (first is not None and last is not None and last < first):
            raise ValueError(f"{text!r} is no range of bytes: expected A-B, A- or -N")
        return cls(first, last)

    def __str__(self) -> str:
        return f"{'' if self.first is None else self.first}-{'' if self.last is None else self.last}"

    def check(self, response: Response) -> None:
        """Raise ProtocolError if a 206 is not the part that was asked for."""
        told = response.fields.get("content-range") or ""
        match = re.fullmatch(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)", told)
        if match is None:
            raise ProtocolError(f"a part of the body, Content-Range {told[:60]!r}, expected bytes A-B/LENGTH")
        first, last = int(match[1]), int(match[2])
        if self.first is None:
            good = 0 <= last - first < (self.last or 0)
        else:
            good = first == self.first and last >= first and (self.last is None or last <= self.last)
        if not good or response.content_length not in (None, last - first + 1):
            raise ProtocolError(f"Content-Range {told[:60]!r} is not the part that was asked for, {self}")
