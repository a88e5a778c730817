"""What faults there are, and how they are asked for: `delay=200ms`, `drop=10%`."""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from pynetdb.errors import CommandLineError
from pynetdb.quantities import parse_duration, parse_percent, parse_size

FORMS = (
    "delay=200ms",
    "delay=50ms..400ms",
    "rate=10kB",
    "split=1",
    "stall=5s",
    "stall=5s@1000",
    "reset-after=10",
    "close-after=10",
    "drop=10%",
    "duplicate=5%",
    "reorder=5%",
    "corrupt=1%",
    "refuse=20%",
)
"""An example of each, as they are listed for who asks for another."""

# A day: nobody waits longer, and a clock can be asked for it.
_MAX_DELAY = 86400.0


class Stall(NamedTuple):
    """A pause of so many seconds, once so many bytes were sent."""

    seconds: float
    after: int


class Specs(NamedTuple):
    """The faults that were asked for; None and 0.0 are no such fault."""

    delay: tuple[float, float] | None = None
    """Seconds, from and to."""
    rate: int | None = None
    """Bytes a second."""
    split: int | None = None
    """Bytes in one send at most."""
    stalls: tuple[Stall, ...] = ()
    """In the order of their places."""
    reset_after: int | None = None
    """Bytes sent before the connection is reset."""
    close_after: int | None = None
    """Bytes sent before the connection is closed."""
    drop: float = 0.0
    """Probabilities: of datagrams, but for `corrupt` of a stream's bytes and `refuse` of connections."""
    duplicate: float = 0.0
    reorder: float = 0.0
    corrupt: float = 0.0
    refuse: float = 0.0

    def require(self, *, streams: bool, datagrams: bool) -> None:
        """Raise CommandLineError for a fault that cannot happen to what is served."""
        for wanted, needed, name, other in (
            (_OF_STREAMS, streams, "connections", "datagrams"),
            (_OF_DATAGRAMS, datagrams, "datagrams", "connections"),
        ):
            if needed:
                continue
            for field in wanted:
                if getattr(self, field) not in (None, 0.0, ()):
                    spelled = field.replace("stalls", "stall").replace("_", "-")
                    message = f"{spelled}: it happens to {name}, and here are only {other}"
                    raise CommandLineError(message, hint="fault")


_OF_STREAMS = ("rate", "split", "stalls", "reset_after", "close_after", "refuse")
_OF_DATAGRAMS = ("drop", "duplicate", "reorder")


def parse_specs(texts: Iterable[str]) -> Specs:
    """Read faults. Raises CommandLineError, with a list of the right forms for what is none."""
    found: dict[str, object] = {}
    stalls: list[Stall] = []
    for text in texts:
        name, equals, value = text.partition("=")
        if name not in _PARSERS:
            raise CommandLineError(f"{text!r}: expected one of {', '.join(FORMS)}", hint="fault")
        parse, expected = _PARSERS[name]
        parsed = parse(value) if equals else None
        if parsed is None:
            raise CommandLineError(f"{text}: expected {expected}", hint="fault")
        if isinstance(parsed, Stall):
            stalls.append(parsed)
        elif name in found:
            raise CommandLineError(f"{text}: there is another {name} already, expected one", hint="fault")
        else:
            found[name] = parsed
    fields = {name.replace("-", "_"): value for name, value in found.items()}
    return Specs(stalls=tuple(sorted(stalls, key=lambda stall: stall.after)), **fields)  # type: ignore[arg-type]


def _seconds(text: str) -> float | None:
    seconds = parse_duration(text)
    return seconds if seconds is not None and 0 <= seconds <= _MAX_DELAY else None


def _delay(text: str) -> tuple[float, float] | None:
    least, dots, most = text.partition("..")
    first = _seconds(least)
    last = _seconds(most) if dots else first
    return None if first is None or last is None or first > last else (first, last)


def _stall(text: str) -> Stall | None:
    length, at, place = text.partition("@")
    seconds = _seconds(length)
    after = _count(place) if at else 0
    return None if seconds is None or after is None else Stall(seconds, after)


def _count(text: str) -> int | None:
    return parse_size(text) if re.match(r"[0-9]", text) else None


def _positive(text: str) -> int | None:
    return _count(text) or None


_TIME = "a time from 0s to 24h"
_SIZE = "a number of bytes, 0 or more"
_PERCENT = "0% to 100%"

# How the value of each is read, and what is expected of one that is wrong.
_PARSERS: dict[str, tuple[Callable[[str], object | None], str]] = {
    "delay": (_delay, f"{_TIME} or two with the shorter one first, as in delay=200ms or delay=50ms..400ms"),
    "rate": (_positive, "bytes a second, 1 or more, as in rate=10kB"),
    "split": (_positive, "a number of bytes, 1 or more, as in split=1"),
    "stall": (_stall, f"{_TIME}, perhaps behind so many bytes, as in stall=5s or stall=5s@1000"),
    "reset-after": (_count, f"{_SIZE}, as in reset-after=10"),
    "close-after": (_count, f"{_SIZE}, as in close-after=10"),
    "drop": (parse_percent, f"{_PERCENT}, as in drop=10%"),
    "duplicate": (parse_percent, f"{_PERCENT}, as in duplicate=5%"),
    "reorder": (parse_percent, f"{_PERCENT}, as in reorder=5%"),
    "corrupt": (parse_percent, f"{_PERCENT}, as in corrupt=1%"),
    "refuse": (parse_percent, f"{_PERCENT}, as in refuse=20%"),
}
