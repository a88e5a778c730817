"""Those who are told of calls: one explains them to people, one writes them as JSON lines."""

import os
from collections.abc import Callable
from typing import IO

from pynetdb.errors import CommandLineError, PynetdbError
from pynetdb.file_kinds import is_sqlite
from pynetdb.narration import Call, Observer
from pynetdb.terminal import safe_json, safe_line
from pynetdb.wording import timestamp
from pynetdb.writing import BackgroundWriter, write_fully

# Who does what only those want to know who want to know everything: `Call.who`.
_INNER = ("loop", "libpq")


class _Repeated:
    """Calls like one that was told, which are counted."""

    def __init__(self, told: str, shown: float) -> None:
        self.told = told
        self.shown = shown
        """When the one was told, in seconds since 1970."""
        self.number = 0
        self.bytes = 0


class Explainer(Observer):
    """Writes each call as a line for people: `who  name(arguments) = result  (explanation)`.

    `write` must not raise: in the middle of a socket's call an error of ours would be taken for one of the
    network, and a reader who leaves (`2>&1 | head`) ends the narration, not the work. Lines longer than
    `width` are broken between words. The same again is counted for a second at most, and pieces of one long
    text are the same; the loop's own wake-up pair and libpq's messages are left out unless
    `everything` is told.
    """

    # How many kinds of calls may take turns and are repeats still: two connections that receive and send.
    _MAX_TURNS = 4
    _MAX_SILENCE = 1.0

    def __init__(
        self,
        write: Callable[[str], None],
        colour: bool = False,
        *,
        width: int | None = None,
        everything: bool = True,
    ) -> None:
        self._write = write
        self._colour = colour
        self._width = width
        self._everything = everything
        self._repeated: dict[tuple[str, ...], _Repeated] = {}

    def on_call(self, call: Call) -> None:
        if call.who in _INNER and not self._everything:
            return
        arguments = ", ".join(map(str, call.arguments))
        outcome = f" -> {call.error}" if call.error else f" = {call.result}"
        told = f"{call.call}({arguments}){outcome}"
        # A piece of a long text is much like the next one: only its length and its first bytes differ.
        piece = "'..." in told or '"...' in told
        key = (call.who, call.call, call.error or "", "" if piece else told)
        if (earlier := self._repeated.get(key)) and call.time - earlier.shown < self._MAX_SILENCE:
            earlier.number += 1
            earlier.bytes += call.bytes or 0
            return
        if not piece or key in self._repeated or len(self._repeated) == self._MAX_TURNS:
            self._tell_repeated()
        same = "" if "..." in arguments else arguments
        self._repeated[key] = _Repeated(f"{call.call}({same})", call.time)
        self._line(call.who, f"{told}  ({call.note})")

    def close(self) -> None:
        self._tell_repeated()

    def _tell_repeated(self) -> None:
        for (who, _, error, _), repeated in self._repeated.items():
            if repeated.number:
                told = repeated.told + (f" -> {error}" if error else "")
                moved = f"  ({repeated.bytes} bytes)" if repeated.bytes else ""
                self._line(who, f"{told} ... {repeated.number} more{moved}")
        self._repeated.clear()

    def _line(self, who: str, text: str) -> None:
        line = f"{who:<6} {safe_line(text)}"
        if self._width is not None and len(line) > self._width:
            import textwrap

            line = "\n".join(
                textwrap.wrap(
                    line,
                    self._width,
                    subsequent_indent=" " * 7,
                    break_long_words=False,
                    break_on_hyphens=False,
                )
            )
        if self._colour:
            line = f"\x1b[36m{line[:6]}\x1b[0m{line[6:]}"
        self._write(line + "\n")


class Tracer(Observer):
    """Writes each call as a line of JSON into a file, which is emptied first.

    In the `background` a slow disk holds nobody up. What could not be written is an error at the end, so that
    no trace is cut short in silence.
    """

    def __init__(self, path: str | os.PathLike[str], *, background: bool = False) -> None:
        self._path = path
        self._failure: OSError | None = None
        self._missing = 0
        try:
            self._file = _open_emptied(path)
        except OSError as error:
            raise CommandLineError(f"{path}: {error.strerror}", hint="trace") from error
        self._writer = BackgroundWriter(self._file, self._describe_gap) if background else None

    def writes_into(self, path: str) -> bool:
        try:
            return os.path.samestat(os.stat(path), os.fstat(self._file.fileno()))
        except (OSError, ValueError):
            return False

    def on_call(self, call: Call) -> None:
        import json

        record = call._asdict() | {"time": timestamp(call.time)}
        line = (safe_json(json.dumps(record, ensure_ascii=False)) + "\n").encode()
        if self._writer is not None:
            if not self._writer.write(line):
                self._missing += 1
        elif self._failure is None:
            try:
                write_fully(self._file, line)
            except OSError as error:
                self._failure = error

    def close(self) -> None:
        """Close the file. Raises PynetdbError if not all of the trace is in it."""
        try:
            if self._writer is not None:
                self._writer.close()
            self._file.close()
        except OSError as error:
            self._failure = error
        if self._failure is not None:
            told = f"{self._path}: {self._failure.strerror}, the trace is incomplete"
            raise PynetdbError(told, hint="trace") from self._failure
        if self._missing:
            raise PynetdbError(
                f"{self._path}: {self._missing} calls are missing, the disk was too slow", hint="trace"
            )

    def _describe_gap(self, number: int) -> bytes:
        return f'{{"call": "gap", "calls": {number}}}\n'.encode()


def _open_emptied(path: str | os.PathLike[str]) -> IO[bytes]:
    """Open a file for a trace and empty it, unless it is somebody's database."""
    if is_sqlite(path):
        raise CommandLineError(f"--trace {path}: is a database, which a trace would destroy")
    return open(path, "wb", buffering=0)
