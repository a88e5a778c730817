"""What conditions and a range make of a file: 200, 206, 304, 412 or 416 (RFC 9110 sections 13 and 14)."""

import re
from typing import NamedTuple

from pynetdb.protocols.http.dates import parse_http_date
from pynetdb.protocols.http.fields import Fields

_ETAG = r'(?:W/)?"[!#-~\x80-\xff]*"'
_ETAGS = re.compile(rf"[ \t,]*(?:{_ETAG}[ \t]*(?:,[ \t,]*|\Z))*")
_ONE_ETAG = re.compile(_ETAG)
_RANGES = re.compile(r"[Bb][Yy][Tt][Ee][Ss]=(.*)")
_RANGE = re.compile(r"([0-9]+)-([0-9]*)|-([0-9]+)")
_CONDITIONAL = {"if-match", "if-unmodified-since", "if-none-match", "if-modified-since", "range"}
# No file has more digits in its size; longer numbers only cost time to read.
_MAX_DIGITS = 18
_BEYOND = 10**_MAX_DIGITS
# Last-Modified is a strong validator only where the file has been left alone for a second (8.8.2.2).
_STRONG_AFTER = 1


class Validators(NamedTuple):
    """What is known of the file: its entity tag, quotes and W/ included, and when it was changed."""

    etag: str
    modified: int | None  # Unix seconds, as Last-Modified says them; None: nobody knows
    size: int
    # Whether the change came within that second and not at its very beginning: there may have been another
    # one before it that Last-Modified cannot tell from this.
    changed_within_second: bool = False


class Decision(NamedTuple):
    """The status to answer with and, for 200 and 206, which bytes of the file."""

    status: int
    first: int = 0
    length: int = 0
    content_range: str | None = None  # the field's value, for 206 and 416


def decide(method: str, fields: Fields, file: Validators, now: float) -> Decision:
    """Judge a request that would otherwise be answered 200, in the order of section 13.2.2."""
    if _CONDITIONAL.isdisjoint(fields.by_name):
        return Decision(200, 0, file.size)
    # Step by step as section 13.2.2 numbers them: 1 and 2 forbid what would overwrite, 3 and 4 spare what
    # is known already, 5 asks for a part.
    match = fields.get("if-match")
    unmodified_since = fields.get("if-unmodified-since")
    if match is not None:
        if not _matches(match, file.etag, weak=False):
            return Decision(412)
    elif unmodified_since is not None and file.modified is not None:
        date = parse_http_date(unmodified_since, now)
        if date is not None and file.modified > date:
            return Decision(412)
    none_match = fields.get("if-none-match")
    modified_since = fields.get("if-modified-since")
    if none_match is not None:
        if _matches(none_match, file.etag, weak=True):
            return Decision(304 if method in ("GET", "HEAD") else 412)
    elif modified_since is not None and file.modified is not None and method in ("GET", "HEAD"):
        date = parse_http_date(modified_since, now)
        # A date that is yet to come says nothing about what the client has.
        if date is not None and file.modified <= date <= now:
            return Decision(304)
    ranges = fields.get("range")
    if ranges is not None and method == "GET" and _range_applies(fields.get("if-range"), file, now):
        return _decide_range(ranges, file.size)
    return Decision(200, 0, file.size)


def _matches(value: str, etag: str, *, weak: bool) -> bool:
    """Compare with entity tags, or `*` (section 8.8.3.2); a list with anything else in it is no list."""
    if value == "*":
        return True
    if _ETAGS.fullmatch(value) is None:
        return False
    tags = _ONE_ETAG.findall(value)
    if weak:
        return etag.removeprefix("W/") in [tag.removeprefix("W/") for tag in tags]
    return not etag.startswith("W/") and etag in tags


def _range_applies(if_range: str | None, file: Validators, now: float) -> bool:
    """Section 13.1.5: only a strong validator that is exactly ours may join two parts of a file.

    A date is one where we know that the file "did not change twice during the second covered by the
    presented validator" (section 8.8.2.2): before that second's only change, and after it.
    """
    if if_range is None:
        return True
    if if_range.endswith('"'):
        return if_range == file.etag and not file.etag.startswith("W/")
    if file.changed_within_second or file.modified is None:
        return False
    return parse_http_date(if_range, now) == file.modified <= now - _STRONG_AFTER


def _decide_range(value: str, size: int) -> Decision:
    """Serve one range; ignore several, and what is no range: section 14.2 allows both."""
    whole = Decision(200, 0, size)
    ranges = _RANGES.fullmatch(value)
    if ranges is None:
        return whole
    asked = []
    for text in ranges[1].split(","):
        match = _RANGE.fullmatch(text.strip(" \t"))
        if match is None:
            return whole
        first, last, suffix = (_number(digits) for digits in match.groups())
        if first is not None and last is not None and last < first:
            return whole
        asked.append((first, last, suffix))
    satisfiable = []
    for first, last, suffix in asked:
        if first is None:
            # `-5` is the last five bytes; `-0` is none, which cannot be sent.
            if suffix and size:
                satisfiable.append((max(0, size - suffix), size - 1))
        elif first < size:
            satisfiable.append((first, size - 1 if last is None else min(last, size - 1)))
    if not satisfiable:
        return Decision(416, content_range=f"bytes */{size}")
    if len(asked) > 1:
        return whole
    begin, end = satisfiable[0]
    return Decision(206, begin, end - begin + 1, f"bytes {begin}-{end}/{size}")


def _number(digits: str | None) -> int | None:
    """Read ASCII digits; more than any file has are as good as endless."""
    if not digits:
        return None
    digits = digits.lstrip("0")
    return _BEYOND if len(digits) > _MAX_DIGITS else int(digits or "0")
