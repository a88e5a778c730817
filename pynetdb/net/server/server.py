"""What every server does with its sockets: bind, accept within bounds, count, stop gracefully."""

import math
import socket
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from pynetdb.errors import PynetdbError
from pynetdb.net.addresses import Target, addresses_to_bind, format_address
from pynetdb.net.loop import Loop
from pynetdb.net.network import Network
from pynetdb.net.server.answers import DEFAULT_RATE, AnswerGuard
from pynetdb.net.server.binding import bind, bind_all
from pynetdb.net.server.connection import Connection, ConnectionHandler
from pynetdb.net.server.listener import Listener
from pynetdb.net.server.service import Service
from pynetdb.net.server.udp_socket import DatagramHandler, UdpServerSocket

if TYPE_CHECKING:
    from pynetdb.net.faults.faults import Faults
    from pynetdb.net.tls import Certificate

# How many that are one too many are told so at a time. The descriptors of those who linger must not become
# those that the clients need; beyond it the one who was told first is dropped.
MAX_REFUSALS = 32

# How long peers may take for what we still owe them when the server stops.
SHUTDOWN_TIMEOUT = 2.0

# How often to look whether the last datagrams have left.
_LOOK_AGAIN = 0.005

ConnectionFactory = Callable[
    [socket.socket, int, Any, ConnectionHandler, Loop, Callable[[Connection, OSError | None], None]],
    Connection,
]
UdpSocketFactory = Callable[
    [socket.socket, Loop, DatagramHandler, Callable[[bytes, Any], bool], AnswerGuard], UdpServerSocket
]


class Bounds(NamedTuple):
    """How much a server takes on; None is no bound."""

    count: int | None = None  # type: ignore[assignment] # hides tuple.count
    """How many connections (or whatever the service counts) it serves in all."""
    idle: float | None = None
    """Seconds after which a silent connection is closed."""
    max_clients: int = 1000
    """Connections at a time."""
    per_address: int | None = None
    """Connections at a time from one address; Unix-domain sockets have none."""
    answer_rate: float = DEFAULT_RATE
    """Datagrams a second in answer to one peer; 0 is no bound."""


class Statistics:
    """What a server has done so far."""

    def __init__(self) -> None:
        self.connections = 0
        self.refused = 0
        self.datagrams = 0
        self.bytes_received = 0
        self.bytes_sent = 0


class Server:
    """Sockets that serve, on a loop of their own.

    `open` it, `run` it; `stop` is graceful and `abort` is not. `connection_factory` makes its connections:
    a plain, a faulty or an encrypted one is a class of its own, and so are the UDP sockets of
    `udp_socket_factory`.
    """

    def __init__(
        self,
        service: Service,
        target: Target,
        bounds: Bounds,
        network: Network,
        connection_factory: ConnectionFactory = Connection,
        udp_socket_factory: UdpSocketFactory = UdpServerSocket,
        certificate: "Certificate | None" = None,
    ) -> None:
        self.service = service
        self.target = target
        self.bounds = bounds
        self.network = network
        self.events = network.events
        self.statistics = Statistics()
        self.loop = Loop(network.sockets)
        self.connections: set[Connection] = set()
        self.certificate = certificate
        """Of the TLS that its connections speak; None if they are plain."""
        self.stopping: str | None = None
        """Why the server stops, once it does: `signal`, `count`, `for`, `command`, `output`, `worker`."""
        self.failure: PynetdbError | None = None
        """What made it stop that must not happen."""
        self.addresses: list[Any] = []
        """The socket addresses that are bound, once open."""
        self.other_addresses: list[Any] = []
        """The socket addresses of what `serve_also` added, once open."""
        self.remaining = math.inf if bounds.count is None else bounds.count
        """How many of what is counted may still come; infinity without a bound."""
        self._connection_factory = connection_factory
        self._udp_socket_factory = udp_socket_factory
        self._finished: Callable[[], None] = self.loop.stop
        # In the order in which they came.
        self._refusals: dict[Connection, None] = {}
        self._per_address: Counter[Any] = Counter()
        self._others: list[tuple[ConnectionHandler, Target]] = []
        self._listeners: list[Listener] = []
        self._udp_sockets: list[UdpServerSocket] = []
        self._exhausted_before = False
        self._started = time.monotonic()
        # Events of single connections are made only if somebody wants them: they cost more than an echo.
        self._emits_details = network.events.wants_details
        if self._emits_details:
            # Now, while there are descriptors for it.
            from pynetdb.events.connections import Closed, Connected

            self._connected_event, self._closed_event = Connected, Closed
        service.attached(self)

    @property
    def scheme(self) -> str:
        """Of the URL at which the service is reached."""
        return self.secure_scheme(self.service.scheme)

    def secure_scheme(self, scheme: str) -> str:
        """Return a scheme, or the one for the same within TLS if that is what is spoken here."""
        return scheme if self.certificate is None else {"http": "https", "tcp": "tls"}[scheme]

    def serve_also(self, handler: ConnectionHandler, target: Target) -> None:
        """Accept connections for another handler at another place, within the same bounds."""
        self._others.append((handler, target))

    def open(self) -> None:
        """Bind and listen: a client that connects after this is served. Raises NetworkError."""
        streams, datagrams = self.service.streams, self.service.datagrams
        kinds = [] if streams is None else [socket.SOCK_STREAM]
        kinds += [] if datagrams is None else [socket.SOCK_DGRAM]
        sockets = self.network.sockets
        guard = AnswerGuard(self.bounds.answer_rate, sockets)
        for sock, kind in bind_all(self.target, kinds, sockets, shared=self.service.shares_port):
            self.addresses.append(sock.getsockname())
            if streams is not None and kind == socket.SOCK_STREAM:
                self._listen(sock, streams)
            elif datagrams is not None:
                make = self._udp_socket_factory
                self._udp_sockets.append(make(sock, self.loop, datagrams, self._arrived, guard))
        for handler, target in self._others:
            for resolved in addresses_to_bind(target, socket.SOCK_STREAM, sockets):
                sock = bind(resolved, socket.SOCK_STREAM, sockets)
                self.other_addresses.append(sock.getsockname())
                self._listen(sock, handler)
        if self.bounds.idle is not None:
            self._close_idle_connections(self.bounds.idle)

    def run(self, finished: Callable[[], None] | None = None) -> None:
        """Serve until stopped. `finished`, if given, is called once nothing is owed, and ends the loop."""
        if finished is not None:
            self._finished = finished
        self.loop.run()

    def stop(self, reason: str) -> None:
        """Take no new clients, send what is owed for at most two seconds, then end `run`."""
        if self.stopping is not None:
            return
        self.stopping = reason
        self._stop_deadline = time.monotonic() + SHUTDOWN_TIMEOUT
        self.service.stopping()
        self._close_listeners()
        for connection in list(self.connections):
            if connection.pending:
                connection.close_gracefully()
            else:
                connection.discard_input()
                connection.close()
        if self.connections:
            self.loop.call_later(SHUTDOWN_TIMEOUT, self._drop_everybody)
        else:
            self._finish_when_sent()

    def abort(self) -> None:
        """Drop everybody and end `run`."""
        self._drop_everybody()
        self.loop.stop()

    def close(self) -> None:
        """Let go of every socket; works in any state."""
        self._close_listeners()
        self.abort()
        self.service.close()
        self.loop.close()

    def count(self, number: int = 1) -> None:
        """So many more of what is counted are done; after the last the server stops by itself."""
        self.remaining -= number
        if self.remaining <= 0:
            self._close_listeners()
            if not self.connections or self.service.counts_itself:
                self.loop.call_soon(partial(self.stop, "count"))

    def claim(self) -> bool:
        """Return whether one more of what the service counts may be served."""
        return self.remaining > 0

    def count_datagrams(self, number: int, size: int) -> None:
        """So many datagrams arrived at once, of so many bytes in all."""
        self.statistics.datagrams += number
        self.statistics.bytes_received += size
        self.remaining -= number
        if self.remaining <= 0:
            self.loop.call_soon(partial(self.stop, "count"))

    def summary(self) -> dict[str, Any]:
        """Return the statistics of the whole run."""
        values = dict(vars(self.statistics))
        for connection in self.connections:
            values["bytes_received"] += connection.bytes_received
            values["bytes_sent"] += connection.bytes_sent
        for udp_socket in self._udp_sockets:
            values["bytes_sent"] += udp_socket.bytes_sent
        if unanswered := sum(udp_socket.unanswered for udp_socket in self._udp_sockets):
            values["unanswered"] = unanswered
        seconds = round(time.monotonic() - self._started, 3)
        return {**values, **self.service.statistics(), "seconds": seconds}

    # Streams

    def _listen(self, sock: socket.socket, handler: ConnectionHandler) -> None:
        accepted: Callable[[socket.socket, Any], None] = partial(self._accepted, handler)
        faults = self.network.faults
        if faults is not None and faults.specs.refuse:
            accepted = partial(self._accept_or_reset, faults, accepted)
        self._listeners.append(Listener(sock, self.loop, self.network.sockets, accepted, self._exhausted))

    def _accepted(self, handler: ConnectionHandler, sock: socket.socket, peer: Any) -> None:
        sock.setblocking(False)
        number = self.network.sockets.accepted
        if (reason := self._reason_to_refuse(peer)) is not None:
            self._refuse(handler, sock, number, peer, reason)
            return
        self.statistics.connections += 1
        connection = self._connection_factory(sock, number, peer, handler, self.loop, self._over)
        self.connections.add(connection)
        if self.bounds.idle is not None:
            connection.quiet_mark, connection.quiet_since = 0, connection.started
        if self._emits_details:
            self.events.emit(self._connected_event(number, format_address(peer)))
        handler.connected(connection)
        if not self.service.counts_itself:
            self.count()

    def _reason_to_refuse(self, peer: Any) -> str | None:
        """Return why somebody who comes now is one too many, or count who is not."""
        bounds = self.bounds
        if len(self.connections) >= bounds.max_clients:
            return f"more than {bounds.max_clients} clients"
        if bounds.per_address is not None and isinstance(peer, tuple):
            if self._per_address[peer[0]] >= bounds.per_address:
                return f"more than {bounds.per_address} clients from one address"
            self._per_address[peer[0]] += 1
        return None

    def _refuse(
        self, handler: ConnectionHandler, sock: socket.socket, number: int, peer: Any, reason: str
    ) -> None:
        self.statistics.refused += 1
        if self._emits_details:
            from pynetdb.events.connections import Refused

            self.events.emit(Refused(number, format_address(peer), reason))
        connection = Connection(sock, number, peer, RefusedConnection(), self.loop, self._refusal_over)
        self._refusals[connection] = None
        if self.certificate is None:  # Who expects a handshake would not understand plain words.
            handler.refused(connection)
        connection.close_gracefully()
        if len(self._refusals) > MAX_REFUSALS:
            next(iter(self._refusals)).abort()

    def _accept_or_reset(
        self, faults: "Faults", accepted: Callable[[socket.socket, Any], None], sock: socket.socket, peer: Any
    ) -> None:
        """Reset some new connections, because the user wants to see what their clients do."""
        if not faults.refuses():
            accepted(sock, peer)
            return
        from pynetdb.net.faults.connection import reset_connection

        number = self.network.sockets.accepted
        self.statistics.refused += 1
        if self._emits_details:
            from pynetdb.events.connections import Refused

            self.events.emit(Refused(number, format_address(peer), "a fault of ours"))
        reset_connection(self.network, sock, number, peer)

    def _refusal_over(self, connection: Connection, error: OSError | None) -> None:
        self._refusals.pop(connection, None)
        self._make_room()

    def _over(self, connection: Connection, error: OSError | None) -> None:
        self.connections.discard(connection)
        if self.bounds.per_address is not None and isinstance(connection.peer, tuple):
            self._per_address[connection.peer[0]] -= 1
            if not self._per_address[connection.peer[0]]:
                del self._per_address[connection.peer[0]]
        self.statistics.bytes_received += connection.bytes_received
        self.statistics.bytes_sent += connection.bytes_sent
        if self._emits_details:
            self._emit_closed(connection, error)
        if self._exhausted_before:
            self._make_room()
        if not self.connections:
            if self.stopping is not None:
                self._finish_when_sent()
            elif self.remaining <= 0:
                self.stop("count")

    def _emit_closed(self, connection: Connection, error: OSError | None) -> None:
        event = self._closed_event(
            connection.number,
            format_address(connection.peer),
            connection.bytes_received,
            connection.bytes_sent,
            time.monotonic() - connection.started,
            None if error is None else error.strerror or str(error),
        )
        self.events.emit(event)

    def _make_room(self) -> None:
        for listener in self._listeners:
            listener.retry()

    def _exhausted(self, error: OSError) -> None:
        if not self._exhausted_before and self.events:
            from pynetdb.events.life import Exhausted

            self.events.emit(Exhausted(error.strerror or str(error)))
        self._exhausted_before = True

    def _finish_when_sent(self) -> None:
        """End, once datagrams that wait (a fault of ours) have left, and the service is done."""
        late = time.monotonic() > self._stop_deadline
        if late or not (self.service.is_busy or any(sock.pending for sock in self._udp_sockets)):
            self._finished()
        else:
            self.loop.call_later(_LOOK_AGAIN, self._finish_when_sent)

    def _drop_everybody(self) -> None:
        for connection in [*self.connections, *self._refusals]:
            connection.abort()

    def _close_listeners(self) -> None:
        for listener in self._listeners:
            listener.close()
        for udp_socket in self._udp_sockets:
            udp_socket.close()

    def _close_idle_connections(self, idle: float) -> None:
        """Close who has neither sent nor taken a byte for so long, and look again before long.

        Comparing counters now and then costs the connections nothing; a clock at every byte would.
        """
        now = time.monotonic()
        for connection in list(self.connections):
            moved = connection.bytes_received + connection.bytes_sent
            if moved != connection.quiet_mark:
                connection.quiet_mark = moved
                connection.quiet_since = now
            elif now - connection.quiet_since >= idle:
                connection.abort(TimeoutError("idle"))
        self.loop.call_later(min(idle / 8, 1.0), partial(self._close_idle_connections, idle))

    # Datagrams

    def _arrived(self, data: bytes, sender: Any) -> bool:
        """Take note of a datagram, and say whether it is still to be answered."""
        self.statistics.datagrams += 1
        self.statistics.bytes_received += len(data)
        if self._emits_details and self.service.emits_datagrams:
            from pynetdb.events.connections import DatagramReceived

            self.events.emit(DatagramReceived(format_address(sender), len(data)))
        if not self.service.counts_itself:
            # Counted before it is answered, so the socket must outlive this turn.
            self.remaining -= 1
            if self.remaining <= 0:
                self.loop.call_soon(partial(self.stop, "count"))
        return self.remaining >= 0


class RefusedConnection(ConnectionHandler):
    """Holds a connection that is one too many, while it is told so."""
