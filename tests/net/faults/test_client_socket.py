"""A client's datagrams on a bad way."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pynetdb.errors import CommandLineError, NetworkError
from pynetdb.net.addresses import Target
from pynetdb.net.client.udp_socket import UdpClientSocket
from pynetdb.net.deadline import Deadline
from pynetdb.net.faults.client_socket import FaultyUdpClientSocket
from pynetdb.net.faults.faults import Faults
from pynetdb.net.faults.specs import parse_specs
from pynetdb.net.network import Network


@contextmanager
def receiver() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(30)
        yield sock


def sender(port: int, *specs: str) -> UdpClientSocket:
    target = Target("127.0.0.1", port)
    network = Network(faults=Faults(parse_specs(specs), 1) if specs else None)
    return UdpClientSocket.open(target, Deadline(30, str(target)), network)


def test_without_faults_it_is_the_plain_class() -> None:
    with receiver() as sock, sender(sock.getsockname()[1]) as plain:
        assert type(plain) is UdpClientSocket
    with receiver() as sock, sender(sock.getsockname()[1], "drop=1%") as faulty:
        assert type(faulty) is FaultyUdpClientSocket


def test_each_of_many_copies_has_its_own_fate() -> None:
    with receiver() as sock, sender(sock.getsockname()[1], "drop=50%") as datagrams:
        datagrams.send_many(b"x", 100)
        datagrams.check()
        sock.settimeout(0.2)
        arrived = 0
        with pytest.raises(TimeoutError):
            while True:
                sock.recv(10)
                arrived += 1
    assert 25 < arrived < 75


def test_what_is_late_is_sent_meanwhile_and_in_time() -> None:
    """Within 2 ms, as soon as the machine has nothing else to do for that long."""
    with receiver() as sock, sender(sock.getsockname()[1], "delay=40ms") as datagrams:
        trips = []
        end = time.monotonic() + 30
        while not trips or (min(trips) >= 0.042 and time.monotonic() < end):
            begun = time.perf_counter()
            datagrams.send(b"x")
            sock.recv(10)
            trips.append(time.perf_counter() - begun)
    assert 0.040 <= min(trips) < 0.042


def test_the_end_waits_for_what_is_on_its_way() -> None:
    with receiver() as sock:
        with sender(sock.getsockname()[1], "delay=50ms", "reorder=100%") as datagrams:
            datagrams.send(b"1")
            datagrams.send(b"2")
        assert {sock.recv(10), sock.recv(10)} == {b"1", b"2"}


def test_a_closed_port_is_noticed_all_the_same() -> None:
    with receiver() as sock:
        port = sock.getsockname()[1]
    with sender(port, "delay=1ms") as datagrams, pytest.raises(NetworkError):
        for _ in range(50):
            datagrams.send(b"x")
            datagrams.check()


def test_a_fault_of_connections_is_refused() -> None:
    with receiver() as sock, pytest.raises(CommandLineError):
        sender(sock.getsockname()[1], "rate=1kB")
