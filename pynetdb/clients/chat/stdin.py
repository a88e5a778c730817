"""What arrives on standard input, brought to a loop."""

import os
import threading
from collections.abc import Callable

from pynetdb.net.loop import Loop
from pynetdb.protocols.lines import LineReader
from pynetdb.threads import start_thread

_PIECE = 4096


class Input:
    """Reads descriptor 0 in a thread of its own, and calls `arrived` on the loop, `b''` at the end.

    A thread, because selectors cannot wait for files, nor for anything but sockets on Windows. It reads
    ahead by one piece, however long the loop takes, and only after `more`.
    """

    def __init__(self, loop: Loop, arrived: Callable[[bytes], None], descriptor: int = 0) -> None:
        self._loop = loop
        self._arrived = arrived
        self._descriptor = descriptor
        self._wanted = threading.Semaphore(0)
        # A daemon: at the end of the process it may still be waiting for a line that nobody types.
        start_thread(self._read, "reading standard input")

    def more(self) -> None:
        """Ask for one more piece."""
        self._wanted.release()

    def _read(self) -> None:
        data = b"."
        while data:
            self._wanted.acquire()
            try:
                # Not sys.stdin: its lock, held by a daemon, would break the end of the interpreter.
                data = os.read(self._descriptor, _PIECE)
            except OSError:
                data = b""  # Closed, or the terminal is gone: nobody will type any more.
            self._loop.call_from_thread(lambda piece=data: self._arrived(piece))  # type: ignore[misc]


class Lines:
    """Cuts pieces of text into lines; what is not UTF-8 becomes `\\xff`."""

    def __init__(self) -> None:
        self._lines = LineReader(None)

    def receive_data(self, data: bytes) -> list[str]:
        """Return the lines that are complete now."""
        return [_decoded(line) for line in self._lines.receive_data(data)]

    def receive_eof(self) -> list[str]:
        """Return the last line, if it had no end."""
        return [_decoded(line) for line in self._lines.receive_eof()]


def _decoded(line: bytes) -> str:
    return line.decode("utf-8", "backslashreplace")
