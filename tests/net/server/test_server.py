"""The server: a connection class of the caller's own, bounds, and a graceful end."""

import socket
import time
from typing import Any

from pynetdb.net.addresses import Target
from pynetdb.net.network import Network
from pynetdb.net.server.connection import Connection
from pynetdb.net.server.server import Bounds, Server
from pynetdb.servers.echo import EchoService

DELAY = 0.05


class DelayingConnection(Connection):
    """Sends everything a moment later."""

    __slots__ = ()

    def write(self, data: Any) -> None:
        later = bytes(data)
        self._loop.call_later(DELAY, lambda: Connection.write(self, later))

    def close(self) -> None:
        self._loop.call_later(DELAY, lambda: Connection.close(self))


def echo(server: Server, message: bytes) -> bytes:
    """Send a message, half-close, let the server run to its bound, and return what came back."""
    server.open()
    with socket.create_connection(server.addresses[0], timeout=10) as client:
        client.sendall(message)
        client.shutdown(socket.SHUT_WR)
        server.run()
        server.close()
        return client.recv(100)


def test_a_connection_class_that_delays_is_a_class_and_not_a_flag() -> None:
    place = Target("127.0.0.1", 0)
    server = Server(EchoService(), place, Bounds(count=1), Network(), DelayingConnection)
    begun = time.monotonic()
    assert echo(server, b"hello") == b"hello"
    assert time.monotonic() - begun >= DELAY


def test_the_summary_counts() -> None:
    server = Server(EchoService(b"hi\n"), Target("127.0.0.1", 0), Bounds(count=1), Network())
    assert echo(server, b"hello").startswith(b"hi\n")
    summary = server.summary()
    assert (summary["connections"], summary["bytes_received"], summary["bytes_sent"]) == (1, 5, 8)
    assert server.stopping == "count"
