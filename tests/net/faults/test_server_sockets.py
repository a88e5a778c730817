"""Servers of datagrams at the end of a bad way."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pynetdb.net.addresses import Target
from pynetdb.net.faults.faults import Faults
from pynetdb.net.faults.server_sockets import fault_datagrams
from pynetdb.net.faults.specs import parse_specs
from pynetdb.net.network import Network
from pynetdb.net.server.server import Bounds, Server
from pynetdb.net.server.service import Service
from pynetdb.servers.echo import EchoService
from pynetdb.servers.udp import ReceiveService


@contextmanager
def serving(
    service: Service, *specs: str, count: int | None = None
) -> Iterator[tuple[Server, threading.Thread]]:
    faults = Faults(parse_specs(specs), 1)
    network = Network(faults=faults)
    udp_sockets = fault_datagrams(faults, network, received=service.receives_only)
    place = Target("127.0.0.1", 0)
    server = Server(service, place, Bounds(count=count), network, udp_socket_factory=udp_sockets)
    server.open()
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server, thread
    finally:
        server.loop.call_from_thread(lambda: server.stop("signal"))
        thread.join(30)
        server.close()
        assert not thread.is_alive()


def client_of(server: Server) -> socket.socket:
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(30)
    client.connect(server.addresses[0])
    return client


def test_answers_come_twice() -> None:
    with serving(EchoService(udp=True), "duplicate=100%") as (server, _), client_of(server) as client:
        client.send(b"hi")
        assert [client.recv(10), client.recv(10)] == [b"hi", b"hi"]
        assert server.statistics.datagrams == 1


def test_the_last_answer_is_sent_though_it_is_late() -> None:
    with (
        serving(EchoService(udp=True), "delay=100ms", count=1) as (server, thread),
        client_of(server) as client,
    ):
        begun = time.perf_counter()
        client.send(b"hi")
        assert client.recv(10) == b"hi"
        assert time.perf_counter() - begun >= 0.1
        thread.join(30)
        assert server.stopping == "count"


def test_a_server_that_stops_does_not_wait_longer_than_for_others() -> None:
    with serving(EchoService(udp=True), "delay=1h") as (server, thread), client_of(server) as client:
        client.send(b"hi")
        while not server.statistics.datagrams:
            time.sleep(0.001)
        server.loop.call_from_thread(lambda: server.stop("signal"))
        thread.join(10)
        assert not thread.is_alive()


def test_who_only_receives_loses_before_it_counts() -> None:
    with serving(ReceiveService(), "drop=100%", count=1) as (server, _), client_of(server) as client:
        for _ in range(5):
            client.send(b"hi")
    assert server.statistics.datagrams == 0
    assert server.stopping == "signal"


def test_who_only_receives_counts_what_arrives() -> None:
    received: list[Any] = []
    with (
        serving(ReceiveService(), "duplicate=100%", "delay=1ms", count=4) as (server, thread),
        client_of(server) as client,
    ):
        client.send(b"one")
        client.send(b"two")
        thread.join(30)
    assert (server.statistics.datagrams, server.stopping, received) == (4, "count", [])
