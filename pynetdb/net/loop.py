"""Event-driven programming, written out: wait for any socket, call whoever waits for it."""

import heapq
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count

from pynetdb.net import poller
from pynetdb.net.sockets import Sockets

READ = poller.READ
WRITE = poller.WRITE
_BOTH = READ | WRITE

# One receive buffer for all connections, because only one of them is being read at any moment. Large
# enough for bulk data at memory speed (64 KiB halves it, measured); idle connections then cost nothing.
_BUFFER_SIZE = 256 * 1024


MAX_SOCKETS = 512 if sys.platform == "win32" else None
"""How many sockets a loop can wait for: CPython's FD_SETSIZE where there is nothing better than select()."""


class Timer:
    """A callback at a moment; `cancel` before that and it never comes."""

    __slots__ = ("callback",)

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self.callback = None


class Loop:
    """One thread, one poller, timers in a heap, and a socket pair that wakes it.

    A callback for a socket is called with the events that happened, READ or WRITE or both; an error or a
    hang-up comes as both, whatever it waits for. Callbacks must not block, also if nothing has happened: a
    descriptor may be somebody else's by the time of its call. An exception in one ends `run`.
    """

    def __init__(self, sockets: Sockets) -> None:
        self.buffer = bytearray(_BUFFER_SIZE)
        self.view = memoryview(self.buffer)
        """The receive buffer and its view: what they hold is good until the callback returns."""
        self.turn = 0
        """How often it has waited. What is ready in a turn had arrived before the first callback of it."""
        self._poller = poller.make_poller()
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = count()  # Timers of the same moment fire in the order in which they were set.
        self._soon: deque[Callable[[], None]] = deque()
        self._stopped = False
        self._waker, self._woken = sockets.pair()
        self._waker.setblocking(False)
        self._woken.setblocking(False)
        self.register(self._woken, READ, self._drain_wakeups)

    def register(self, sock: socket.socket, events: int, callback: poller.Callback) -> None:
        """Call `callback` when one of `events` happens on `sock`, until `unregister`."""
        self._poller.register(sock, events, callback)

    def modify(self, sock: socket.socket, events: int, callback: poller.Callback) -> None:
        """Change what a registered socket waits for."""
        self._poller.modify(sock, events, callback)

    def unregister(self, sock: socket.socket) -> None:
        """Call nothing for a registered socket any more."""
        self._poller.unregister(sock)

    def forget(self, sock: socket.socket) -> None:
        """Like `unregister`, for a socket that is closed right after this, which spares a call."""
        self._poller.forget(sock)

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Call `callback` after `delay` seconds."""
        timer = Timer(callback)
        heapq.heappush(self._timers, (time.monotonic() + delay, next(self._order), timer))
        return timer

    def call_soon(self, callback: Callable[[], None]) -> None:
        """Call `callback` at the end of this turn. Signal handlers may use it too."""
        self._soon.append(callback)

    def call_from_thread(self, callback: Callable[[], None]) -> None:
        """Call `callback` on the loop's thread: the one method that other threads may use."""
        self._soon.append(callback)
        try:
            self._waker.send(b"\0")
        except BlockingIOError:
            pass  # The pair is full of wake-ups already.
        except OSError:
            pass  # The loop was closed meanwhile: nobody is left to be told.

    def wakeup_fileno(self) -> int:
        """Return the descriptor for `signal.set_wakeup_fd`: a byte written there ends the wait."""
        return self._waker.fileno()

    @contextmanager
    def woken_by_signals(self) -> Iterator[None]:
        """Let a signal end the wait, for the length of the block on the main thread."""
        if sys.platform == "win32":
            # There select() notices none, and ^C would wait until something else happens.
            signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
            try:
                yield
            finally:
                signal.set_wakeup_fd(-1)
        else:
            yield

    def run(self) -> None:
        """Serve until `stop`."""
        poll, callbacks = self._poller.poll, self._poller.callbacks
        while not self._stopped:
            ready = poll(self._timeout_to_next_timer())
            self.turn += 1
            for descriptor, events in ready:
                try:
                    callback = callbacks[descriptor]
                except KeyError:
                    continue  # It was unregistered in this very turn.
                callback(events if events <= _BOTH else _BOTH)
            if self._timers and self._timers[0][0] <= time.monotonic():
                self._run_due_timers()
            if self._soon:
                self._run_soon()

    def run_until(self, is_done: Callable[[], bool]) -> None:
        """Serve until `is_done` says so after a turn, or until `stop`; `run` may follow."""
        while not (self._stopped or is_done()):
            ready = self._poller.poll(self._timeout_to_next_timer())
            self.turn += 1
            for descriptor, events in ready:
                callback = self._poller.callbacks.get(descriptor)
                if callback is not None:
                    callback(min(events, _BOTH))
            self._run_due_timers()
            self._run_soon()

    def stop(self) -> None:
        """Make `run` return at the end of this turn."""
        self._stopped = True

    def close(self) -> None:
        """Let go of the poller and the pair. What others registered is theirs to close."""
        self._poller.close()
        self._waker.close()
        self._woken.close()
        self.view.release()

    def abandon(self) -> None:
        """In a new process: let go of our descriptors, and leave what they stand for to the parent."""
        self._poller.close()
        self._waker.close()
        self._woken.close()

    def _timeout_to_next_timer(self) -> float | None:
        """How long the selector may wait: until the next timer, for ever without one."""
        if self._soon:
            return 0
        if not self._timers:
            return None
        return max(0.0, self._timers[0][0] - time.monotonic())

    def _run_due_timers(self) -> None:
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            callback = heapq.heappop(self._timers)[2].callback
            if callback is not None:
                callback()

    def _run_soon(self) -> None:
        # Only those of now: what they add has its turn after the sockets had theirs.
        for _ in range(len(self._soon)):
            self._soon.popleft()()

    def _drain_wakeups(self, events: int) -> None:
        with suppress(BlockingIOError):  # Somebody else's wake-up was read with the last one.
            self._woken.recv(4096)
