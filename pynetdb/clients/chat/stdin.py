"""What arrives on standard input, brought to a loop."""

import os
import sys
import threading
from _thread import interrupt_main
from collections.abc import Callable

from pynetdb.net.loop import Loop
from pynetdb.protocols.lines import LineReader
from pynetdb.threads import start_thread

_PIECE = 4096


class Input:
    """Reads descriptor 0 in a thread of its own, and calls `arrived` on the loop, `b''` at the end.

    It reads pieces, or with `keys` each key of a terminal that is in cbreak mode.

    A thread, because selectors cannot wait for files, nor for anything but sockets on Windows. It reads
    ahead by one piece, however long the loop takes, and only after `more`.
    """

    def __init__(self, loop: Loop, arrived: Callable[[bytes], None], *, keys: bool = False) -> None:
        self._loop = loop
        self._arrived = arrived
        self._read_piece = _reader_of_keys() if keys else _reader_of_pieces()
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
                data = self._read_piece()
            except KeyboardInterrupt:  # A key on Windows, where it is the main thread's to be interrupted.
                interrupt_main()
                data = b""
            except OSError:
                data = b""  # Closed, or the terminal is gone: nobody will type any more.
            self._loop.call_from_thread(lambda piece=data: self._arrived(piece))  # type: ignore[misc]


def _reader_of_pieces() -> Callable[[], bytes]:
    """Return what reads a piece of descriptor 0.

    Not sys.stdin: its lock, held by a daemon, would break the end of the interpreter.
    """
    if sys.platform == "win32":
        # It reads a console as UTF-8 whatever its code page is, until Ctrl-Z; and a pipe as it is.
        stream = open(0, "rb", buffering=0, closefd=False)  # noqa: SIM115 - nothing is to be closed
        return lambda: stream.read(_PIECE) or b""
    return lambda: os.read(0, _PIECE)


def _reader_of_keys() -> Callable[[], bytes]:
    """Return what reads keys, one at least."""
    if sys.platform == "win32":
        from pynetdb.windows_console import read_key

        def read() -> bytes:
            while not (key := read_key()):
                pass  # A key that means nothing here.
            return key

        return read
    return lambda: os.read(0, _PIECE)


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
