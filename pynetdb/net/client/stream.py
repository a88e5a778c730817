"""The blocking client side of a connection, every call under one deadline."""

import selectors
import socket
import time
from typing import Any

from pynetdb.errors import DeadlineError, NetworkError, PynetdbError
from pynetdb.net.addresses import Resolved, Target, addresses_to_reach
from pynetdb.net.client.waiting import allow_to_read, interruptible_select
from pynetdb.net.deadline import Deadline
from pynetdb.net.network import Network
from pynetdb.net.os_errors import network_errors
from pynetdb.net.sockets import check_end

# Windows has none.
_UNIX = getattr(socket, "AF_UNIX", None)


class Stream:
    """A connection to a server. Close it, or use it as a context manager.

    Every method raises NetworkError when the network fails and DeadlineError when the deadline passes.
    """

    def __init__(self, sock: socket.socket, target: Target, deadline: Deadline) -> None:
        self.peer = str(target)
        """Who is named in errors."""
        self.deadline = deadline
        self.lookup_seconds = 0.0
        """What asking for the peer's addresses took."""
        self.connect_seconds = 0.0
        """What the handshake took, with those of addresses that did not answer."""
        self._sock = sock

    @classmethod
    def connect(cls, target: Target, deadline: Deadline, network: Network) -> "Stream":
        """Connect to the first address of `target` that answers.

        Where somebody wants details, Connected is emitted, and at the end Closed with the bytes moved.
        """
        started = time.monotonic()
        addresses = addresses_to_reach(target, socket.SOCK_STREAM, network.sockets, deadline)
        looked_up = time.monotonic()
        if not addresses:
            raise NetworkError(f"{target}: the name has no addresses")
        if len(addresses) == 1:
            sock = _connected(addresses[0], target, deadline, network)
        else:
            from pynetdb.net.client.happy_eyeballs import connect_first

            sock = connect_first(addresses, target, deadline, network)
        stream = (
            _EmittingStream(sock, target, deadline, network)
            if network.events.wants_details
            else cls(sock, target, deadline)
        )
        try:
            if sock.family != _UNIX:
                with network_errors(stream.peer):
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except NetworkError:
            stream.close()
            raise
        stream.lookup_seconds = looked_up - started
        stream.connect_seconds = time.monotonic() - looked_up
        return stream

    def lead_to(self, target: Target) -> None:
        """Speak to `target` from here on, to which the peer hands on all bytes: errors are its own."""
        self.peer = str(target)

    def send(self, data: Any) -> int:
        """Send some of `data`, waiting for room, and return how many bytes went."""
        self._sock.settimeout(self.deadline.remaining())
        with network_errors(self.peer):
            try:
                return self._sock.send(data)
            except TimeoutError:
                raise self.deadline.passed() from None

    def send_all(self, data: bytes) -> None:
        """Send all of `data`. Only for what the peer reads without our reading what it says meanwhile."""
        view = memoryview(data)
        while view:
            view = view[self.send(view) :]

    def receive(self, size: int) -> bytes:
        """Return at least one byte and at most `size`; `b''` is the end of the stream."""
        allow_to_read(self._sock, self.deadline.remaining())
        with network_errors(self.peer):
            try:
                data = self._sock.recv(size)
                if not data:
                    check_end(self._sock)
                return data
            except TimeoutError:
                raise self.deadline.passed() from None

    def shutdown_write(self) -> None:
        """Half-close: the peer sees the end of our words, and we can still hear it."""
        with network_errors(self.peer):
            self._sock.shutdown(socket.SHUT_WR)

    def ready(self, *, to_send: bool, patience: float | None = None) -> tuple[bool, bool]:
        """Wait until there is something to receive, or with `to_send` room to send; say which.

        After `patience` seconds, if given, the answer may be neither.
        """
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if to_send else 0)
        left = self.deadline.remaining()
        with selectors.DefaultSelector() as selector:
            selector.register(self._sock, events)
            wait = left if patience is None else min(left, patience)
            found = interruptible_select(selector, wait)
        if not found and patience is None:
            raise self.deadline.passed()
        happened = found[0][1] if found else 0
        return bool(happened & selectors.EVENT_READ), bool(happened & selectors.EVENT_WRITE)

    def is_to_itself(self) -> bool:
        """Say whether the connection has one end: with bad luck the kernel connects a port to itself.

        It happens on loopback when nobody listens on a port of those that clients are given (RFC 9293,
        section 3.5: a simultaneous open), and looks as if somebody did.
        """
        with network_errors(self.peer):
            return bool(self._sock.family != _UNIX and self._sock.getsockname() == self._sock.getpeername())

    def detach(self) -> socket.socket:
        """Hand the connection over, to a loop; closing it is the caller's from here on, and `emit_closed`."""
        sock = self._sock
        sock.setblocking(False)
        return sock

    def close(self) -> None:
        """Close; harmless when done twice."""
        self._sock.close()

    def emit_closed(self, received: int, sent: int, error: str | None) -> None:
        """Tell that a connection which was handed over is closed, after so many bytes."""

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class _EmittingStream(Stream):
    """A stream that emits events; a class of its own, so that nothing is counted where nobody listens."""

    def __init__(self, sock: socket.socket, target: Target, deadline: Deadline, network: Network) -> None:
        from pynetdb.events.connections import Connected

        super().__init__(sock, target, deadline)
        self._events = network.events
        self._connected_to = self.peer
        self._connected_at = time.monotonic()
        self._received = self._sent = 0
        self._error: str | None = None
        self._open = True
        self._events.emit(Connected(None, self.peer))

    def send(self, data: Any) -> int:
        try:
            count = super().send(data)
        except PynetdbError as error:
            self._error = str(error)
            raise
        self._sent += count
        return count

    def receive(self, size: int) -> bytes:
        try:
            data = super().receive(size)
        except PynetdbError as error:
            self._error = str(error)
            raise
        self._received += len(data)
        return data

    def close(self) -> None:
        super().close()
        self.emit_closed(self._received, self._sent, self._error)

    def emit_closed(self, received: int, sent: int, error: str | None) -> None:
        if self._open:
            from pynetdb.events.connections import Closed

            self._open = False
            seconds = time.monotonic() - self._connected_at
            self._events.emit(Closed(None, self._connected_to, received, sent, seconds, error))


def _connected(resolved: Resolved, target: Target, deadline: Deadline, network: Network) -> socket.socket:
    with network_errors(str(target)):
        sock = network.sockets.create(resolved.family, socket.SOCK_STREAM, "client")
        try:
            sock.settimeout(deadline.remaining())
            sock.connect(resolved.address)
        except TimeoutError as error:
            sock.close()
            if error.errno is None:  # Ours; the kernel's own has a number, and says that nobody answered.
                raise deadline.passed() from None
            raise
        except (OSError, DeadlineError):
            sock.close()
            raise
    return sock
