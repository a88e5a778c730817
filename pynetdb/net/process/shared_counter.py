"""Numbers that several processes share, each one a descriptor that they inherit: Linux's eventfd(2)."""

import os
import sys
from contextlib import suppress

# An eventfd holds up to 2**64 - 2, and a write that goes beyond it would wait.
_MOST = 2**64 - 2


class Tokens:
    """So many of something. Whoever takes one has it alone, whatever the others do at that moment."""

    def __init__(self, number: int) -> None:
        """Raises OSError if there is no descriptor left."""
        self._fd = _eventfd(one_by_one=True)
        if number:
            _add(self._fd, min(number, _MOST))

    def take(self) -> bool:
        """Take one; return whether there was one."""
        return _read(self._fd) == 1

    def give(self) -> None:
        """Give one back."""
        _add(self._fd, 1)

    def close(self) -> None:
        """Let go of our descriptor; the others keep theirs."""
        os.close(self._fd)


class Tally:
    """A sum that many add to and one reads, who waits for it on the loop by `fileno`."""

    def __init__(self) -> None:
        """Raises OSError if there is no descriptor left."""
        self._fd = _eventfd(one_by_one=False)

    def fileno(self) -> int:
        return self._fd

    def add(self, number: int) -> None:
        """Add a number, 1 or more."""
        _add(self._fd, number)

    def read(self) -> int:
        """Return what was added since the last time."""
        return _read(self._fd)

    def close(self) -> None:
        """Let go of our descriptor; the others keep theirs."""
        os.close(self._fd)


def _eventfd(*, one_by_one: bool) -> int:
    if sys.platform != "linux":
        raise AssertionError("workers are for Linux, which is found out before")
    return os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC | (os.EFD_SEMAPHORE if one_by_one else 0))


def _add(fd: int, number: int) -> None:
    if sys.platform == "linux":
        os.eventfd_write(fd, number)


def _read(fd: int) -> int:
    if sys.platform == "linux":
        with suppress(BlockingIOError):  # It is zero.
            return os.eventfd_read(fd)
    return 0
