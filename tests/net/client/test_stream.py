"""Blocking clients: everything under one deadline, every failure with a name."""

import errno
import socket
import threading
from collections.abc import Iterator

import pytest
from fakes import RESET, Recorder, fake
from programs import WINE

from pynetdb.errors import DeadlineError, NetworkError
from pynetdb.events import Closed, Events
from pynetdb.net.addresses import Resolved, Target
from pynetdb.net.client import stream as module
from pynetdb.net.client.stream import Stream
from pynetdb.net.client.udp_socket import UdpClientSocket
from pynetdb.net.deadline import Deadline
from pynetdb.net.network import Network
from pynetdb.net.os_errors import message, network_errors
from pynetdb.net.sockets import Sockets


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield sock


def connected(listening: socket.socket, timeout: float = 5.0) -> tuple[Stream, socket.socket]:
    target = Target(*listening.getsockname())
    stream = Stream.connect(target, Deadline(timeout, str(target)), Network())
    return stream, listening.accept()[0]


def test_a_conversation(listening: socket.socket) -> None:
    stream, peer = connected(listening)
    with stream, peer:
        assert stream.ready(to_send=True) == (False, True)
        assert stream.ready(to_send=False, patience=0) == (False, False)
        stream.send_all(b"question")
        assert peer.recv(100) == b"question"
        peer.sendall(b"answer")
        assert stream.ready(to_send=True) == (True, True)
        assert stream.receive(3) + stream.receive(100) == b"answer"
        stream.shutdown_write()
        assert peer.recv(100) == b""
        peer.close()
        assert stream.receive(100) == b""


def test_behind_a_proxy_errors_are_those_of_whom_it_leads_to(listening: socket.socket) -> None:
    target, recorder = Target(*listening.getsockname()), Recorder()
    stream = Stream.connect(target, Deadline(5, "x"), Network(events=Events([recorder])))
    with stream, listening.accept()[0] as peer:
        stream.lead_to(Target("origin.example", 443))
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        peer.close()
        with pytest.raises(NetworkError, match=r"^origin\.example:443: "):
            stream.receive(1)
    closed = [event for event in recorder.events if isinstance(event, Closed)]
    assert [event.peer for event in closed] == [str(target)]


def test_send_all_waits_for_room(listening: socket.socket) -> None:
    stream, peer = connected(listening, 30)
    size = 20_000_000

    def read() -> None:
        left = size
        while left:
            left -= len(peer.recv(1 << 20))

    with stream, peer:
        reader = threading.Thread(target=read)
        reader.start()
        stream.send_all(bytes(size))
        reader.join()


def test_one_deadline_for_everything(listening: socket.socket) -> None:
    stream, peer = connected(listening, 0.05)
    with stream, peer:
        with pytest.raises(DeadlineError, match=r"no complete answer within 0.05 s"):
            stream.receive(1)
        peer.sendall(b"too late")
        for late in (
            lambda: stream.receive(1),
            lambda: stream.send(b"x"),
            lambda: stream.ready(to_send=True),
        ):
            with pytest.raises(DeadlineError):
                late()


def test_a_peer_that_does_not_read(listening: socket.socket) -> None:
    stream, peer = connected(listening, 0.2)
    with stream, peer, pytest.raises(DeadlineError):
        stream.send_all(bytes(50_000_000))


def test_a_peer_that_says_nothing_while_we_wait_for_either(listening: socket.socket) -> None:
    stream, peer = connected(listening, 0.05)
    with stream, peer, pytest.raises(DeadlineError):
        stream.ready(to_send=False)


def test_a_reset(listening: socket.socket) -> None:
    stream, peer = connected(listening)
    with stream:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        peer.close()
        with pytest.raises(NetworkError, match="the peer reset the connection"):
            stream.receive(1)
        if not WINE:  # It shuts down a connection that was reset as if it were open.
            with pytest.raises(NetworkError):
                stream.shutdown_write()


def test_nobody_listens(listening: socket.socket) -> None:
    target = Target(*listening.getsockname())
    listening.close()
    with pytest.raises(
        NetworkError, match=r"127.0.0.1:\d+: connection refused \(is a server running there\?\)"
    ):
        Stream.connect(target, Deadline(5, str(target)), Network())


def test_every_address_of_a_name_is_tried(listening: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    address = listening.getsockname()
    with socket.socket() as unbound:
        unbound.bind(("127.0.0.1", 0))
        found = [Resolved(socket.AF_INET, unbound.getsockname()), Resolved(socket.AF_INET, address)]
        monkeypatch.setattr(module, "addresses_to_reach", lambda *_: found)
        with Stream.connect(Target("name", 1), Deadline(5, "name"), Network()) as stream:
            assert stream.peer == "name:1"
    monkeypatch.setattr(module, "addresses_to_reach", lambda *_: [])
    with pytest.raises(NetworkError, match="no addresses"):
        Stream.connect(Target("name", 1), Deadline(5, "name"), Network())


def test_a_handshake_that_never_ends() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        target = Target(*full.getsockname())
        with socket.create_connection(full.getsockname()), pytest.raises(DeadlineError):
            # The queue has room for one: the next handshakes get no answer.
            for _ in range(3):
                Stream.connect(target, Deadline(0.2, str(target)), Network())


def test_a_kernel_that_gives_up_is_a_network_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class GivingUp(socket.socket):
        def connect(self, address: object) -> None:
            raise TimeoutError(errno.ETIMEDOUT, "Connection timed out")

    class Those(Sockets):
        def create(self, family: int, kind: int, who: str) -> socket.socket:
            return GivingUp(family, kind)

    network = Network()
    network.sockets = Those()
    with pytest.raises(NetworkError, match="the network gave up"):
        Stream.connect(Target("127.0.0.1", 9), Deadline(5, "x"), network)


def test_datagrams_of_one_peer() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        target = Target(*peer.getsockname())
        with UdpClientSocket(target, Deadline(5, str(target)), Network()) as datagrams:
            datagrams.send(b"")
            assert peer.recvfrom(10)[0] == b""
            assert datagrams.receive(0.01) is None
            datagrams.send(b"x")
            peer.sendto(b"answer", peer.recvfrom(10)[1])
            assert datagrams.receive(5) == b"answer"


def test_a_closed_udp_port_is_noticed() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        target = Target(*peer.getsockname())
    with UdpClientSocket(target, Deadline(5, str(target)), Network()) as datagrams:
        datagrams.send(b"x")
        with pytest.raises(NetworkError, match="connection refused"):
            datagrams.receive(5)


def test_a_datagram_to_where_it_may_not_go() -> None:
    with pytest.raises(NetworkError, match="255.255.255.255:9: permission denied|no route"):
        UdpClientSocket(Target("255.255.255.255", 9), Deadline(5, "x"), Network())


def test_failures_without_words_of_ours() -> None:
    assert message(OSError(36, "File name too long")) == "File name too long"
    assert message(OSError("odd")) == "odd"
    with pytest.raises(NetworkError, match="x: unknown host"), network_errors("x"):
        raise UnicodeError


def test_a_connection_that_breaks_is_told_with_its_error() -> None:
    def break_off(sock: socket.socket) -> None:
        sock.recv(1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        sock.close()  # Here: the server would end its side politely first.

    recorder = Recorder()
    with fake(break_off) as port:
        target = Target("127.0.0.1", int(port))
        with Stream.connect(target, Deadline(30, "x"), Network(events=Events([recorder]))) as stream:
            stream.send_all(b"ab")
            with pytest.raises(NetworkError):
                stream.receive(1)
        stream.close()
    _, closed = recorder.events
    assert isinstance(closed, Closed)
    assert (closed.bytes_sent, closed.bytes_received) == (2, 0)
    assert "reset" in (closed.error or "")


def test_nobody_is_told_where_nobody_listens() -> None:
    with fake(lambda sock: sock.recv(1)) as port:
        target = Target("127.0.0.1", int(port))
        with Stream.connect(target, Deadline(30, "x"), Network()) as stream:
            assert type(stream) is Stream
            stream.send_all(b"a")


def test_a_name_that_has_no_address_of_the_family() -> None:
    network = Network(ip_version=6)
    with pytest.raises(
        NetworkError, match="127.0.0.1:9: unknown host, or one without an address of IPv6"
    ) as caught:
        Stream.connect(Target("127.0.0.1", 9), Deadline(5, "x"), network)
    assert caught.value.hint == "IPv6 alone"
