"""What a call did, told to whoever listens: the seam behind --explain and --trace."""

import os
import time
from collections.abc import Sequence
from typing import IO, NamedTuple

from pynetdb.errors import CommandLineError, PynetdbError
from pynetdb.terminal import safe_json, safe_line


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

    def saw(self, call: Call) -> None:
        """Take note of `call`."""

    def close(self) -> None:
        """Let go of files."""


def timestamp(seconds: float) -> str:
    """Return a moment as ISO 8601 in UTC with microseconds: `2012-11-28T19:30:19.118400Z`."""
    whole, micro = divmod(round(seconds * 1_000_000), 1_000_000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{micro:06d}Z"


def shown(data: bytes | bytearray | memoryview, most: int = 32) -> str:
    """Return the first bytes of a payload as a Python literal, with `...` where it goes on."""
    return repr(bytes(data[:most])) + ("..." if len(data) > most else "")


class Explainer(Observer):
    """Writes each call as a line for people: `who  name(arguments) = result  (explanation)`.

    A reader who leaves (`2>&1 | head`) ends the narration, not the work.
    """

    def __init__(self, stream: IO[str], colour: bool = False) -> None:
        self._stream: IO[str] | None = stream
        self._template = "{} {}  \x1b[2m({})\x1b[0m\n" if colour else "{} {}  ({})\n"

    def saw(self, call: Call) -> None:
        if self._stream is None:
            return
        arguments = ", ".join(map(str, call.arguments))
        outcome = f" -> {call.error}" if call.error else f" = {call.result}"
        told = safe_line(f"{call.call}({arguments}){outcome}")
        # Raised in the middle of a socket's call, an error of ours would be taken for one of the network.
        try:
            self._stream.write(self._template.format(f"{call.who:<6}", told, safe_line(call.note)))
            self._stream.flush()
        except OSError:
            self._stream = None


class Tracer(Observer):
    """Writes each call as a line of JSON into a file, which is emptied first.

    What could not be written is an error at the end, so that no trace is cut short in silence.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = path
        self._failure: OSError | None = None
        try:
            self._file = open(path, "wb", buffering=0)  # noqa: SIM115 - closed by close()
        except OSError as error:
            raise CommandLineError(f"--trace {path}: {error.strerror}") from error

    def saw(self, call: Call) -> None:
        import json

        if self._failure is not None:
            return
        record = call._asdict() | {"time": timestamp(call.time)}
        line = safe_json(json.dumps(record, ensure_ascii=False)) + "\n"
        try:
            self._file.write(line.encode())
        except OSError as error:
            self._failure = error

    def close(self) -> None:
        """Close the file. Raises PynetdbError if not all of the trace is in it."""
        self._file.close()
        if self._failure is not None:
            told = f"--trace {self._path}: {self._failure.strerror}, the trace is incomplete"
            raise PynetdbError(told) from self._failure


class Narrator:
    """Tells every observer of every call. One without observers is false."""

    def __init__(self, observers: Sequence[Observer] = ()) -> None:
        self._observers = list(observers)

    def __bool__(self) -> bool:
        return bool(self._observers)

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
        record = Call(time.time(), who, call, arguments, result, bytes, name, note)
        for observer in self._observers:
            observer.saw(record)

    def __enter__(self) -> "Narrator":
        return self

    def __exit__(self, *exc: object) -> None:
        for observer in self._observers:
            observer.close()
