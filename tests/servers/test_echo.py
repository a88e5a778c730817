"""Echo of datagrams: to everybody but those who would answer in turn."""

import socket

from pynetdb.net.loop import Loop
from pynetdb.net.server.answers import LOOPING_PORTS, AnswerGuard
from pynetdb.net.server.udp_socket import UdpServerSocket
from pynetdb.net.sockets import Sockets
from pynetdb.servers.echo import DatagramEcho


def test_datagrams_from_services_that_answer_are_dropped() -> None:
    """A forged packet must not start two servers talking for ever (CERT CA-1996-01)."""
    sent: list[object] = []
    loop = Loop(Sockets())
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    echo = DatagramEcho()
    udp_socket = UdpServerSocket(sock, loop, echo, lambda *_: True, AnswerGuard(0, Sockets()))
    udp_socket.send = lambda data, receiver: sent.append(receiver)  # type: ignore[method-assign]
    for port in LOOPING_PORTS:
        echo.datagram(udp_socket, b"x", ("127.0.0.1", port))
    echo.datagram(udp_socket, b"x", udp_socket.address)
    assert sent == []
    echo.datagram(udp_socket, b"x", ("127.0.0.1", 5353))
    assert sent == [("127.0.0.1", 5353)]
    udp_socket.close()
    loop.close()
