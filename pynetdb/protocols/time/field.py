"""One field of a packet or a line, told to people."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple


class Field(NamedTuple):
    """What stands at one place of a message."""

    offset: int
    """In bytes from the start; fields that share a byte share the offset."""
    name: str
    value: str
    """As it is on the wire: a number, hexadecimal digits, a word."""
    meaning: str
    """In words; never holds control characters, even if the peer sent some."""


_1970 = datetime(1970, 1, 1, tzinfo=UTC)


def format_moment(nanoseconds: int) -> str:
    """Return nanoseconds since 1970 as `2012-11-28 19:30:19.118400000 UTC`, or without a zero fraction."""
    seconds, fraction = divmod(nanoseconds, 1_000_000_000)
    try:
        told = (_1970 + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S")
    except OverflowError:
        return "a year that calendars here do not have"
    return f"{told}.{fraction:09d} UTC" if fraction else f"{told} UTC"
