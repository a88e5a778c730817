"""A bound UDP socket on the loop: whole datagrams, harmless answers, a count of what was lost."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from programs import linux

from pynetdb.net.loop import Loop
from pynetdb.net.server.answers import AnswerGuard
from pynetdb.net.server.udp_socket import DatagramHandler, UdpServerSocket
from pynetdb.net.sockets import Sockets


class Notes(DatagramHandler):
    """Writes down what arrives."""

    def __init__(self) -> None:
        self.told: list[bytes] = []

    def datagram(self, udp_socket: UdpServerSocket, data: bytes, sender: Any) -> None:
        self.told.append(data)
        udp_socket.send(data[::-1], sender)


class Bench:
    """A UDP server on a loop, with a client in our hand."""

    def __init__(self, wanted: bool = True) -> None:
        self.loop = Loop(Sockets())
        guard = AnswerGuard(0, Sockets())
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.1", 0))
        sock.setblocking(False)
        self.notes = Notes()
        self.server = UdpServerSocket(
            sock, self.loop, self.notes, lambda data, sender: data != b"unwanted", guard
        )
        self.client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.client.settimeout(30)
        self.client.connect(self.server.address)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.server.close()
    bench.client.close()
    bench.loop.close()


def test_each_datagram_is_whole_an_empty_one_too_and_can_be_answered(bench: Bench) -> None:
    sent = [b"abc", b"", bytes(60_000)]
    for data in sent:
        bench.client.send(data)
    bench.server.receive_each()
    assert bench.notes.told == sent
    assert [bench.client.recv(70_000) for _ in sent] == [b"cba", b"", bytes(60_000)]
    assert bench.server.bytes_sent == 60_003


def test_one_that_is_not_wanted_is_not_handed_over(bench: Bench) -> None:
    bench.client.send(b"unwanted")
    bench.client.send(b"wanted")
    bench.server.receive_each()
    assert bench.notes.told == [b"wanted"]


def test_counting_hands_over_nothing(bench: Bench) -> None:
    for data in (b"abc", b"", b"de"):
        bench.client.send(data)
    assert bench.server.count(2, b"special") == (2, 3, None)
    assert bench.server.count(10, b"special") == (1, 2, None)
    assert bench.notes.told == []


def test_counting_stops_at_what_begins_as_was_said(bench: Bench) -> None:
    # The empty one and the short ones lie in the buffer above what is left of the long one before them.
    for data in (b"a", b"special 1", b"", b"special"[:3], b"special", b"b"):
        bench.client.send(data)
    sender = bench.client.getsockname()
    assert bench.server.count(10, b"special") == (2, 10, (b"special 1", sender))
    assert bench.server.count(10, b"special") == (3, 10, (b"special", sender))
    assert bench.server.count(10, b"special") == (1, 1, None)


def test_what_cannot_go_out_is_counted(bench: Bench) -> None:
    bench.server.send(bytes(70_000), bench.client.getsockname())
    assert (bench.server.unsent, bench.server.bytes_sent) == (1, 0)


def test_an_answer_goes_only_where_the_guard_permits_it(bench: Bench) -> None:
    client = bench.client.getsockname()
    assert bench.server.answer(b"x", client)
    assert not bench.server.answer(b"x", client, frozenset({client[1]}))
    assert not bench.server.answer(b"x", bench.server.address)
    assert (bench.server.unanswered, bench.server.bytes_sent) == (2, 1)


def test_after_the_close_nothing_is_received(bench: Bench) -> None:
    bench.client.send(b"x")
    bench.server.close()
    bench.server.receive_each()
    bench.server.close()
    assert bench.notes.told == []


@linux
def test_what_the_kernel_drops_is_known(bench: Bench) -> None:
    bench.server.ask_for_buffer(4096)
    for _ in range(100):
        bench.client.send(bytes(1000))
    kept, _, _ = bench.server.count(100, b"special")
    assert kept + (bench.server.dropped() or 0) == 100 and kept < 100
