"""How people and programs read numbers, moments, choices and statements."""

import time
from collections.abc import Sequence


def timestamp(seconds: float) -> str:
    """Return a moment as ISO 8601 in UTC with microseconds: `2012-11-28T19:30:19.118400Z`."""
    whole, micro = divmod(round(seconds * 1_000_000), 1_000_000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{micro:06d}Z"


def format_count(number: int, noun: str) -> str:
    """Return `1 byte`, `2 bytes`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def list_choices(words: Sequence[str]) -> str:
    """Return `a`, `a or b`, `a, b or c`."""
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def shorten_sql(sql: str, most: int = 400) -> str:
    """Return a statement in one line of bearable length."""
    text = " ".join(sql.split()) if len(sql) < 10_000 else sql[:most]
    return text if len(text) <= most else f"{text[:most]}... ({len(sql)} characters)"
