"""A bound UDP socket on the loop."""

import socket
from collections.abc import Callable
from typing import Any

from pynetdb.net.loop import READ, Loop

# After so many the rest of the loop gets its turn.
_DATAGRAMS_PER_TURN = 64

# Larger than any UDP payload, so that nothing is ever cut off (RFC 768: the length field has 16 bits).
_MAX_DATAGRAM = 65536

# Services that answer any datagram: two of them, told of each other by one forged packet, would talk
# for ever (CERT Advisory CA-1996-01). echo, daytime, qotd, chargen, time, ntp.
LOOPING_PORTS = frozenset({7, 13, 17, 19, 37, 123})


class DatagramHandler:
    """A protocol's server for datagrams."""

    def datagram(self, endpoint: "Endpoint", data: bytes, sender: Any) -> None:
        """One datagram arrived, perhaps an empty one."""


class Endpoint:
    """Receives datagrams and answers them."""

    def __init__(
        self,
        sock: socket.socket,
        loop: Loop,
        handler: DatagramHandler,
        arrived: Callable[["Endpoint", bytes, Any], bool],
    ) -> None:
        self.sock = sock
        self.address = sock.getsockname()
        self.bytes_sent = 0
        self.unsent = 0
        """Answers for which the kernel had no room: lost, as UDP may lose them."""
        self._loop = loop
        self._handler = handler
        self._arrived = arrived
        self._open = True
        loop.register(sock, READ, self._ready)

    def send(self, data: bytes, receiver: Any) -> None:
        """Send one datagram; one that cannot go out is counted and lost."""
        try:
            self.bytes_sent += self.sock.sendto(data, receiver)
        except OSError:
            self.unsent += 1

    def may_answer(self, sender: Any) -> bool:
        """Say whether an answer could not start an endless conversation of two servers."""
        return sender[1] not in LOOPING_PORTS and sender[:2] != self.address[:2]

    def close(self) -> None:
        """Receive no more."""
        if self._open:
            self._open = False
            self._loop.unregister(self.sock)
            self.sock.close()

    def _ready(self, events: int) -> None:
        for _ in range(_DATAGRAMS_PER_TURN):
            if not self._open:
                return
            try:
                data, sender = self.sock.recvfrom(_MAX_DATAGRAM)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                continue  # Windows and ICMP: an answer of ours found its port closed.
            if self._arrived(self, data, sender):
                self._handler.datagram(self, data, sender)
