"""The log of a room that several servers share: one entry each for what is heard."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from pynetdb.terminal import safe_line

_ID = re.compile(rb"(\d{1,20})-(\d{1,20})")

_KINDS = {b"NEW": "NEW", b"LEFT": "LEFT", b"MESSAGE": "MESSAGE", b"PRIVATE": "PRIVATE"}
_WORDS = frozenset({"MESSAGE", "PRIVATE"})


class Entry(NamedTuple):
    """Something in the log: NEW, LEFT, MESSAGE or PRIVATE, of whom, and for whom if for one alone."""

    kind: str
    name: str
    text: str
    owner: str
    """Server and member, with a slash between them."""
    to: str

    @property
    def server(self) -> str:
        return self.owner.rpartition("/")[0]


def read_entry(fields: Any) -> Entry | None:
    """Return an entry from the names and values of its fields; None for what is none of ours.

    Whatever is in it, it is made safe: nobody can have a member hear a line that was not said.
    """
    try:
        first, words, of, third, *more = fields
        kind = _KINDS[first]
        name, newline, text = words.decode("utf-8", "replace").partition("\n")
        owner = third.decode("utf-8", "replace")
        to = more[1].decode("utf-8", "replace") if more else ""
    except (TypeError, ValueError, KeyError, AttributeError, IndexError):
        return None
    if of != b"of" or not name or bool(newline) != (kind in _WORDS) or (kind == "PRIVATE" and not to):
        return None
    if not name.isprintable():
        name = safe_line(name)
    if not text.isprintable():
        text = safe_line(text)
    return Entry(kind, name, text, owner, to)


def read_entries(reply: Any, of_stream: bool = False) -> list[Any]:
    """Return the entries of a reply to XREVRANGE, or with `of_stream` to XREAD of one stream.

    Each has its number and its fields, in which anything may be. None are no entries, of a stream alone.
    Raises ValueError, TypeError or IndexError for a reply that is no such list.
    """
    entries: list[Any] = reply if not of_stream else reply[0][1] if reply else []
    for entry_id, fields in entries:
        if read_id(entry_id) == (0, 0) or (fields and not isinstance(fields[1], bytes)):
            raise ValueError(f"no entry of a log: {entry_id!r}")
    return entries


def read_public_lines(entries: Iterable[Any]) -> list[tuple[str, str]]:
    """Return sender and text of the public lines among entries with their numbers."""
    read = (read_entry(fields) for _, fields in entries)
    return [(entry.name, entry.text) for entry in read if entry is not None and entry.kind == "MESSAGE"]


def read_id(entry_id: Any) -> tuple[int, int]:
    """Return the number of an entry, which grows; (0, 0) for what is no number."""
    found = _ID.fullmatch(entry_id) if isinstance(entry_id, bytes) else None
    return (int(found[1]), int(found[2])) if found else (0, 0)
