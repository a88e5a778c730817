"""The client's UDP socket: the name's other addresses are tried, late answers find nobody."""

import select
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from fakes import fake_udp
from network import free_port
from programs import Run

from pynetdb.errors import NetworkError
from pynetdb.net.addresses import Target
from pynetdb.net.client.udp_socket import UdpClientSocket
from pynetdb.net.deadline import Deadline
from pynetdb.net.network import Network

Open = Callable[..., UdpClientSocket]


def echo(sock: socket.socket, data: bytes, sender: object) -> None:
    sock.sendto(data, sender)  # type: ignore[call-overload]


@pytest.fixture
def open_two() -> Iterator[Open]:
    """A socket for a name with two addresses, at the first of which nobody listens."""
    opened: list[UdpClientSocket] = []

    def start(port: int, hosts: tuple[str, ...] = ("127.0.0.2", "127.0.0.1")) -> UdpClientSocket:
        network = Network()
        found = [(socket.AF_INET, socket.SOCK_DGRAM, 17, "", (host, port)) for host in hosts]
        network.sockets.getaddrinfo = lambda *_, **__: found  # type: ignore[method-assign]
        opened.append(UdpClientSocket(Target("two.test", port), Deadline(30, "two.test"), network))
        return opened[-1]

    yield start
    for sock in opened:
        sock.close()


def test_where_nobody_listens_the_next_address_is_tried(open_two: Open) -> None:
    with fake_udp(echo) as port:
        sock = open_two(int(port))
        sock.send(b"hello")
        assert sock.receive(30) == b"hello"


def test_many_datagrams_find_it_too(open_two: Open) -> None:
    seen = threading.Semaphore(0)
    with fake_udp(lambda *_: seen.release()) as port:
        sock = open_two(int(port))
        sock.send_many(b"hello", 20)
        for _ in range(20):
            assert seen.acquire(timeout=30)
        sock.check()


def test_where_nobody_listens_at_all_it_is_said(open_two: Open) -> None:
    sock = open_two(free_port(socket.SOCK_DGRAM), ("127.0.0.2", "127.0.0.3", "127.0.0.1"))
    with pytest.raises(NetworkError, match="connection refused"):
        sock.send(b"hello")
        sock.receive(30)


def test_once_somebody_has_answered_nobody_else_is_asked(open_two: Open) -> None:
    answered = threading.Event()

    def once(sock: socket.socket, data: bytes, sender: object) -> None:
        if not answered.is_set():
            answered.set()
            echo(sock, data, sender)

    with fake_udp(once) as port:
        sock = open_two(int(port), ("127.0.0.1", "127.0.0.2"))
        sock.send(b"hello")
        assert sock.receive(30) == b"hello"
    with pytest.raises(NetworkError):
        sock.send(b"again")
        sock.receive(30)


def test_late_answers_find_nobody_and_are_counted(open_two: Open) -> None:
    with fake_udp(echo) as port:
        sock = open_two(int(port))
        sock.send(b"one")
        assert sock.receive(30) == b"one"
        sock.send(b"two")
        assert select.select([sock._sock], [], [], 30)[0]
        assert sock.restart() == 1
        sock.send(b"three")
        assert sock.receive(30) == b"three"


def test_udp_send_gives_each_answer_to_its_own_question(run: Run) -> None:
    """As DNS clients do it: another port for each question whose answers may still come."""
    timers: list[threading.Timer] = []

    def slowly(sock: socket.socket, data: bytes, sender: object) -> None:
        timers.append(threading.Timer(0.4, lambda: echo(sock, b"answer to " + data, sender)))
        timers[-1].start()

    with fake_udp(slowly) as port:
        done = run(
            "udp-send", "-p", port, "--reply", "--retries", "9", "--timeout", "9s", "one", "two", "three"
        )
        for timer in timers:
            timer.join()
    assert done.stdout == "answer to one\nanswer to two\nanswer to three\n"


@pytest.mark.parametrize(
    ("options", "expected"), [(("--replies", "2"), 2), (("--replies", "0"), 3), (("--reply",), 1)]
)
def test_udp_send_takes_as_many_answers_as_are_wanted(
    run: Run, options: tuple[str, ...], expected: int
) -> None:
    def thrice(sock: socket.socket, data: bytes, sender: object) -> None:
        for number in range(3):
            sock.sendto(b"%d" % number, sender)  # type: ignore[call-overload]

    with fake_udp(thrice) as port:
        began = time.monotonic()
        done = run("udp-send", "-p", port, *options, "--timeout", "3s", "who is there")
        assert done.stdout == "".join(f"{number}\n" for number in range(expected))
        assert done.returncode == 0
        assert (time.monotonic() - began >= 3) is (options == ("--replies", "0"))
