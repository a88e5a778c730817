"""The echo server of RFC 862, for streams and for datagrams."""

from typing import Any

from pynetdb.net.server.connection import Connection, Handler
from pynetdb.net.server.udp_socket import DatagramHandler, Endpoint


class Echo(Handler):
    """Sends back what it receives: bytes, not lines. `greeting` is said first."""

    def __init__(self, greeting: bytes = b"") -> None:
        self._greeting = greeting

    def connected(self, connection: Connection) -> None:
        if self._greeting:
            connection.write(self._greeting)

    def received(self, connection: Connection, data: memoryview) -> None:
        connection.write(data)


class DatagramEcho(DatagramHandler):
    """Sends each datagram back to its sender, empty ones too.

    Not to services that would answer in turn, and not to itself.
    """

    def datagram(self, endpoint: Endpoint, data: bytes, sender: Any) -> None:
        if endpoint.may_answer(sender):
            endpoint.send(data, sender)
