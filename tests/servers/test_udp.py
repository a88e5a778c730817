"""Receiving datagrams: accounts that cannot grow without end, answers that go where they do no harm."""

import socket

import pytest

from pynetdb.net.loop import Loop
from pynetdb.net.server.udp_socket import DatagramHandler, UdpServerSocket
from pynetdb.net.sockets import Sockets
from pynetdb.servers.udp import ReceiveService, _may_answer


def bound(loop: Loop) -> UdpServerSocket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    return UdpServerSocket(sock, loop, DatagramHandler(), lambda *_: True)


def test_more_senders_than_can_be_told_apart() -> None:
    service = ReceiveService()
    for port in range(1000):
        service._account(("127.0.0.1", port)).received(0, 0, 0)
    assert len(service._accounts) == 65


@pytest.mark.parametrize(
    ("sender", "answered"),
    [
        (("127.0.0.1", 1024), True),
        (("127.0.0.1", 1023), False),
        (("127.0.0.1", 53), False),
        (("255.255.255.255", 5000), False),
        (("224.0.0.1", 5000), False),
        (("0.0.0.0", 5000), False),
        (("ff02::1%lo", 5000, 0, 1), False),
        (("::1", 5000, 0, 0), True),
    ],
)
def test_where_no_answer_may_go(sender: tuple[object, ...], answered: bool) -> None:
    udp_socket = bound(loop := Loop(Sockets()))
    assert _may_answer(udp_socket, sender) is answered
    assert not _may_answer(udp_socket, udp_socket.address)
    udp_socket.close()
    loop.close()
