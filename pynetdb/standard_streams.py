"""Standard input, output and error, in whatever state we get them: closed, full, broken, non-blocking."""

import io
import os
import sys
import time
from typing import IO, Any, TextIO

from pynetdb.errors import CommandLineError

# Somebody who shares a descriptor may have made it non-blocking (Node.js does). There is nothing to wait on
# that works for every kind of descriptor and on every system, so we look again after this many seconds.
_LOOK_AGAIN = 0.005


def hold_standard_streams() -> None:
    """Make text UTF-8 with `\\n`, and keep descriptors 0 to 2 from becoming files or sockets.

    A process can be started with them closed (`>&-`); the first file or socket it opens would then take
    the number, and whatever is printed would go there. /dev/null opened the wrong way round takes the
    place instead, so that output is an error rather than lost. Standard error alone is a courtesy.
    """
    for descriptor, flags in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, flags)
    # On Windows a console is no file: Python's own streams know how to speak to it.
    if os.name == "posix" or sys.stdin is None:
        sys.stdin = io.TextIOWrapper(io.BufferedReader(_Input(0, "rb", closefd=False)), "utf-8")
    if os.name == "posix" or sys.stdout is None:
        sys.stdout = _text_output(1)
    if os.name == "posix" or sys.stderr is None:
        sys.stderr = _text_output(2)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def open_standard_input() -> IO[bytes]:
    """Return the bytes of standard input, unbuffered; closing them closes nothing.

    Reading raises CommandLineError where nothing can be read.
    """
    return _Input(0, "rb", closefd=False)


def discard(stream: TextIO) -> None:
    """Send to nowhere what cannot be written: the interpreter flushes once more at its end, and complains."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def flush_standard_error() -> None:
    """Write what is still buffered, or forget it: nobody is left to be told."""
    try:
        sys.stderr.flush()
    except OSError:
        discard(sys.stderr)


class _Input(io.FileIO):
    """Reading that waits for data, and whose errors name the culprit."""

    def readinto(self, buffer: Any) -> int:
        try:
            while (count := super().readinto(buffer)) is None:
                time.sleep(_LOOK_AGAIN)
        except OSError as error:
            raise CommandLineError(f"standard input: {error.strerror}") from error
        return count

    def read(self, size: int = -1) -> bytes:  # type: ignore[override]
        if size < 0:
            return self.readall()
        buffer = bytearray(size)
        return bytes(buffer[: self.readinto(buffer)])

    def readall(self) -> bytes:
        pieces = []
        while piece := self.read(io.DEFAULT_BUFFER_SIZE):
            pieces.append(piece)
        return b"".join(pieces)


class _Output(io.FileIO):
    """Writing that waits for room, and is whole or an error."""

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        left = view
        while left:
            count = super().write(left)
            if count is None:
                time.sleep(_LOOK_AGAIN)
            else:
                left = left[count:]
        return len(view)


def _text_output(descriptor: int) -> TextIO:
    raw = _Output(descriptor, "wb", closefd=False)
    # As the interpreter does it: what a person reads is shown line by line.
    lines = descriptor == 2 or raw.isatty()
    return io.TextIOWrapper(io.BufferedWriter(raw), "utf-8", line_buffering=lines)
