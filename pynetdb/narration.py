"""What a call did, told to whoever listens: the seam behind --explain and --trace."""

import time
from collections.abc import Sequence
from typing import NamedTuple


class Call(NamedTuple):
    """One call that was really made, with its real outcome."""

    time: float
    """Seconds since 1970, read right after the call returned."""
    who: str
    """`server`, `client`, or `#3` for the server's third connection."""
    call: str
    """The name that courses use: `recv`, `bind`, `sql`..."""
    arguments: Sequence[str | int]
    """As they are to be shown, payloads shortened."""
    result: str | int | None
    """What came back; None when the call returns nothing or failed."""
    bytes: int | None
    """How many payload bytes the call moved; None for a call that moves none."""
    error: str | None
    """The name of the exception, if the call failed."""
    note: str
    """The explanation, in words."""


class Observer:
    """Somebody who is told of every call."""

    def on_call(self, call: Call) -> None:
        """Take note of `call`."""

    def writes_into(self, path: str) -> bool:
        """Whether that file is the one it writes."""
        return False

    def close(self) -> None:
        """Let go of files."""


def preview(data: bytes | bytearray | memoryview, max_bytes: int = 32) -> str:
    """Return the first bytes of a payload as a Python literal, with `...` where it goes on."""
    return repr(bytes(data[:max_bytes])) + ("..." if len(data) > max_bytes else "")


class Narrator:
    """Tells every observer of every call. One without observers is false."""

    def __init__(self, observers: Sequence[Observer] = ()) -> None:
        self._observers = list(observers)

    def __bool__(self) -> bool:
        return bool(self._observers)

    def writes_into(self, path: str) -> bool:
        """Whether one of the observers writes that file."""
        return any(observer.writes_into(path) for observer in self._observers)

    def tell(
        self,
        who: str,
        call: str,
        arguments: Sequence[str | int] = (),
        result: str | int | None = None,
        *,
        bytes: int | None = None,  # noqa: A002 - the field's name in the trace
        error: BaseException | None = None,
        note: str,
    ) -> None:
        """Report one call, just made."""
        name = type(error).__name__ if error else None
        told = Call(time.time(), who, call, arguments, result, bytes, name, note)
        for observer in self._observers:
            observer.on_call(told)

    def report(self, call: Call) -> None:
        """Report a call that was told elsewhere, in another thread."""
        for observer in self._observers:
            observer.on_call(call)

    def __enter__(self) -> "Narrator":
        return self

    def __exit__(self, *exc: object) -> None:
        for observer in self._observers:
            observer.close()


SILENT = Narrator()
"""The narrator of those who are not narrated."""
