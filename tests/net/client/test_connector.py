"""Connecting on the loop: names looked up aside, addresses tried in turn, nobody waited for."""

import socket
from collections.abc import Iterator

import pytest
from network import free_port
from programs import posix

from pynetdb.errors import NetworkError, PynetdbError
from pynetdb.net.addresses import Target
from pynetdb.net.client.connector import Connector
from pynetdb.net.loop import Loop
from pynetdb.net.sockets import Sockets


class Outcome:
    """What came of a connector, on a loop that runs until something has."""

    def __init__(self, target: Target, cancelled: bool = False, timeout: float = 5) -> None:
        self.sock: socket.socket | None = None
        self.error: PynetdbError | None = None
        loop = Loop(Sockets())
        connector = Connector(target, "test", loop, Sockets(), self.connected, self.failed)
        connector.start(timeout)
        if cancelled:
            connector.cancel()
            loop.call_later(0.05, loop.stop)
        loop.run_until(lambda: self.sock is not None or self.error is not None)
        loop.close()

    def connected(self, sock: socket.socket) -> None:
        self.sock = sock

    def failed(self, error: PynetdbError) -> None:
        self.error = error


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_number_and_a_name(port: int, host: str) -> None:
    outcome = Outcome(Target(host, port))
    assert outcome.sock is not None
    with outcome.sock as sock:
        assert sock.getpeername() == ("127.0.0.1", port)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert not sock.getblocking()


@pytest.mark.parametrize(
    ("host", "wrong"),
    [("127.0.0.1", "connection refused"), ("::1", ""), ("no.such.host.invalid", "unknown host")],
)
def test_nobody_is_there(host: str, wrong: str) -> None:
    outcome = Outcome(Target(host, free_port()))
    assert isinstance(outcome.error, NetworkError)
    assert wrong in str(outcome.error)


@posix
def test_nobody_answers() -> None:
    """A queue that is full takes no handshake, and tells nobody."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        place = deaf.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(place)
        outcome = Outcome(Target(*place), timeout=0.3)
        for sock in waiting:
            sock.close()
    assert outcome.sock is None
    assert str(outcome.error) == f"127.0.0.1:{place[1]}: no answer within 0.3 s"


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="platform: has no Unix-domain sockets")
def test_a_path(tmp_path: object) -> None:
    path = f"{tmp_path}/s"
    assert "no such socket file" in str(Outcome(Target("", 0, path)).error)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        outcome = Outcome(Target("", 0, path))
        assert outcome.sock is not None
        outcome.sock.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_who_is_told_to_stop_says_nothing(port: int, host: str) -> None:
    outcome = Outcome(Target(host, port), cancelled=True)
    assert (outcome.sock, outcome.error) == (None, None)
