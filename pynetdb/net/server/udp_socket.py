"""A bound UDP socket on the loop."""

import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from pynetdb.errors import NetworkError
from pynetdb.net.loop import READ, Loop
from pynetdb.net.os_errors import network_errors

# After so many the rest of the loop gets its turn.
_DATAGRAMS_PER_TURN = 64

# Larger than any UDP payload, so that nothing is ever cut off (RFC 768: the length field has 16 bits).
_MAX_DATAGRAM = 65536

# Services that answer any datagram: two of them, told of each other by one forged packet, would talk
# for ever (CERT Advisory CA-1996-01). echo, daytime, qotd, chargen, time, ntp.
LOOPING_PORTS = frozenset({7, 13, 17, 19, 37, 123})

# Linux: nine counters of a socket (include/uapi/linux/sock_diag.h), SK_MEMINFO_DROPS the last of them.
_SO_MEMINFO = 55
_MEMINFO = struct.Struct("9I")


class DatagramHandler:
    """A protocol's server for datagrams."""

    def opened(self, udp_socket: "UdpServerSocket") -> None:
        """The socket is bound; nothing has arrived yet."""

    def readable(self, udp_socket: "UdpServerSocket") -> None:
        """At least one datagram waits."""
        udp_socket.receive_each()

    def datagram(self, udp_socket: "UdpServerSocket", data: bytes, sender: Any) -> None:
        """One datagram arrived, perhaps an empty one."""


class UdpServerSocket:
    """Receives datagrams and answers them."""

    can_count = True
    """Whether `count` may stand in for receiving one by one."""

    def __init__(
        self,
        sock: socket.socket,
        loop: Loop,
        handler: DatagramHandler,
        arrived: Callable[[bytes, Any], bool],
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
        try:
            handler.opened(self)
        except NetworkError:
            sock.close()
            raise
        loop.register(sock, READ, lambda events: handler.readable(self))

    @property
    def pending(self) -> int:
        """Answers that have not left yet: none here, the kernel takes them or they are lost."""
        return 0

    def count(self, most: int) -> tuple[int, int]:
        """Receive what waits, at most `most` datagrams, and return how many and how many bytes.

        Their contents and senders are not looked at: this is for counting, as fast as they come.
        """
        receive, buffer = self.sock.recv_into, self._loop.buffer
        number = size = 0
        with suppress(BlockingIOError, InterruptedError):
            while number < most:
                size += receive(buffer)
                number += 1
        return number, size

    def ask_for_buffer(self, size: int) -> None:
        """Ask for so many bytes of room for datagrams that wait; the kernel may grant less."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)

    def join(self, group: str, interface: str) -> None:
        """Receive what is sent to a multicast group, on the interface with that address.

        Raises NetworkError.
        """
        address = socket.inet_aton(group) + socket.inet_aton(interface)
        with network_errors(f"{group} on {interface}"):
            self.sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, address)

    def dropped(self) -> int | None:
        """Return how many datagrams the kernel had no room for, or None where it does not say.

        It is the counter that SO_RXQ_OVFL would attach to every datagram; asked once, it costs nothing.
        """
        if not sys.platform.startswith("linux"):
            return None
        answer = self.sock.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO.size)
        return int(_MEMINFO.unpack(answer)[-1])

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

    def receive_each(self) -> None:
        """Receive what waits, and hand over each datagram with its sender."""
        for _ in range(_DATAGRAMS_PER_TURN):
            if not self._open:
                return
            try:
                data, sender = self.sock.recvfrom(_MAX_DATAGRAM)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                continue  # Windows and ICMP: an answer of ours found its port closed.
            if self._arrived(data, sender):
                self._handler.datagram(self, data, sender)
