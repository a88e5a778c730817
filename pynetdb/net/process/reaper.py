"""Waiting for children as the first process of a system or a container, which inherits everybody's."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from types import FrameType


def is_first_process() -> bool:
    """Say whether we are PID 1: whoever loses its parent is our child from then on."""
    return os.name == "posix" and os.getpid() == 1


class Reaper:
    """Waits for every child that ends, so that none stays a zombie.

    Made in the main thread. From then on nobody else may wait for a child: `wait_for` tells of one's end.
    """

    def __init__(self) -> None:
        self._codes: dict[int, int] = {}
        self._waiting: dict[int, Callable[[int], None]] = {}
        self._keeps_codes = True
        signal.signal(signal.SIGCHLD, self._on_child)

    def wait_for(self, pid: int, ended: Callable[[int], None]) -> None:
        """Call `ended` with the exit code of a child, or the negative number of the signal that ended it."""
        self._waiting[pid] = ended
        # It may have been faster. What the others left is of no interest once ours is known.
        code = self._codes.get(pid)
        self._keeps_codes = False
        self._codes.clear()
        if code is not None and self._waiting.pop(pid, None) is not None:
            ended(code)

    def _on_child(self, number: int, frame: FrameType | None) -> None:
        with suppress(ChildProcessError):  # Nobody is left.
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    return
                code = os.waitstatus_to_exitcode(status)
                ended = self._waiting.pop(pid, None)
                if ended is not None:
                    ended(code)
                elif self._keeps_codes:
                    self._codes[pid] = code
