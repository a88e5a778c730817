"""Bytes to a descriptor: all of them or an error; for those who must not wait, from a thread of its own."""

import errno
import os
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from pynetdb.threads import start_thread

# A reader that stalls may make us hold so much; what comes beyond it is dropped and counted.
MAX_PENDING = 4 * 1024 * 1024

# Taken from the queue at a time: one system call for many lines when they come fast.
_PIECE = 64 * 1024

# Somebody who shares our output may have made it non-blocking (Node.js does). There is nothing to wait on
# that works for every kind of descriptor and on every system, so we look again after this many seconds.
_LOOK_AGAIN = 0.005

# At the end: how long a reader may take for what it is still owed, as long as it takes some of it.
_CLOSE_TIMEOUT = 2.0
_CLOSE_STALL = 0.5


class RawStream(Protocol):
    """An unbuffered stream: `write` takes some of the bytes, or returns None if it would block."""

    def write(self, data: memoryview, /) -> int | None: ...


def write_fully(stream: RawStream, data: bytes) -> None:
    """Write all of `data`, waiting for as long as it takes. Raises OSError if not all of it could be."""
    view = memoryview(data)
    while view:
        try:
            count = stream.write(view)
        except OSError as error:
            if not is_broken_pipe(error):
                raise
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE)) from error
        if count is None:
            time.sleep(_LOOK_AGAIN)
        else:
            view = view[count:]


def is_broken_pipe(error: OSError) -> bool:
    """Say whether nobody reads what we write; Windows says it with a number of its own."""
    return isinstance(error, BrokenPipeError) or (sys.platform == "win32" and error.errno == errno.EINVAL)


class BackgroundWriter:
    """Writes what it is given in a thread of its own, so that `write` never waits for a reader.

    At most `max_pending` bytes wait. What does not fit is dropped and counted, and once there is room again
    `describe_gap` makes of the count what is written in its place. `failed` is called once, from the
    thread, when nothing can be written any more; from then on everything is dropped in silence.
    """

    def __init__(
        self,
        stream: RawStream,
        describe_gap: Callable[[int], bytes],
        failed: Callable[[OSError], None] | None = None,
        max_pending: int = MAX_PENDING,
    ) -> None:
        import threading

        self.failure: OSError | None = None
        """Why nothing can be written any more."""
        self.dropped = 0
        """Pieces dropped since the last gap that was described."""
        self._stream = stream
        self._describe_gap = describe_gap
        self._failed = failed
        self._max_pending = max_pending
        self._queue: deque[bytes] = deque()
        # Each is changed by one thread alone; their difference is what waits.
        self._queued = 0
        self._written = 0
        self._idle = True
        self._closing = False
        self._wake = threading.Semaphore(0)
        self._ended = threading.Event()
        start_thread(self._run, "writing output")

    @property
    def pending(self) -> int:
        """How many bytes wait to be written."""
        return self._queued - self._written

    def write(self, data: bytes) -> bool:
        """Have `data` written, or drop it if too much waits already; return whether it will be written."""
        if self.failure is not None:
            return False
        if self._queued - self._written + len(data) > self._max_pending:
            self.dropped += 1
            return False
        if self.dropped:
            gap, self.dropped = self._describe_gap(self.dropped), 0
            self._put(gap)
        self._put(data)
        return True

    def close(self) -> None:
        """Wait a moment for what is still to be written. Raises the OSError that ended the writing."""
        self._closing = True
        self._wake.release()
        end = time.monotonic() + _CLOSE_TIMEOUT
        while time.monotonic() < end and not self._ended.is_set():
            before = self._written
            if not self._ended.wait(_CLOSE_STALL) and self._written == before:
                break  # Nobody reads.
        if self.failure is not None:
            raise self.failure

    def _put(self, data: bytes) -> None:
        self._queued += len(data)
        self._queue.append(data)
        if self._idle:
            self._idle = False
            self._wake.release()

    def _run(self) -> None:
        try:
            while True:
                if not self._queue:
                    if self._closing:
                        return
                    self._idle = True
                    # Something may have come between the look and the flag: then nobody wakes us.
                    if not self._queue:
                        self._wake.acquire()
                    continue
                piece = self._next_piece()
                write_fully(self._stream, piece)
                self._written += len(piece)
        except (OSError, ValueError) as error:
            # ValueError: the stream was closed under us, as the interpreter does at its end.
            self.failure = error if isinstance(error, OSError) else OSError(str(error))
            self._queue.clear()
            if self._failed is not None:
                self._failed(self.failure)
        finally:
            self._ended.set()

    def _next_piece(self) -> bytes:
        parts = [self._queue.popleft()]
        size = len(parts[0])
        while self._queue and size < _PIECE:
            parts.append(self._queue.popleft())
            size += len(parts[-1])
        return b"".join(parts)
