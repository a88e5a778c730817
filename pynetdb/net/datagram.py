"""The blocking client side of UDP, every call under one deadline."""

import socket

from pynetdb.net.addresses import Target, addresses_to_reach, is_loopback
from pynetdb.net.deadline import Deadline
from pynetdb.net.failures import network_errors
from pynetdb.net.sockets import Sockets

# The largest UDP payload over IPv4: 65,535 less 20 bytes of IP and 8 of UDP header (RFC 768).
MAX_PAYLOAD = 65_507


class Datagrams:
    """A UDP socket connected to one peer: nobody else's datagrams arrive, and a closed port is noticed.

    Every method raises NetworkError when the network fails.
    """

    def __init__(self, target: Target, deadline: Deadline, sockets: Sockets) -> None:
        """Resolve `target`; nothing is sent yet. Raises DeadlineError when the resolver is too slow."""
        self.peer = str(target)
        self.deadline = deadline
        self.sockets = sockets
        resolved = addresses_to_reach(target, socket.SOCK_DGRAM, sockets, deadline)[0]
        self.is_local = is_loopback(resolved.address)
        """Whether the peer is on this machine: nobody there minds being asked often."""
        with network_errors(self.peer):
            self._sock = sockets.create(resolved.family, socket.SOCK_DGRAM, "client")
            try:
                self._sock.connect(resolved.address)
            except OSError:
                self._sock.close()
                raise

    def send(self, data: bytes) -> None:
        """Send one datagram."""
        self._sock.settimeout(self.deadline.remaining())
        with network_errors(self.peer):
            self._sock.send(data)

    def receive(self, patience: float) -> bytes | None:
        """Return the next datagram, or None if none came within `patience` seconds or the deadline."""
        self._sock.settimeout(max(min(patience, self.deadline.left()), 0.000_001))
        with network_errors(self.peer):
            try:
                return self._sock.recv(65_536)
            except TimeoutError:
                return None

    def close(self) -> None:
        """Close; harmless when done twice."""
        self._sock.close()

    def __enter__(self) -> "Datagrams":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
