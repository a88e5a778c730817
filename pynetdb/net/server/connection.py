"""A peer on the loop: a non-blocking socket, and the bytes that it has not taken yet."""

import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from pynetdb.net.loop import READ, WRITE, Loop, Timer
from pynetdb.net.server.file_range import FilePart

Data = bytes | bytearray | memoryview

# Above it we stop reading from a peer until it has taken what we owe it, so that no peer can make us
# hold more than this and one receive buffer.
HIGH_WATER = 64 * 1024

# How long we listen to a peer whom we have told that we are done. Closing at once while its bytes
# arrive would make the kernel send a reset, which destroys our last words on their way (RFC 9112 9.6).
LINGER = 2.0

# A peer that sends faster than we discard must not keep us from leaving.
_MAX_DISCARDED = 16 * 1024 * 1024


class Handler:
    """A protocol's server: told of everything that happens on its connections.

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

    def refused(self, connection: "Connection") -> None:
        """One client too many: say so if the protocol has words for it. `finish` follows."""


class Connection:
    """What a handler sees of a peer.

    `number` counts connections from 1, `peer` is its socket address, `state` is the handler's own.
    """

    __slots__ = (
        "_buffered",
        "_handler",
        "_interest",
        "_last",
        "_linger",
        "_loop",
        "_over",
        "_parts",
        "_paused",
        "_timer",
        "bytes_received",
        "bytes_sent",
        "closed",
        "number",
        "peer",
        "peer_finished",
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
        handler: Handler,
        loop: Loop,
        over: Callable[["Connection", OSError | None], None],
    ) -> None:
        self.sock = sock
        self.number = number
        self.peer = peer
        self.state: Any = None
        self.bytes_received = 0
        self.bytes_sent = 0
        self.started = self.quiet_since = time.monotonic()
        self.quiet_mark = 0
        self.closed = False
        self.peer_finished = False
        self._handler = handler
        self._loop = loop
        self._over = over
        # What the peer has not taken yet: these bytes, and behind them parts of files and more bytes.
        self._buffered: bytearray | None = None
        self._parts: deque[bytearray | FilePart] | None = None
        self._paused = False
        # What to do once everything is sent: nothing, `_leave` (close) or `_half_close` (finish).
        self._last: Callable[[], None] | None = None
        self._linger = False
        self._timer: Timer | None = None
        self._interest = READ
        loop.register(sock, READ, self._ready)

    @property
    def pending(self) -> int:
        """How many bytes the peer has not taken yet."""
        if self._buffered is None:
            return 0
        if not self._parts:
            return len(self._buffered)
        rest = sum(part.left if isinstance(part, FilePart) else len(part) for part in self._parts)
        return len(self._buffered) + rest

    def write(self, data: Data) -> None:
        """Send `data`: at once what the kernel takes, the rest when the peer makes room.

        Never blocks and never fails: a broken connection is told to `lost`.
        """
        if self._buffered is None:
            if self.closed:
                return
            try:
                sent = self.sock.send(data)
            except (BlockingIOError, InterruptedError):
                sent = 0
            except OSError as error:
                self._lose(error)
                return
            self.bytes_sent += sent
            if sent == len(data):
                return
            self._buffered = bytearray(data[sent:])
        elif self._parts:
            last = self._parts[-1]
            if isinstance(last, FilePart):
                self._parts.append(bytearray(data))
            else:
                last += data
        else:
            self._buffered += data
        self._listen()

    def write_file(self, part: FilePart) -> None:
        """Send a part of a file after what is owed already; it is closed once it is sent or given up."""
        if self.closed:
            part.close()
            return
        if self._buffered is None:
            try:
                self.bytes_sent += part.send(self.sock)
            except (BlockingIOError, InterruptedError):
                pass
            except OSError as error:
                part.close()
                self._lose(error)
                return
            if not part.left:
                part.close()
                return
            self._buffered = bytearray()
        if self._parts is None:
            self._parts = deque()
        self._parts.append(part)
        self._listen()

    def pause(self) -> None:
        """Stop reading, until `resume`: the kernel's buffers then hold the peer back."""
        self._paused = True
        self._listen()

    def resume(self) -> None:
        """Read again."""
        self._paused = False
        self._listen()

    def close(self) -> None:
        """Close once everything is sent. The peer's further words are not read."""
        self._then(self._leave)

    def finish(self) -> None:
        """Half-close once everything is sent, then wait a moment for the peer to do the same.

        For last words to a peer that may still be talking.
        """
        self._then(self._half_close)

    def keep_alive(self, silence: float) -> None:
        """Let the kernel probe a peer that is silent for so many seconds, and tell `lost` if it is dead.

        A machine that loses its power sends no FIN. Does nothing where there are no such probes.
        """
        seconds = max(int(silence), 1)
        if self.sock.family not in (socket.AF_INET, socket.AF_INET6):
            return  # Both ends are on this machine, whose kernel knows.
        with suppress(OSError):
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for name, value in (("IDLE", seconds), ("INTVL", max(seconds // 4, 1)), ("CNT", 4)):
                option = getattr(socket, f"TCP_KEEP{name}", None)
                if option is not None:
                    self.sock.setsockopt(socket.IPPROTO_TCP, option, value)

    def discard_input(self) -> None:
        """Read what has arrived and drop it: bytes left unread would turn `close` into a reset."""
        discarded = 0
        with suppress(OSError):
            while discarded < _MAX_DISCARDED and (count := self.sock.recv_into(self._loop.buffer)):
                discarded += count

    def abort(self, error: OSError | None = None) -> None:
        """Close now, whatever is still owed."""
        self._lose(error)

    def _then(self, last: Callable[[], None]) -> None:
        if self.closed or self._last is not None:
            return
        self._last = last
        if self._buffered is None:
            last()
        else:
            self._listen()

    def _ready(self, events: int) -> None:
        if events & WRITE:
            self._flush()
            if self.closed or not (events & READ and self._interest & READ):
                return
        elif self.closed:
            return  # Closed by somebody else's callback in this very turn.
        loop = self._loop
        try:
            count = self.sock.recv_into(loop.buffer)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._lose(error)
            return
        if count:
            if self._linger:
                return  # We are done with this peer: its words are read only to be dropped.
            self.bytes_received += count
            self._handler.received(self, loop.view[:count])
        else:
            self._end_of_stream()

    def _end_of_stream(self) -> None:
        self.peer_finished = True
        if self._linger:
            self._lose(None)
            return
        self._handler.ended(self)
        if not self.closed:
            self._listen()

    def _flush(self) -> None:
        owed = self._buffered
        if owed is None:
            return
        if not owed and self._parts:
            self._flush_part(self._parts)
            return
        try:
            sent = self.sock.send(owed)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._lose(error)
            return
        self.bytes_sent += sent
        if sent < len(owed):
            del owed[:sent]  # Cheap: a bytearray only moves its start.
            if len(owed) <= HIGH_WATER < len(owed) + sent:
                self._listen()
            return
        if self._parts:
            owed.clear()
            self._flush_part(self._parts)
            return
        self._all_sent()

    def _flush_part(self, parts: "deque[bytearray | FilePart]") -> None:
        """Go on behind the bytes that are sent: with a part of a file, or with the bytes behind it."""
        part = parts[0]
        if isinstance(part, FilePart):
            try:
                self.bytes_sent += part.send(self.sock)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                self._lose(error)
                return
            if part.left:
                return  # select() says when there is room, after the others have had their turn.
            part.close()
            parts.popleft()
        if not parts:
            self._all_sent()
        elif isinstance(following := parts[0], bytearray):
            parts.popleft()
            self._buffered = following
            self._flush()

    def _all_sent(self) -> None:
        self._buffered = None
        if self._last is not None:
            self._last()
        else:
            self._listen()
            self._handler.drained(self)

    def _listen(self) -> None:
        """Tell the loop what we wait for now; with nothing to wait for, leave it."""
        if self.closed:
            return
        wanted = 0
        owed = self._buffered
        if owed is not None:
            wanted |= WRITE
        done = self.peer_finished or self._paused or (self._last is not None and not self._linger)
        if not done and (owed is None or (len(owed) <= HIGH_WATER and not self._parts)):
            wanted |= READ
        if wanted == self._interest:
            return
        if not wanted:
            self._loop.unregister(self.sock)
        elif not self._interest:
            self._loop.register(self.sock, wanted, self._ready)
        else:
            self._loop.modify(self.sock, wanted, self._ready)
        self._interest = wanted

    def _leave(self) -> None:
        self._lose(None)

    def _half_close(self) -> None:
        if self.peer_finished:
            self._lose(None)
            return
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError as error:
            self._lose(error)
            return
        self._linger = True
        self._listen()
        self._timer = self._loop.call_later(LINGER, self._leave)

    def _lose(self, error: OSError | None) -> None:
        if self.closed:
            return
        self.closed = True
        if self._interest:
            self._loop.unregister(self.sock)
            self._interest = 0
        self.sock.close()
        if self._timer is not None:
            self._timer.cancel()  # Otherwise it would keep us in memory until it fires.
        self._buffered = None
        for part in self._parts or ():
            if isinstance(part, FilePart):
                part.close()
        self._parts = None
        self._over(self, error)
        self._handler.lost(self, error)
