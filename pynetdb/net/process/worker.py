"""One worker of several: a server on sockets that its parent has bound, on whose word it stops."""

import math
import pickle
import socket
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from pynetdb.events.stream import Events
from pynetdb.net.loop import READ
from pynetdb.net.network import Network
from pynetdb.net.process.shared_counter import Tally, Tokens
from pynetdb.net.server.server import Server
from pynetdb.writing import BackgroundWriter, write_fully

if TYPE_CHECKING:
    from pynetdb.events.event import Event
    from pynetdb.net.server.connection import Connection

# In front of each message to the parent: how many bytes it has.
LENGTH = struct.Struct("!I")


class Shared(NamedTuple):
    """What the workers of one server have in common."""

    places: Tokens
    """One for each client that may be connected."""
    allowed: Tokens | None
    """One for each of what is counted that may still be served; None without a bound."""
    served: Tally
    """How many of what is counted were served, if there is a bound."""


class WorkerServer(Server):
    """A server that shares its listening sockets and its bounds with others of its kind."""

    def __init__(self, shared: Shared, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.remaining = math.inf  # How many that are is known by all together.
        self._shared = shared

    def adopt(self, sockets: Sequence[socket.socket]) -> None:
        """Accept on sockets that somebody else has bound."""
        if (handler := self.service.streams) is not None:
            for sock in sockets:
                self.addresses.append(sock.getsockname())
                self._listen(sock, handler)
        for listener in self._listeners:
            listener.burst = 1  # Who takes all that wait leaves the others without work.
        if self.bounds.idle is not None:
            self._close_idle_connections(self.bounds.idle)

    def claim(self) -> bool:
        """Return whether one more of what is counted may be served; then it must be."""
        return self._shared.allowed is None or self._shared.allowed.take()

    def count(self, number: int = 1) -> None:
        """So many more of what is counted are done; the parent sees when all are."""
        self._shared.served.add(number)

    def _reason_to_refuse(self, peer: Any) -> str | None:
        return None if self._shared.places.take() else f"more than {self.bounds.max_clients} clients"

    def _over(self, connection: "Connection", error: OSError | None) -> None:
        self._shared.places.give()
        super()._over(connection, error)


class ToParent:
    """A subscriber that hands events on to the parent process, whose subscribers show and record them."""

    def __init__(self, sock: socket.socket, events: Events) -> None:
        """`events` are the parent's, which say what is wanted."""
        self.wants_details, self.wants_words = events.wants_details, events.wants_words
        self._stream = sock.makefile("wb", buffering=0)
        self._writer: BackgroundWriter | None = None

    def receive(self, event: "Event") -> None:
        """Hand an event on, or count it if the parent is far behind."""
        if self._writer is None:
            # Not before there is one: the thread must be this process's, and costs memory.
            self._writer = BackgroundWriter(self._stream, _frame)
        self._writer.write(_frame(event))

    def watch(self, failed: Callable[[OSError], None]) -> None:
        """Without a parent there is no worker either."""

    def close(self) -> None:
        """Wait a moment for what is still to be handed on."""
        if self._writer is not None:
            with suppress(OSError):
                self._writer.close()

    def finish(self, summary: dict[str, Any]) -> None:
        """Hand on what is left and the last message, the figures of the whole run."""
        self.close()
        with suppress(OSError):
            if self._writer is not None and self._writer.dropped:
                write_fully(self._stream, _frame(self._writer.dropped))
            write_fully(self._stream, _frame(summary))


def _frame(message: "Event | dict[str, Any] | int") -> bytes:
    """Return a message to the parent: an event, the number of those left out, or at last the figures."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(data)) + data


def run_worker(
    make: Callable[[Network], WorkerServer],
    network: Network,
    number: int,
    workers: int,
    sockets: Sequence[socket.socket],
    control: socket.socket,
) -> None:
    """Serve until the parent says so, or is gone. `network` is the parent's; ours has no journal of its own.

    Connections have the numbers `number`, `number` + `workers` and so on, from 1, so that none is another's.
    """
    to_parent = ToParent(control, network.events)
    events = Events()
    if network.events:
        events.subscribe(to_parent, bodies=network.events.wants_bodies)
    own = Network(events=events, faults=network.faults, tls=network.tls)
    own.sockets.number_by(number, workers)
    server = make(own)
    server.adopt(sockets)
    server.service.ready()

    def told(_: int) -> None:
        with suppress(BlockingIOError):
            control.recv(16)  # It has one thing to say, and its end says the same.
            server.loop.unregister(control)
            server.stop("signal")

    control.setblocking(False)
    server.loop.register(control, READ, told)
    server.run()
    server.close()
    to_parent.finish(server.summary())
