"""A second thread that works on some rows while SQLite looks for the next.

SQLite lets go of the interpreter's lock meanwhile. That pays only where it is at work for long, on many
rows at a time: otherwise one thread waits for the other at every row.
"""

import time
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Generic, TypeVar

from pynetdb.errors import PynetdbError
from pynetdb.threads import start_thread

T = TypeVar("T")

# Blocks that are worked on before a thread is begun: a small result does without.
_ALONE = 4

# Seconds for a block. One that took longer is not kept back until the next is there.
_SLOW = 0.05


def convert_ahead(blocks: Iterator[T], convert: Callable[[T], bytes], processors: int) -> Iterator[bytes]:
    """What `convert` makes of each block, in order; it must touch nothing that the caller's thread uses.

    With one processor there is nothing to be won, and no thread.
    """
    for number, block in enumerate(blocks, 1):
        yield convert(block)
        if number == _ALONE and processors > 1:
            break
    try:
        worker = _Worker(convert)
    except PynetdbError:  # There may be no further thread.
        yield from map(convert, blocks)
        return
    try:
        yield from _convert_beside(blocks, worker)
    finally:
        worker.end()


def _convert_beside(blocks: Iterator[T], worker: "_Worker[T]") -> Iterator[bytes]:
    waiting = False
    while True:
        asked = time.monotonic()
        try:
            block = next(blocks, None)
        except PynetdbError:
            # What came before is told first.
            if waiting:
                yield worker.take()
            raise
        done = worker.take() if waiting else None
        waiting = block is not None
        if block is not None:
            worker.give(block)
        if done is not None:
            yield done
        if block is None:
            return
        if time.monotonic() - asked > _SLOW:
            yield worker.take()
            waiting = False


class _Worker(Generic[T]):
    """A thread that converts one block after the other."""

    def __init__(self, convert: Callable[[T], bytes]) -> None:
        self._convert = convert
        self._blocks: SimpleQueue[T | None] = SimpleQueue()
        self._texts: SimpleQueue[bytes | None] = SimpleQueue()
        start_thread(self._run, "making text of rows")

    def give(self, block: T) -> None:
        """Have a block converted."""
        self._blocks.put(block)

    def take(self) -> bytes:
        """Wait for what was made of the oldest block."""
        text = self._texts.get()
        if text is None:
            raise RuntimeError("the thread that makes text of rows has ended")
        return text

    def end(self) -> None:
        """Let the thread end."""
        self._blocks.put(None)

    def _run(self) -> None:
        try:
            while (block := self._blocks.get()) is not None:
                self._texts.put(self._convert(block))
        finally:
            self._texts.put(None)
