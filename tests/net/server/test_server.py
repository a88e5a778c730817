"""The server: a connection class of the caller's own, bounds, and a graceful end."""

import socket
import time
from contextlib import ExitStack
from typing import Any

import click
import pytest
from network import connect
from processes import descriptors
from programs import Serve, linux

from pynetdb.cli import COMMANDS, pynetdb
from pynetdb.net.addresses import Target
from pynetdb.net.network import Network
from pynetdb.net.server.connection import Connection
from pynetdb.net.server.server import MAX_REFUSALS, Bounds, Server
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


# The bounds that every server of connections keeps

SERVERS = {
    "echo": ("serve-echo",),
    "http": ("serve-http",),
    "chat": ("chat-server",),
    "daytime": ("serve-time", "--protocol", "daytime"),
    "time": ("serve-time", "--protocol", "time", "--tcp"),
}
STAYING = {name: SERVERS[name] for name in ("echo", "http", "chat")}
"""Those whose connections last as long as the client likes."""


def test_every_server_of_connections_is_here() -> None:
    context = click.Context(pynetdb)
    bounded = set()
    for name in COMMANDS:
        command = pynetdb.get_command(context, name)
        assert command is not None
        if any("--per-address" in parameter.opts for parameter in command.params):
            bounded.add(name)
    assert bounded == {arguments[0] for arguments in SERVERS.values()}


@linux
@pytest.mark.parametrize("server", STAYING.values(), ids=STAYING)
def test_who_is_refused_takes_no_descriptors_from_the_others(serve: Serve, server: tuple[str, ...]) -> None:
    held = serve(*server, "--max-clients", "1")
    with ExitStack() as stack:
        stack.enter_context(connect(held))
        held.event("connected")
        before = len(descriptors(held.pid))
        for _ in range(200):  # None of them closes, whatever it is told.
            stack.enter_context(connect(held))
        for _ in range(200):
            held.event("refused")
        assert len(descriptors(held.pid)) <= before + MAX_REFUSALS + 1


@pytest.mark.parametrize("server", STAYING.values(), ids=STAYING)
def test_one_address_cannot_have_all_the_places(serve: Serve, server: tuple[str, ...]) -> None:
    held = serve(*server, "--per-address", "2")
    with connect(held) as first, connect(held):
        with connect(held):
            assert held.event("refused")["connection"] == 3
        with socket.create_connection(held.address, 30, source_address=("127.0.0.5", 0)):
            assert held.event("connected")["from"].startswith("127.0.0.5:")
        first.close()
        while held.event("closed")["connection"] != 1:
            pass
        with connect(held):
            assert held.event("connected")["connection"] == 5
