"""A peer on the loop: a non-blocking socket, the bytes that it has not taken yet, and its state."""

import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from typing import Any

from pynetdb.net.loop import READ, WRITE, Loop, Timer
from pynetdb.net.server.file_range import FileRange
from pynetdb.net.sockets import check_end, probe_silence

Data = bytes | bytearray | memoryview

# Above it we stop reading from a peer until it has taken what we owe it, so that no peer can make us
# hold more than this and one receive buffer.
HIGH_WATER = 64 * 1024

# How long we listen to a peer whom we have told that we are done. Closing at once while its bytes
# arrive would make the kernel send a reset, which destroys our last words on their way (RFC 9112 9.6).
LINGER = 2.0

# A peer that sends faster than we discard must not keep us from leaving.
_MAX_DISCARDED = 16 * 1024 * 1024


class ConnectionHandler:
    """A protocol's side of a connection: told of everything that happens on it.

    `data` is a view of the loop's one receive buffer: copy what must outlive the call.
    """

    def connected(self, connection: "Connection") -> None:
        """Somebody connected."""

    def received(self, connection: "Connection", data: memoryview) -> None:
        """Bytes arrived, at least one."""

    def ended(self, connection: "Connection") -> None:
        """The peer sent its FIN: it will say no more, and may still listen."""
        connection.close()

    def drained(self, connection: "Connection") -> None:
        """All that was owed has been handed to the kernel, after some of it had to wait."""

    def lost(self, connection: "Connection", error: OSError | None) -> None:
        """The connection is over; called exactly once for each `connected`. `error` tells what broke it."""

    alpn: tuple[str, ...] = ()
    """The names of the protocol for TLS (RFC 7301), if it has any."""
    plain_refusal = b""
    """What somebody is told who speaks HTTP where TLS is spoken."""

    def refused(self, connection: "Connection") -> None:
        """One client too many: say so if the protocol has words for it. `close_gracefully` follows."""


class State(Enum):
    """Where a connection stands; the table of transitions is in Connection's docstring."""

    OPEN = "open"
    HALF_CLOSED = "half-closed"
    DRAINING = "draining"
    LINGERING = "lingering"
    CLOSED = "closed"


# Looked up for every message: a global name costs half of what an attribute of the class does.
_OPEN = State.OPEN
_HALF_CLOSED = State.HALF_CLOSED
_DRAINING = State.DRAINING
_LINGERING = State.LINGERING
_CLOSED = State.CLOSED


class Connection:
    """What a handler sees of a peer.

    `number` counts connections from 1, `peer` is its socket address, `context` is the handler's own.

    | state       | what holds                              | leads to                                      |
    |-------------|-----------------------------------------|-----------------------------------------------|
    | OPEN        | both directions are in use              | HALF_CLOSED by the peer's FIN; DRAINING by    |
    |             |                                         | `close` or `close_gracefully`                 |
    | HALF_CLOSED | the peer has said all, we may still say | DRAINING by `close` or `close_gracefully`     |
    | DRAINING    | we have said all, some of it is unsent; | LINGERING once it is sent, if gracefully and  |
    |             | nothing is read                         | the peer has not sent its FIN; else CLOSED    |
    | LINGERING   | our FIN is sent; what arrives is        | CLOSED by the peer's FIN or after LINGER      |
    |             | dropped                                 | seconds                                       |
    | CLOSED      | the descriptor is back at the system    |                                               |

    An error, `abort` and the end of the server lead to CLOSED from everywhere.
    """

    quiet_mark: int  # bytes that had moved when the server last looked, and since when they have not:
    quiet_since: float  # both are set where silence is limited
    layer: Any  # what stands between the handler and the wire; set by the classes that put something there

    __slots__ = (
        "_graceful",
        "_handler",
        "_interest",
        "_loop",
        "_outgoing",
        "_over",
        "_paused",
        "_timer",
        "_wire",
        "bytes_received",
        "bytes_sent",
        "context",
        "layer",
        "number",
        "peer",
        "quiet_mark",
        "quiet_since",
        "sock",
        "started",
        "state",
    )

    def __init__(
        self,
        sock: socket.socket,
        number: int,
        peer: Any,
        handler: ConnectionHandler,
        loop: Loop,
        over: Callable[["Connection", OSError | None], None],
    ) -> None:
        self.sock = sock
        self.number = number
        self.peer = peer
        self.context: Any = None
        self.state = _OPEN
        self.bytes_received = 0
        self.bytes_sent = 0
        self.started = time.monotonic()
        # What takes bytes and ranges of files: the socket, or who stands before it.
        self._wire: Any = sock
        self._handler = handler
        self._loop = loop
        self._over = over
        # What the peer has not taken yet, in order; None while it has taken everything.
        self._outgoing: deque[bytearray | FileRange] | None = None
        self._paused = False
        self._graceful = False  # Whether DRAINING leads to LINGERING: known in that state alone.
        self._timer: Timer | None = None
        self._interest = READ
        loop.register(sock, READ, self._ready)

    @property
    def closed(self) -> bool:
        """Whether the connection is over."""
        return self.state is _CLOSED

    @property
    def loop(self) -> Loop:
        """The loop that it is on."""
        return self._loop

    @property
    def pending(self) -> int:
        """How many bytes the peer has not taken yet."""
        if self._outgoing is None:
            return 0
        return sum(part.left if isinstance(part, FileRange) else len(part) for part in self._outgoing)

    @property
    def taken(self) -> int:
        """How many of the bytes that were written have left."""
        return self.bytes_sent

    def write(self, data: Data) -> None:
        """Send `data`: at once what the kernel takes, the rest when the peer makes room.

        Never blocks and never fails: a broken connection is told to `lost`.
        """
        outgoing = self._outgoing
        if outgoing is None:
            if self.state is _CLOSED:
                return
            try:  # `_transmit` without its call: nearly every byte goes this way.
                sent = self._wire.send(data)
            except OSError as error:
                sent = self._not_sent(error)
            else:
                self.bytes_sent += sent
            if sent == len(data) or sent < 0:
                return
            self._outgoing = deque((bytearray(data[sent:]),))
        elif isinstance(last := outgoing[-1], bytearray):
            last += data
        else:
            outgoing.append(bytearray(data))
        self._update_interest()

    def write_file(self, part: FileRange) -> None:
        """Send a range of a file after what is owed already; it is closed once it is sent or given up."""
        if self.state is _CLOSED:
            part.close()
            return
        if self._outgoing is None:
            if self._transmit(part.send, self._wire) < 0 or not part.left:
                part.close()
                return
            self._outgoing = deque()
        self._outgoing.append(part)
        self._update_interest()

    def pause(self) -> None:
        """Stop reading, until `resume`: the kernel's buffers then hold the peer back."""
        self._paused = True
        self._update_interest()

    def resume(self) -> None:
        """Read again."""
        self._paused = False
        self._update_interest()

    def close(self) -> None:
        """Close once everything is sent. The peer's further words are not read."""
        self._drain(graceful=False)

    def close_gracefully(self) -> None:
        """Half-close once all is sent, and wait for the peer's FIN: for last words to who may still talk."""
        self._drain(graceful=True)

    def keep_alive(self, silence: float) -> None:
        """Let the kernel probe a peer that is silent for so many seconds, and tell `lost` if it is dead."""
        with suppress(OSError):  # A machine that loses its power sends no FIN.
            probe_silence(self.sock, silence)

    def discard_input(self) -> None:
        """Read what has arrived and drop it: bytes left unread would turn `close` into a reset."""
        discarded = 0
        with suppress(OSError):
            while discarded < _MAX_DISCARDED and (count := self.sock.recv_into(self._loop.buffer)):
                discarded += count

    def abort(self, error: OSError | None = None) -> None:
        """Close now, whatever is still owed."""
        self._lose(error)

    # The one door for what goes out

    def _transmit(self, send: Callable[[Any], int], what: Any) -> int:
        """Hand bytes or a range of a file to the kernel; return how many it took, -1 if all is lost."""
        try:
            sent = send(what)
        except OSError as error:
            return self._not_sent(error)
        self.bytes_sent += sent
        return sent

    def _not_sent(self, error: OSError) -> int:
        """Nothing was taken: return 0 if there is no room just now, else -1, and the connection is lost."""
        if isinstance(error, (BlockingIOError, InterruptedError)):
            return 0
        self._lose(error)
        return -1

    def _flush(self) -> None:
        """Send what is owed, as much as the kernel takes."""
        outgoing = self._outgoing
        while outgoing:
            first = outgoing[0]
            if isinstance(first, FileRange):
                if self._transmit(first.send, self._wire) <= 0 or first.left:
                    return  # select() says when there is room, after the others have had their turn.
                first.close()
            else:
                sent = self._transmit(self._wire.send, first)
                if sent < 0:
                    return
                if sent < len(first):
                    del first[:sent]  # Cheap: a bytearray only moves its start.
                    if len(first) <= HIGH_WATER < len(first) + sent:
                        self._update_interest()
                    return
            outgoing.popleft()
        if outgoing is not None:
            self._all_sent()

    def _all_sent(self) -> None:
        self._outgoing = None
        if self.state is _DRAINING:
            self._end_draining()
        else:
            self._update_interest()
            self._handler.drained(self)

    # What comes in

    def _ready(self, events: int) -> None:
        if events & WRITE:
            self._flush()
            if self.state is _CLOSED or not (events & READ and self._interest & READ):
                return
        loop = self._loop
        try:
            count = self.sock.recv_into(loop.buffer)
            if not count:
                check_end(self.sock)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._lose(error)
            return
        if not count:
            self._end_of_stream()
        elif self.state is not _LINGERING:  # Else we are done with this peer: its words are dropped.
            self.bytes_received += count
            self._handler.received(self, loop.view[:count])

    def _end_of_stream(self) -> None:
        if self.state is _LINGERING:
            self._lose(None)
            return
        if self.state is _OPEN:
            self.state = _HALF_CLOSED
        self._handler.ended(self)
        self._update_interest()

    def _update_interest(self) -> None:
        """Tell the loop what we wait for now; with nothing to wait for, leave it."""
        state = self.state
        if state is _CLOSED:
            return
        outgoing = self._outgoing
        wanted = 0 if outgoing is None else WRITE
        if state is _LINGERING or (
            state is _OPEN and not self._paused and (outgoing is None or self._below_high_water(outgoing))
        ):
            wanted |= READ
        self._wait_for(wanted)

    def _wait_for(self, wanted: int) -> None:
        """Have the loop call `_ready` for these events and no others."""
        if wanted == self._interest:
            return
        if not wanted:
            self._loop.unregister(self.sock)
        elif not self._interest:
            self._loop.register(self.sock, wanted, self._ready)
        else:
            self._loop.modify(self.sock, wanted, self._ready)
        self._interest = wanted

    @staticmethod
    def _below_high_water(outgoing: "deque[bytearray | FileRange]") -> bool:
        first = outgoing[0]
        return len(outgoing) == 1 and isinstance(first, bytearray) and len(first) <= HIGH_WATER

    # The end

    def _drain(self, graceful: bool) -> None:
        if self.state not in (_OPEN, _HALF_CLOSED):
            return
        # Who has sent its FIN already is not waited for.
        self._graceful = graceful and self.state is _OPEN
        self.state = _DRAINING
        if self._outgoing is None:
            self._end_draining()
        else:
            self._update_interest()

    def _end_draining(self) -> None:
        if not self._graceful:
            self._lose(None)
            return
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError as error:
            self._lose(error)
            return
        self.state = _LINGERING
        self._update_interest()
        self._timer = self._loop.call_later(LINGER, self.abort)

    def _lose(self, error: OSError | None) -> None:
        if self.state is _CLOSED:
            return
        self.state = _CLOSED
        if self._interest:
            self._loop.forget(self.sock)
            self._interest = 0
        self.sock.close()
        if self._timer is not None:
            self._timer.cancel()  # Otherwise it would keep us in memory until it fires.
        for part in self._outgoing or ():
            if isinstance(part, FileRange):
                part.close()
        self._outgoing = None
        # What the handler still has to tell comes before the end of the connection is told.
        self._handler.lost(self, error)
        self._over(self, error)
