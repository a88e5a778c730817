"""A terminal on which lines arrive while one is being typed."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from pynetdb.clients.chat.line_editor import EndOfInput, LineEditor
from pynetdb.terminal import obeys_escapes, wrap_line


class Screen:
    """Writes above the line being typed, which stays as it is."""

    def __init__(self, names: Callable[[], Sequence[str]]) -> None:
        self._editor = LineEditor("> ", names)

    def receive_data(self, data: bytes) -> list[str | EndOfInput]:
        """Take what was typed, and return the lines that were entered."""
        entered = self._editor.receive_data(data)
        self.draw()
        return entered

    def show(self, line: str) -> None:
        """Write a line above; it must be safe for a terminal already."""
        sys.stdout.write(f"\r\x1b[K{wrap_line(line, _width())}\n")
        self.draw()

    def draw(self) -> None:
        """Draw the line being typed."""
        sys.stdout.write(self._editor.picture(_width()))
        sys.stdout.flush()

    def clear(self) -> None:
        """Take the line being typed off the screen, for good."""
        sys.stdout.write("\r\x1b[K")
        sys.stdout.flush()


def can_edit() -> bool:
    """Say whether both ends are a terminal that can be told where to write."""
    if sys.stdin is None or not sys.stdin.isatty():  # None: started with it closed.
        return False
    # A console of Windows has no TERM, and says itself what it can.
    return obeys_escapes(sys.stdout) and (sys.platform == "win32" or "TERM" in os.environ)


@contextmanager
def cbreak(descriptor: int = 0, resumed: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Put a terminal into cbreak mode for the block: every key at once, unechoed; ^C still interrupts.

    While we are stopped (^Z) the shell has the terminal its own way. Back in the foreground it is put into
    cbreak mode again, and `resumed` is called, between two instructions of anything.
    """
    if sys.platform == "win32":
        yield  # There a key is asked for unechoed: `windows_console.read_key`.
        return
    import signal
    import termios

    before = termios.tcgetattr(descriptor)
    changed = termios.tcgetattr(descriptor)
    changed[0] &= ~termios.ICRNL & ~termios.IXON
    changed[3] &= ~(termios.ICANON | termios.ECHO)
    changed[6][termios.VMIN] = 1
    changed[6][termios.VTIME] = 0

    def resume(number: int, frame: object) -> None:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, changed)
        resumed()

    termios.tcsetattr(descriptor, termios.TCSADRAIN, changed)
    handler = signal.signal(signal.SIGCONT, resume)
    try:
        yield
    finally:
        signal.signal(signal.SIGCONT, handler)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _width() -> int:
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except OSError:
        return 80
