"""A deadline and ^C that hold whatever the database's library does.

A library that is busy in one long function looks at nothing, and Python's handlers wait for it. Then a
second thread ends the process, with the status and the words that the command would have ended with.
"""

import _thread
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

from pynetdb.errors import DeadlineError
from pynetdb.terminal import safe_line
from pynetdb.whole_file import remove_unfinished

# A library that hears needs less to stop by itself; then nothing has to be cut short.
_GRACE = 0.5
# Who has written must undo it, which takes as long as it takes. Cut short, it is undone by the next one.
_GRACE_OF_WRITERS = 10.0
_LOOK_AGAIN = 0.05

Running = Callable[[], int | None]
"""Returns the number of the statement that runs, None for none."""


@contextmanager
def watch(place: str, running: Running, timeout: float | None, *, writes: bool = False) -> Iterator[None]:
    """In the block, end the process if a statement goes on after `timeout` seconds (None: for ever), or ^C.

    The process ends with status 4 and a line that names `place`, or with 130, once the statement has had
    a moment to end by itself. Only the main thread of a command may watch. Where the system has no
    further thread or no wake-up descriptor, the block runs unwatched.
    """
    over = _thread.allocate_lock()
    over.acquire()
    descriptors: tuple[int, int] | None = None
    previous = -1
    grace = _GRACE_OF_WRITERS if writes else _GRACE
    with suppress(RuntimeError, OSError):
        if timeout is not None:
            _thread.start_new_thread(_watch_clock, (place, running, time.monotonic() + timeout, grace, over))
        if os.name == "posix":
            descriptors = os.pipe()
            os.set_blocking(descriptors[1], False)
            _thread.start_new_thread(_watch_signals, (descriptors[0], running, grace))
            previous = signal.set_wakeup_fd(descriptors[1], warn_on_full_buffer=False)
    try:
        yield
    finally:
        over.release()
        if descriptors is not None:
            signal.set_wakeup_fd(previous)
            # The end of the pipe ends the thread, which closes the other one.
            os.close(descriptors[1])


def _watch_clock(
    place: str, running: Running, end: float, grace: float, over: "_thread.LockType"
) -> None:  # pragma: no cover - the process ends here
    if over.acquire(timeout=max(0.0, end + grace - time.monotonic())):
        return
    while running() is None:
        if over.acquire(timeout=_LOOK_AGAIN):
            return
    _end(DeadlineError.exit_status, f"{place}: the statement did not end in time")


def _watch_signals(reading: int, running: Running, grace: float) -> None:
    try:
        while data := os.read(reading, 16):
            statement = running()
            for number in data:
                if statement is None or number not in (signal.SIGINT, signal.SIGTERM):
                    continue
                time.sleep(grace)
                if running() == statement:
                    _end(130 if number == signal.SIGINT else 128 + number, None)
    finally:
        os.close(reading)


def _end(status: int, message: str | None) -> NoReturn:  # pragma: no cover - the process ends here
    remove_unfinished()
    if message is not None and sys.stderr is not None:
        with suppress(OSError):
            os.write(2, f"Error: {safe_line(message)}\n".encode("utf-8", "backslashreplace"))
    os._exit(status)
