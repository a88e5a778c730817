"""A faulty connection over real sockets, its peer a plain one."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from programs import unlike_wine

from pynetdb.events import Event, Events, FaultInjected
from pynetdb.net.addresses import Target
from pynetdb.net.faults.connection import fault_connections
from pynetdb.net.faults.faults import Faults
from pynetdb.net.faults.specs import parse_specs
from pynetdb.net.network import Network
from pynetdb.net.server.connection import Connection, ConnectionHandler
from pynetdb.net.server.file_range import FileRange
from pynetdb.net.server.server import Bounds, Server
from pynetdb.net.server.service import Service


class Listener:
    """Remembers the faults."""

    wants_details = True
    wants_words = False

    def __init__(self) -> None:
        self.faults: list[FaultInjected] = []

    def receive(self, event: Event) -> None:
        if isinstance(event, FaultInjected):
            self.faults.append(event)

    def watch(self, failed: object) -> None:
        """It cannot fail."""

    def close(self) -> None:
        """Nothing is open."""


class Sender(Service, ConnectionHandler):
    """Sends what it was made with to whoever connects, then closes; perhaps from a file."""

    def __init__(self, payload: bytes, folder: Path | None = None, close: bool = True) -> None:
        self.streams = self
        self._payload = payload
        self._folder = folder
        self._close = close

    def connected(self, connection: Connection) -> None:
        if self._folder is None:
            connection.write(self._payload)
        else:
            import os

            path = self._folder / "payload"
            path.write_bytes(self._payload)
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
            connection.write_file(FileRange(descriptor, 0, len(self._payload)))
        if self._close:
            connection.close()


@contextmanager
def serving(service: Service, *specs: str, seed: int = 1, count: int = 1) -> Iterator[tuple[Any, Listener]]:
    """A server in a thread; gives its address and who is told of its faults."""
    listener = Listener()
    faults = Faults(parse_specs(specs), seed)
    network = Network(events=Events([listener]), faults=faults)
    bounds = Bounds(count=count)
    server = Server(service, Target("127.0.0.1", 0), bounds, network, fault_connections(faults, network))
    server.open()
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server.addresses[0], listener
    finally:
        server.loop.call_from_thread(lambda: server.stop("signal"))
        thread.join(30)
        server.close()
        assert not thread.is_alive()


def receive_all(address: Any) -> tuple[bytes, list[bytes], bool]:
    """All that comes, as it came, and whether it ended with a reset."""
    pieces: list[bytes] = []
    try:
        client = socket.create_connection(address, timeout=30)
    except ConnectionResetError:  # Before connect() could look.
        return b"", pieces, True
    with client:
        while True:
            try:
                piece = client.recv(65536)
            except ConnectionResetError:
                return b"".join(pieces), pieces, True
            if not piece:
                return b"".join(pieces), pieces, False
            pieces.append(piece)


PAYLOAD = bytes(range(256)) * 1000


@pytest.mark.parametrize("from_file", [False, True])
@pytest.mark.parametrize(
    "specs",
    [
        ["delay=20ms"],
        ["delay=1ms..30ms"],
        ["rate=2MB"],
        ["split=777"],
        ["stall=20ms", "stall=20ms@100000", "stall=5ms@200000"],
        ["delay=5ms", "rate=5MB", "split=5000", "stall=10ms@1"],
    ],
    ids=str,
)
def test_late_slow_and_in_pieces_but_whole(specs: list[str], from_file: bool, tmp_path: Path) -> None:
    with serving(Sender(PAYLOAD, tmp_path if from_file else None), *specs) as (address, listener):
        received, _, reset = receive_all(address)
        assert received == PAYLOAD
        assert not reset
    assert {fault.fault for fault in listener.faults} == {spec.partition("=")[0] for spec in specs}


@pytest.mark.parametrize("from_file", [False, True])
@pytest.mark.parametrize("after", [0, 1, 10, 100_000, len(PAYLOAD)])
@pytest.mark.parametrize(
    "kind", [pytest.param("reset", marks=unlike_wine("tells a reset as the end of the stream")), "close"]
)
def test_broken_off_after_exactly_so_many_bytes(
    kind: str, after: int, from_file: bool, tmp_path: Path
) -> None:
    with serving(Sender(PAYLOAD, tmp_path if from_file else None), f"{kind}-after={after}") as (
        address,
        listener,
    ):
        received, _, reset = receive_all(address)
        assert received == PAYLOAD[:after]
        assert reset == (kind == "reset")
    assert [(fault.fault, fault.bytes) for fault in listener.faults] == [(f"{kind}-after", after)]


def test_what_ends_before_is_not_broken_off() -> None:
    with serving(Sender(b"short"), "reset-after=6") as (address, listener):
        assert receive_all(address)[0] == b"short"
    assert listener.faults == []


def test_corrupt_hits_the_same_bytes_however_they_are_cut() -> None:
    outcomes = []
    for specs in (["corrupt=1%"], ["corrupt=1%", "split=1000"], ["corrupt=1%", "rate=5MB"]):
        with serving(Sender(PAYLOAD), *specs) as (address, listener):
            received = receive_all(address)[0]
        outcomes.append(received)
        wrong = [at for at, (one, other) in enumerate(zip(received, PAYLOAD, strict=True)) if one != other]
        assert wrong == [fault.bytes for fault in listener.faults if fault.fault == "corrupt"]
        assert all((received[at] ^ PAYLOAD[at]).bit_count() == 1 for at in wrong)
        assert 2360 < len(wrong) < 2760  # 2560, and four standard deviations.
    assert outcomes[0] == outcomes[1] == outcomes[2]
    with serving(Sender(PAYLOAD), "corrupt=1%", seed=2) as (address, _):
        assert receive_all(address)[0] != outcomes[0]


def test_corrupt_all() -> None:
    with serving(Sender(b"hello"), "corrupt=100%") as (address, _):
        received = receive_all(address)[0]
    assert len(received) == 5
    assert all(one != other for one, other in zip(received, b"hello", strict=True))


def test_pieces_arrive_as_pieces() -> None:
    with serving(Sender(b"0123456789"), "split=1") as (address, _):
        _, pieces, _ = receive_all(address)
    assert len(pieces) > 5  # Ten, where nobody is busy.


def test_an_echo_is_late_by_what_was_asked() -> None:
    """The least of as many as it takes: what is later than asked is the machine's doing."""
    from pynetdb.servers.echo import EchoService

    with (
        serving(EchoService(), "delay=40ms", count=2) as (address, _),
        socket.create_connection(address) as client,
    ):
        trips = [1.0]
        while min(trips) >= 0.042 and len(trips) < 500:
            begun = time.perf_counter()
            client.sendall(b"x")
            assert client.recv(10) == b"x"
            trips.append(time.perf_counter() - begun)
    assert 0.040 <= min(trips) < 0.042


def test_a_slow_line_is_as_slow_as_was_asked() -> None:
    with serving(Sender(PAYLOAD), "rate=1MB") as (address, _):
        begun = time.perf_counter()
        receive_all(address)
        assert time.perf_counter() - begun > len(PAYLOAD) / 1_000_000 * 0.9


def test_a_stall_holds_back_what_comes_after_that_many_bytes() -> None:
    with (
        serving(Sender(PAYLOAD), "stall=200ms@1000") as (address, _),
        socket.create_connection(address) as client,
    ):
        begun = time.perf_counter()
        early = b""
        while len(early) < 1000:
            early += client.recv(1000 - len(early))
        first = time.perf_counter() - begun
        client.recv(1)
        assert time.perf_counter() - begun >= 0.199 > first


def test_who_talks_on_after_the_end_gets_a_fin_and_no_reset() -> None:
    from pynetdb.servers.echo import EchoService

    with (
        serving(EchoService(), "close-after=3", count=2) as (address, _),
        socket.create_connection(address) as client,
    ):
        client.sendall(b"12345")
        assert client.recv(3, socket.MSG_WAITALL) == b"123"
        client.sendall(b"x" * 1000)
        assert client.recv(10) == b""


def test_a_peer_that_leaves_before_its_time_leaves_nothing_behind() -> None:
    with serving(Sender(PAYLOAD, close=False), "delay=10s", "stall=10s@5", count=2) as (address, _):
        socket.create_connection(address).close()
