"""Long work in small pieces, so that the loop is never away for long."""

import time
from collections import deque
from collections.abc import Callable, Iterator

# For so many seconds at a time, however many want something done: what others wait for is this and one step.
SLICE = 0.004


class GradualWork:
    """Does the steps of several works in turns, a slice of time in each turn of the loop.

    A work is an iterator: each `next` is a step of at most a millisecond or so, and its end is the work's.
    """

    def __init__(self, call_soon: Callable[[Callable[[], None]], None]) -> None:
        self._call_soon = call_soon
        self._works: deque[Iterator[None]] = deque()
        self._due = False

    def add(self, work: Iterator[None]) -> None:
        """Begin, or go on with, a work."""
        self._works.append(work)
        if not self._due:
            self._due = True
            self._call_soon(self._do_a_slice)

    def _do_a_slice(self) -> None:
        self._due = False
        end = time.perf_counter() + SLICE
        while self._works and time.perf_counter() < end:
            work = self._works.popleft()
            if next(work, self) is not self:
                self._works.append(work)
        if self._works:
            self._due = True
            self._call_soon(self._do_a_slice)
