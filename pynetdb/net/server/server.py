"""What every server does with its sockets: bind, accept within bounds, count, stop gracefully."""

import math
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from pynetdb.errors import NetworkError
from pynetdb.narration import Narrator, timestamp
from pynetdb.net.addresses import Resolved, Target, addresses_to_bind, written
from pynetdb.net.loop import Loop
from pynetdb.net.server.connection import Connection, Handler
from pynetdb.net.server.listener import Listener, bound
from pynetdb.net.server.udp_socket import DatagramHandler, Endpoint
from pynetdb.net.sockets import Sockets

# How long peers may take for what we still owe them when the server stops.
STOP_PATIENCE = 2.0

# How often to look for another port that is free on all addresses and for TCP and UDP alike.
_PORT_TRIES = 20


if TYPE_CHECKING:
    from typing import Protocol

    class Report(Protocol):
        """Where a server's words go."""

        format: str
        verbosity: int

        def event(self, event: dict[str, Any], /) -> None: ...
        def talk(self, line: str, /) -> None: ...
        def detail(self, line: str, /) -> None: ...


class Bounds(NamedTuple):
    """How much a server takes on; None is no bound."""

    limit: int | None = None
    """How many connections (or whatever the service counts) it serves in all."""
    idle: float | None = None
    """Seconds after which a silent connection is closed."""
    max_clients: int = 1000
    """Connections at a time."""


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

    Give it handlers (`serve_streams`, `serve_datagrams`), `open` it, `run` it. `stop` is graceful and
    `abort` is not. `counted` is for services whose --count counts something else than connections or
    datagrams: set `counts_itself` and call it for each.
    """

    def __init__(
        self, name: str, target: Target, bounds: Bounds, narrator: Narrator, report: "Report"
    ) -> None:
        self.name = name
        self.target = target
        self.bounds = bounds
        self.report = report
        self.statistics = Statistics()
        self.sockets = Sockets(narrator)
        self.loop = Loop(self.sockets)
        self.connections: set[Connection] = set()
        self._refusals: set[Connection] = set()
        self.counts_itself = False
        self.stopping: str | None = None
        """Why the server stops, once it does: `signal`, `count`, `for`, `command`."""
        self.addresses: list[Any] = []
        """The socket addresses that are bound, once open."""
        self.goodbye: Callable[[dict[str, Any]], None] | None = None
        """Gets the summary in place of the usual last event and line."""
        self.stopped: Callable[[], None] | None = None
        """Called when `stop` begins, while the sockets are still open."""
        self.finished = self.loop.stop
        """Called once everything that was owed is sent after `stop`; ends `run` unless replaced."""
        self.ready: Callable[[], None] | None = None
        """Called once everybody was told that the server is ready."""
        self.other_addresses: list[Any] = []
        """The socket addresses of what `serve_also` added, once open."""
        self._streams: Handler | None = None
        self._others: list[tuple[Handler, Target]] = []
        self._datagrams: DatagramHandler | None = None
        self._listeners: list[Listener] = []
        self._endpoints: list[Endpoint] = []
        self._left = math.inf if bounds.limit is None else bounds.limit
        self._told_exhausted = False
        self._started = time.monotonic()
        # Events of single connections are told only if somebody wants them: they cost more than an echo.
        self.tells_connections = True
        """Whether to tell of each connection: a service that tells of its requests may not want it."""
        self.tells = report.format == "jsonl" or report.verbosity > 0

    def serve_streams(self, handler: Handler) -> None:
        """Accept connections for `handler`."""
        self._streams = handler

    def serve_also(self, handler: Handler, target: Target) -> None:
        """Accept connections for another handler at another place, within the same bounds."""
        self._others.append((handler, target))

    def serve_datagrams(self, handler: DatagramHandler) -> None:
        """Receive datagrams for `handler`, on the same port as the streams if there are any."""
        self._datagrams = handler

    def open(self) -> None:
        """Bind and listen: a client that connects after this is served. Raises NetworkError."""
        streams, datagrams = self._streams, self._datagrams
        for sock, kind in self._bind():
            self.addresses.append(sock.getsockname())
            if streams is not None and kind == socket.SOCK_STREAM:
                self._listen(sock, streams)
            elif datagrams is not None:
                self._endpoints.append(Endpoint(sock, self.loop, datagrams, self._arrived))
        for handler, target in self._others:
            for resolved in addresses_to_bind(target, socket.SOCK_STREAM, self.sockets):
                sock = bound(resolved, socket.SOCK_STREAM, self.sockets)
                self.other_addresses.append(sock.getsockname())
                self._listen(sock, handler)
        if self.bounds.idle is not None:
            self._look_for_idle(self.bounds.idle)

    def _listen(self, sock: socket.socket, handler: Handler) -> None:
        self._listeners.append(Listener(sock, self.loop, partial(self._accepted, handler), self._exhausted))

    def run(self) -> None:
        """Serve until stopped."""
        self.loop.run()

    def stop(self, reason: str) -> None:
        """Take no new clients, send what is owed for at most two seconds, then end `run`."""
        if self.stopping is not None:
            return
        self.stopping = reason
        if self.stopped is not None:
            self.stopped()
        self._close_listeners()
        for connection in list(self.connections):
            if connection.pending:
                connection.finish()
            else:
                connection.discard_input()
                connection.close()
        if self.connections:
            self.loop.call_later(STOP_PATIENCE, self._drop_everybody)
        else:
            self.finished()

    def abort(self) -> None:
        """Drop everybody and end `run`."""
        self._drop_everybody()
        self.loop.stop()

    def close(self) -> None:
        """Let go of every socket; works in any state."""
        self._close_listeners()
        self.abort()
        self.loop.close()

    def _drop_everybody(self) -> None:
        for connection in [*self.connections, *self._refusals]:
            connection.abort()

    def counted(self) -> None:
        """One more of what --count counts is done; after the last the server stops by itself."""
        self._left -= 1
        if self._left <= 0:
            self._close_listeners()
            if not self.connections or self.counts_itself:
                self.loop.call_soon(lambda: self.stop("count"))

    @property
    def left(self) -> float:
        """How many of what is counted may still come; infinity without --count."""
        return self._left

    def counted_datagrams(self, number: int, size: int) -> None:
        """So many datagrams arrived at once, of so many bytes in all."""
        self.statistics.datagrams += number
        self.statistics.bytes_received += size
        self._left -= number
        if self._left <= 0:
            self.loop.call_soon(lambda: self.stop("count"))

    def summary(self) -> dict[str, Any]:
        """Return the statistics of the whole run."""
        values = dict(vars(self.statistics))
        for connection in self.connections:
            values["bytes_received"] += connection.bytes_received
            values["bytes_sent"] += connection.bytes_sent
        for endpoint in self._endpoints:
            values["bytes_sent"] += endpoint.bytes_sent
        return {**values, "seconds": round(time.monotonic() - self._started, 3)}

    # Binding

    def _bind(self) -> list[tuple[socket.socket, int]]:
        """Bind every address for every kind of service, all of them on one port."""
        for attempt in range(_PORT_TRIES):
            socks: list[tuple[socket.socket, int]] = []
            try:
                for kind in self._kinds():
                    for resolved in addresses_to_bind(self.target, kind, self.sockets):
                        port = self._port_of(socks)
                        socks.append((bound(self._on_port(resolved, port), kind, self.sockets), kind))
            except NetworkError:
                for sock, _ in socks:
                    sock.close()
                # A free port for the first socket may be taken for the second: try another.
                if not socks or self.target.port or attempt == _PORT_TRIES - 1:
                    raise
            else:
                return socks
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _kinds(self) -> list[int]:
        kinds: list[int] = []
        if self._streams is not None:
            kinds.append(socket.SOCK_STREAM)
        if self._datagrams is not None:
            kinds.append(socket.SOCK_DGRAM)
        return kinds

    def _port_of(self, socks: list[tuple[socket.socket, int]]) -> int:
        if self.target.port or not socks:
            return self.target.port
        return int(socks[0][0].getsockname()[1])

    def _on_port(self, resolved: Resolved, port: int) -> Resolved:
        address = resolved.address
        if not isinstance(address, tuple):
            return resolved
        return Resolved(resolved.family, (address[0], port, *address[2:]))

    # Streams

    def _accepted(self, handler: Handler, sock: socket.socket, peer: Any) -> None:
        sock.setblocking(False)
        statistics = self.statistics
        number = statistics.connections + statistics.refused + 1
        if len(self.connections) >= self.bounds.max_clients:
            statistics.refused += 1
            if self.tells and self.tells_connections:
                self._tell("refused", number, written(peer), f"more than {self.bounds.max_clients} clients")
            self._refuse(Connection(sock, number, peer, Refused(), self.loop, self._refusal_over), handler)
            return
        statistics.connections += 1
        connection = Connection(sock, number, peer, handler, self.loop, self._over)
        self.connections.add(connection)
        if self.tells and self.tells_connections:
            self._tell("connected", number, written(peer))
        handler.connected(connection)
        if not self.counts_itself:
            self.counted()

    def _refuse(self, connection: Connection, handler: Handler) -> None:
        self._refusals.add(connection)
        handler.refused(connection)
        connection.finish()

    def _refusal_over(self, connection: Connection, error: OSError | None) -> None:
        self._refusals.discard(connection)
        self._make_room()

    def _over(self, connection: Connection, error: OSError | None) -> None:
        self.connections.discard(connection)
        self.statistics.bytes_received += connection.bytes_received
        self.statistics.bytes_sent += connection.bytes_sent
        if self.tells and self.tells_connections:
            self._tell_closed(connection, error)
        if self._told_exhausted:
            self._make_room()
        if not self.connections:
            if self.stopping is not None:
                self.finished()
            elif self._left <= 0:
                self.stop("count")

    def _make_room(self) -> None:
        for listener in self._listeners:
            listener.retry()

    def _exhausted(self, error: OSError) -> None:
        if not self._told_exhausted:
            self._told_exhausted = True
            self.report.talk(f"{self.name}: {error.strerror}; new clients wait until one leaves")

    def _close_listeners(self) -> None:
        for listener in self._listeners:
            listener.close()
        for endpoint in self._endpoints:
            endpoint.close()

    def _look_for_idle(self, idle: float) -> None:
        """Close who has neither sent nor taken a byte for so long.

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
        self.loop.call_later(min(idle / 8, 1.0), lambda: self._look_for_idle(idle))

    # Datagrams

    def _arrived(self, endpoint: Endpoint, data: bytes, sender: Any) -> bool:
        self.statistics.datagrams += 1
        self.statistics.bytes_received += len(data)
        if self.tells:
            event = {"event": "datagram", "from": written(sender), "bytes": len(data)}
            self.tell(event, f"{written(sender)}: a datagram of {len(data)} bytes")
        if not self.counts_itself:
            # Counted before it is answered, so the endpoint must outlive this turn.
            self._left -= 1
            if self._left <= 0:
                self.loop.call_soon(lambda: self.stop("count"))
        return self._left >= 0

    # Telling

    def _tell(self, event: str, number: int, peer: str, why: str = "") -> None:
        line = f"#{number} {event}: {peer}" + (f" ({why})" if why else "")
        self.tell({"event": event, "connection": number, "from": peer}, line)

    def _tell_closed(self, connection: Connection, error: OSError | None) -> None:
        seconds = round(time.monotonic() - connection.started, 3)
        event = {
            "event": "closed",
            "connection": connection.number,
            "from": written(connection.peer),
            "bytes_received": connection.bytes_received,
            "bytes_sent": connection.bytes_sent,
            "seconds": seconds,
            "error": _reason(error),
        }
        line = (
            f"#{connection.number} closed: {connection.bytes_received} bytes in, {connection.bytes_sent} out"
        )
        self.tell(event, line + (f" ({_reason(error)})" if error else ""))

    def tell(self, event: dict[str, Any], line: str) -> None:
        """Tell of something that happened: as an event with --format jsonl, as a line with --verbose."""
        if self.report.format == "jsonl":
            self.report.event({**event, "time": timestamp(time.time())})
        self.report.detail(f"{self.name}: {line}")


class Refused(Handler):
    """Holds a connection that is one too many, while it is told so."""


def _reason(error: OSError | None) -> str | None:
    return None if error is None else error.strerror or str(error)
