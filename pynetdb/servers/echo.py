"""The echo service of RFC 862, for streams or for datagrams."""

from typing import Any

from pynetdb.net.server.connection import Connection, ConnectionHandler
from pynetdb.net.server.service import Service
from pynetdb.net.server.udp_socket import DatagramHandler, UdpServerSocket


class EchoService(Service):
    """Sends back what it receives over connections, or with `udp` as datagrams."""

    name = "serve-echo"
    client = "echo-client"

    def __init__(self, greeting: bytes = b"", *, udp: bool = False) -> None:
        if udp:
            self.scheme = "udp"
            self.datagrams = DatagramEcho()
        else:
            self.streams = StreamEcho(greeting)


class StreamEcho(ConnectionHandler):
    """Sends back bytes, not lines. `greeting` is said first."""

    def __init__(self, greeting: bytes = b"") -> None:
        self._greeting = greeting

    def connected(self, connection: Connection) -> None:
        if self._greeting:
            connection.write(self._greeting)

    def received(self, connection: Connection, data: memoryview) -> None:
        connection.write(data)


class DatagramEcho(DatagramHandler):
    """Sends each datagram back to its sender, empty ones too."""

    def datagram(self, udp_socket: UdpServerSocket, data: bytes, sender: Any) -> None:
        udp_socket.answer(data, sender)
