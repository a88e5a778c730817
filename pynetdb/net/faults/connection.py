"""A connection on which what we send is late, slow, cut, damaged or broken off."""

import os
import socket
import struct
import sys
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

from pynetdb.net.faults.faults import Faults, FaultTeller
from pynetdb.net.loop import WRITE, Loop, Timer
from pynetdb.net.network import Network
from pynetdb.net.server.connection import Connection, ConnectionHandler, Data, State
from pynetdb.net.server.file_range import FileRange

# struct linger: close() sends a reset in place of a FIN.
_RESET = struct.pack("HH" if os.name == "nt" else "ii", 1, 0)

# A slow line takes what it carries in so many seconds at a time: fine enough for any eye.
_TICK = 0.01

# So far behind a slow line may be, because we were late, and still catch up.
_CATCH_UP = 0.1

# How long what was sent may take to leave the kernel before the reset that would destroy it.
_RESET_PATIENCE = 1.0
_LOOK_AGAIN = 0.001

# And how long the peer's program has to read it. Who learns of the reset first never looks.
_READING_TIME = 0.02

# Pieces leave so many seconds apart, or the peer's kernel would join them again before its program reads.
# Of a long message only the first so many do: it shall come to its end.
_PIECE_PAUSE = 0.001
_APART = 100

# Of a file at a time: it must pass through us, where a fault can meet it.
_FILE_PIECE = 64 * 1024


def fault_connections(
    faults: Faults, network: Network
) -> Callable[
    [socket.socket, int, Any, ConnectionHandler, Loop, Callable[[Connection, OSError | None], None]],
    Connection,
]:
    """Return what makes connections for a Server."""
    return partial(FaultyConnection, faults, network)


def reset_connection(network: Network, sock: socket.socket, number: int, peer: Any) -> None:
    """Reset a connection that was just accepted, and tell of it."""
    FaultTeller(network, f"#{number}", number, "received").tell("refuse", peer, 0)
    with sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


class FaultyConnection(Connection):
    """A Connection whose sends go through a gate.

    Everything leaves by `_wire`, which here is the connection itself: it sends no more than the gate lets
    through now. While that is nothing the loop does not wait for room to write, and a timer opens the gate.
    Positions are counted in bytes sent on this connection, so that the same faults happen however the bytes
    are cut.
    """

    __slots__ = (
        "_backlogged",
        "_bad",
        "_busy_until",
        "_doomed",
        "_due",
        "_faults",
        "_flips",
        "_gate",
        "_last_due",
        "_pieces",
        "_queued",
        "_specs",
        "_stalls",
        "_teller",
        "_told",
    )

    def __init__(self, faults: Faults, network: Network, *rest: Any) -> None:
        self._specs = faults.specs
        self._gate: Timer | None = None
        self._doomed = False
        # Byte positions and the moments from which what lies before them may leave.
        self._due: deque[tuple[int, float]] = deque()
        self._last_due = 0.0
        self._queued = 0
        self._busy_until = 0.0
        self._backlogged = False
        self._stalls = deque(faults.specs.stalls)
        # The next bytes to be damaged: their positions, and by which bit. Once begun the last of them lies
        # behind all that was sent.
        self._bad: deque[tuple[int, int]] = deque()
        self._pieces = 0
        self._told: set[str] = set()
        super().__init__(*rest)
        self._wire = self
        self._faults = faults.sequence("delay", self.number)
        self._flips = faults.sequence("corrupt", self.number)
        # A connection that we made is none of those that are numbered.
        who = getattr(self.sock, "who", f"#{self.number}")
        self._teller = FaultTeller(network, who, self.number or None, "sent")
        if self._cut_off == 0:
            self._doom()

    # What handlers call

    def write(self, data: Data) -> None:
        if self._doomed or self.state is State.CLOSED:
            return
        self._queue(len(data))
        super().write(data)

    def write_file(self, part: FileRange) -> None:
        if self._doomed:
            part.close()
            return
        self._queue(part.left)
        super().write_file(part)

    # The gate

    @property
    def _cut_off(self) -> int | None:
        """After how many bytes the connection breaks; None: it does not."""
        places = [at for at in (self._specs.reset_after, self._specs.close_after) if at is not None]
        return min(places) if places else None

    def _queue(self, size: int) -> None:
        """Note when what is written now may leave."""
        self._queued += size
        if self._specs.delay is not None and size:
            delay = self._faults.uniform(*self._specs.delay)
            # A stream keeps its order: nothing overtakes what was written before it.
            self._last_due = max(self._last_due, time.monotonic() + delay)
            self._due.append((self._queued, self._last_due))
            self._teller.tell("delay", self.peer, self._queued - size, delay)

    def send_file(self, descriptor: int, first: int, size: int) -> int:
        """What FileRange calls in place of the system's sendfile, which would pass the faults by."""
        size = min(size, _FILE_PIECE)
        if hasattr(os, "pread"):
            data = os.pread(descriptor, size, first)
        else:
            os.lseek(descriptor, first, os.SEEK_SET)
            data = os.read(descriptor, size)
        return self.send(data) if data else 0

    def send(self, data: Data) -> int:
        """Send what may leave now. Raises BlockingIOError if nothing may, OSError."""
        now = time.monotonic()
        size = self._allowance(now, len(data))
        if not size:
            raise BlockingIOError
        piece = memoryview(data)[:size]
        sent = self.sock.send(self._damaged(piece) if self._specs.corrupt else piece)
        self._note_sent(now, sent, len(data))
        return sent

    def _allowance(self, now: float, size: int) -> int:
        """Return how many of `size` bytes may leave now; for none, close the gate until some may."""
        specs = self._specs
        at = self.bytes_sent
        if self._doomed or self._gate is not None:
            return 0
        if self._stalls:
            stall = self._stalls[0]
            if at >= stall.after:
                self._stalls.popleft()
                self._teller.tell("stall", self.peer, at, stall.seconds)
                return self._shut(stall.seconds)
            size = min(size, stall.after - at)
        while self._due and self._due[0][0] <= at:
            self._due.popleft()
        if self._due:
            end, due = self._due[0]
            if due > now:
                return self._shut(due - now)
            size = min(size, end - at)
        if specs.rate is not None:
            if self._busy_until > now:
                return self._shut(self._busy_until - now)
            size = min(size, max(int(specs.rate * _TICK), 1))
        if specs.split is not None:
            size = min(size, specs.split)
        cut_off = self._cut_off
        return size if cut_off is None else min(size, cut_off - at)

    def _note_sent(self, now: float, sent: int, wanted: int) -> None:
        specs = self._specs
        at = self.bytes_sent + sent
        if specs.rate is not None:
            # Only where more waited already: a line that was idle has not saved anything up.
            earliest = now - _CATCH_UP if self._backlogged else now
            self._busy_until = max(self._busy_until, earliest) + sent / specs.rate
            self._backlogged = sent < wanted
        for name, limit in (("rate", specs.rate), ("split", specs.split)):
            if limit is not None and sent < wanted and name not in self._told:
                self._told.add(name)  # Once a connection: it is the same for all that follows.
                self._teller.tell(name, self.peer, self.bytes_sent)
        if specs.split is not None:
            self._pieces = self._pieces + 1 if sent < wanted else 0
            if 0 < self._pieces <= _APART:
                self._shut(_PIECE_PAUSE)
        while self._bad and self._bad[0][0] < at:
            position, _ = self._bad.popleft()
            self._teller.tell("corrupt", self.peer, position)
        if at == self._cut_off:
            self._doom()

    def _damaged(self, piece: memoryview) -> bytearray:
        """Return a copy in which some bits are the other way round."""
        start = self.bytes_sent
        copy = bytearray(piece)
        while not self._bad or self._bad[-1][0] < start + len(copy):
            last = self._bad[-1][0] if self._bad else -1
            self._bad.append((last + _gap(self._flips, self._specs.corrupt), self._flips.randrange(8)))
        for position, bit in self._bad:
            if position < start + len(copy):
                copy[position - start] ^= 1 << bit
        return copy

    def _shut(self, seconds: float) -> int:
        self._gate = self._loop.call_later(seconds, self._open)
        self._update_interest()
        return 0

    def _open(self) -> None:
        self._gate = None
        if self.state is not State.CLOSED:
            self._flush()
            self._update_interest()

    def _wait_for(self, wanted: int) -> None:
        super()._wait_for(wanted & ~WRITE if self._gate is not None or self._doomed else wanted)

    # The end

    def _doom(self) -> None:
        """Break the connection before long: nothing more leaves."""
        if not self._doomed:
            self._doomed = True
            end = time.monotonic() + _RESET_PATIENCE
            if self._cut_off and self._specs.reset_after == self._cut_off:
                self._loop.call_later(_READING_TIME, partial(self._break, end))
            else:
                self._loop.call_soon(partial(self._break, end))

    def _break(self, end: float) -> None:
        if self.state is State.CLOSED:
            return
        reset = self._specs.reset_after is not None and self._cut_off == self._specs.reset_after
        if reset and time.monotonic() < end and _unsent(self.sock):
            # What the kernel has not sent yet a reset would destroy, and the peer get less than was asked.
            self._loop.call_later(_LOOK_AGAIN, partial(self._break, end))
            return
        self._teller.tell("reset-after" if reset else "close-after", self.peer, self.bytes_sent)
        for part in self._outgoing or ():
            if isinstance(part, FileRange):
                part.close()
        self._outgoing = None
        if reset:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._lose(ConnectionResetError("a fault of ours: reset-after"))
        else:
            # Gracefully: what the peer still says must not turn the end into a reset.
            self._graceful = self.state is not State.HALF_CLOSED
            self.state = State.DRAINING
            super()._end_draining()

    def _end_draining(self) -> None:
        if not self._doomed:  # Else `_break` is about to do it, in its own way.
            super()._end_draining()

    def _lose(self, error: OSError | None) -> None:
        if self._gate is not None:
            self._gate.cancel()
            self._gate = None
        self._wire = self.sock  # Else the two would keep each other in memory.
        super()._lose(error)


def _gap(sequence: Random, probability: float) -> int:
    """Return how far it is to the next one that is hit, 1 for the very next (a geometric distribution)."""
    from math import log

    if probability >= 1:
        return 1
    return 1 + int(log(1 - sequence.random()) / log(1 - probability))


def _unsent(sock: socket.socket) -> int:
    """Return how many bytes the kernel holds that the peer has not acknowledged; 0 where it does not say."""
    if not sys.platform.startswith("linux"):
        return 0
    import fcntl
    import termios

    try:
        return int(struct.unpack("i", fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, b"\0" * 4))[0])
    except OSError:
        return 0
