"""Numbers and moments as people and programs read them."""

import time


def timestamp(seconds: float) -> str:
    """Return a moment as ISO 8601 in UTC with microseconds: `2012-11-28T19:30:19.118400Z`."""
    whole, micro = divmod(round(seconds * 1_000_000), 1_000_000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{micro:06d}Z"


def format_count(number: int, noun: str) -> str:
    """Return `1 byte`, `2 bytes`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
