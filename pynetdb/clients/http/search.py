"""What a regular expression finds in a body, within a time."""

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from pynetdb.errors import DeadlineError, PynetdbError
from pynetdb.protocols.http.charset import MAX_BEGINNING, find_charset

# What is searched is held in memory, as bytes and as text.
MAX_SEARCHED = 16 * 1024 * 1024
# Rows are held until they are printed; a peer that sends what matches everywhere cannot fill memory.
MAX_MATCHES = 100_000


def compile_pattern(text: str) -> re.Pattern[str]:
    """Return a regular expression ready to be used. Raises ValueError for a text that is none."""
    try:
        return re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from error


def name_columns(pattern: re.Pattern[str]) -> tuple[str, ...]:
    """Return the name of each group, its number if it has none; `match` without groups."""
    names = {number: name for name, number in pattern.groupindex.items()}
    return tuple(names.get(n, str(n)) for n in range(1, pattern.groups + 1)) or ("match",)


def find_all(pattern: re.Pattern[str], text: str, seconds: float) -> list[tuple[str | None, ...]]:
    """Return each match, or its groups. Raises DeadlineError after `seconds`: some patterns never end."""
    rows: list[tuple[str | None, ...]] = []
    with _alarm(seconds):
        for match in pattern.finditer(text):
            if len(rows) == MAX_MATCHES:
                raise PynetdbError(
                    f"more than {MAX_MATCHES} matches, expected a narrower pattern", hint="search"
                )
            rows.append(match.groups() or (match[0],))
    return rows


def decode_body(content_type: str | None, body: bytes) -> str:
    """Return a body as text, in the charset that it is in by all that is said of it."""
    return body.decode(find_charset(content_type, body[:MAX_BEGINNING]), "backslashreplace")


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise DeadlineError in the block after `seconds`. Python looks at signals also within a search.

    Systems without this timer (Windows) have `^C`.
    """
    if not hasattr(signal, "setitimer"):
        yield
        return

    def over(number: int, frame: FrameType | None) -> None:
        told = f"no end within {seconds:.3g} s, expected a pattern that backtracks less"
        raise DeadlineError(told, hint="search")

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
