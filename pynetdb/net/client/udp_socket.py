"""The blocking client side of UDP, every call under one deadline."""

import errno
import socket
from contextlib import suppress
from typing import Any

from pynetdb.net.addresses import Target, addresses_to_reach, format_address, is_loopback
from pynetdb.net.client.udp_segmentation import disable_gso, enable_gso
from pynetdb.net.deadline import Deadline
from pynetdb.net.network import Network
from pynetdb.net.os_errors import network_errors

# The largest UDP payload over IPv4: 65,535 less 20 bytes of IP and 8 of UDP header (RFC 768).
MAX_PAYLOAD = 65_507


class UdpClientSocket:
    """A UDP socket for one peer: nobody else's datagrams arrive, and a closed port is noticed.

    Only to a broadcast address or a multicast group, where others answer, it is open to everybody.
    Every method raises NetworkError when the network fails. Where somebody wants details, each datagram
    is emitted as DatagramSent or DatagramReceived.
    """

    def __init__(
        self,
        target: Target,
        deadline: Deadline,
        network: Network,
        *,
        broadcast: bool = False,
        interface: str | None = None,
    ) -> None:
        """Resolve `target`; nothing is sent yet. Raises DeadlineError when the resolver is too slow.

        `broadcast` allows a broadcast address; `interface` is the address of the one through which
        multicast leaves.
        """
        self.peer = str(target)
        self.deadline = deadline
        self._events = network.events if network.events.wants_details else None
        resolved = addresses_to_reach(target, socket.SOCK_DGRAM, network.sockets, deadline)[0]
        self.is_local = is_loopback(resolved.address)
        """Whether the peer is on this machine: nobody there minds being asked often."""
        multicast = resolved.family == socket.AF_INET and 224 <= int(resolved.address[0].split(".")[0]) < 240
        self._may_stay_here = multicast and interface is None
        self._everybody = resolved.address if broadcast or multicast else None
        with network_errors(self.peer, "udp"):
            self._sock = network.sockets.create(resolved.family, socket.SOCK_DGRAM, "client")
            try:
                if broadcast:
                    self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
                if multicast and interface is not None:
                    address = socket.inet_aton(interface)
                    self._sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, address)
                if self._everybody is None:
                    self._sock.connect(resolved.address)
            except OSError:
                self._sock.close()
                raise

    @staticmethod
    def open(target: Target, deadline: Deadline, network: Network, **more: Any) -> "UdpClientSocket":
        """Return a socket for `target`, with the faults of the network if there are any."""
        if network.faults is None:
            return UdpClientSocket(target, deadline, network, **more)
        from pynetdb.net.faults.client_socket import FaultyUdpClientSocket

        network.faults.specs.require(streams=False, datagrams=True)
        return FaultyUdpClientSocket(network.faults, target, deadline, network, **more)

    def send(self, data: bytes) -> None:
        """Send one datagram."""
        self._sock.settimeout(self.deadline.remaining())
        with network_errors(self.peer, "udp"):
            self._send(data)
        if self._events is not None:
            self._emit_sent(data, 1)

    def send_many(self, payload: bytes, count: int) -> None:
        """Send the same payload so often, in as few system calls as the system allows."""
        at_once = enable_gso(self._sock, len(payload)) if self._everybody is None else 1
        block = payload * at_once
        # Blocking, without a timeout: a UDP send waits for the network card at most.
        self._sock.settimeout(None)
        with network_errors(self.peer, "udp"):
            while count:
                if at_once > 1 and count < at_once:
                    block = payload * count
                try:
                    self._send(block)
                except OSError as error:
                    if at_once == 1 or error.errno not in (errno.EINVAL, errno.EMSGSIZE, errno.EIO):
                        raise
                    # Larger than what this path carries in one piece, or a card that cannot do it.
                    disable_gso(self._sock)
                    at_once, block = 1, payload
                    continue
                if self._events is not None:
                    self._emit_sent(payload, min(at_once, count))
                count -= min(at_once, count)
            if at_once > 1:
                disable_gso(self._sock)

    def check(self) -> None:
        """Raise NetworkError if the kernel already knows that nobody listens there."""
        self._sock.settimeout(0)
        with network_errors(self.peer, "udp"), suppress(BlockingIOError):
            # Peeked at, so that an early answer is still there for `receive`.
            self._sock.recv(1, socket.MSG_PEEK)

    def receive(self, patience: float) -> bytes | None:
        """Return the next datagram, or None if none came within `patience` seconds or the deadline."""
        answer = self.receive_from(patience)
        return None if answer is None else answer[0]

    def receive_from(self, patience: float) -> tuple[bytes, str] | None:
        """Like `receive`, with the sender's address as text."""
        self._sock.settimeout(max(min(patience, self.deadline.left()), 0.000_001))
        with network_errors(self.peer, "udp"):
            try:
                if self._everybody is None:
                    data, sender = self._sock.recv(65_536), self.peer
                else:
                    data, address = self._sock.recvfrom(65_536)
                    sender = format_address(address)
            except TimeoutError:
                return None
        if self._events is not None:
            from pynetdb.events.connections import DatagramReceived

            self._events.emit(DatagramReceived(sender, len(data), data))
        return data, sender

    def _emit_sent(self, payload: bytes, count: int) -> None:
        """Tell of `count` datagrams with this payload, each by an event of its own."""
        from pynetdb.events.connections import DatagramSent

        if self._events is not None:
            for _ in range(count):
                self._events.emit(DatagramSent(self.peer, len(payload), payload))

    def _send(self, data: bytes) -> None:
        if self._everybody is None:
            self._sock.send(data)
            return
        try:
            self._sock.sendto(data, self._everybody)
        except OSError as error:
            if error.errno != errno.ENETUNREACH or not self._may_stay_here:
                raise
            # A machine without a network: the group may still have members on it.
            self._may_stay_here = False
            self._sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
            self._sock.sendto(data, self._everybody)

    def close(self) -> None:
        """Close; harmless when done twice."""
        self._sock.close()

    def __enter__(self) -> "UdpClientSocket":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
