"""A bound UDP socket on the loop."""

import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from pynetdb.errors import NetworkError
from pynetdb.net import packet_info
from pynetdb.net.loop import READ, Loop
from pynetdb.net.os_errors import network_errors
from pynetdb.net.server.answers import LOOPING_PORTS, AnswerGuard

# After so many the rest of the loop gets its turn.
_DATAGRAMS_PER_TURN = 64

# Larger than any UDP payload, so that nothing is ever cut off (RFC 768: the length field has 16 bits).
_MAX_DATAGRAM = 65536

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
    """Receives datagrams and answers them, from the address that was asked, as far as `guard` permits."""

    can_count = True
    """Whether `count` may stand in for receiving one by one."""

    def __init__(
        self,
        sock: socket.socket,
        loop: Loop,
        handler: DatagramHandler,
        arrived: Callable[[bytes, Any], bool],
        guard: AnswerGuard,
    ) -> None:
        self.sock = sock
        self.address = sock.getsockname()
        self.bytes_sent = 0
        self.unsent = 0
        """Answers for which the kernel had no room: lost, as UDP may lose them."""
        self.unanswered = 0
        """Datagrams from where no answer may go, or from who had its share of them."""
        self._guard = guard
        # On all interfaces the kernel is asked to which address each datagram came, to answer from there.
        self._receive = packet_info.receiver(sock) or sock.recvfrom
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

    def count(self, most: int, special: bytes) -> tuple[int, int, tuple[bytes, Any] | None]:
        """Receive what waits, at most `most` datagrams, up to one that begins with `special`.

        Return how many, how many bytes, and that one with its sender, or None. The others are not looked
        at: this is for counting, as fast as they come.
        """
        receive, buffer = self.sock.recvfrom_into, self._loop.buffer
        first, length = special[0], len(special)
        number = size = 0
        with suppress(BlockingIOError, InterruptedError):
            while number < most:
                got, sender = receive(buffer)
                size += got
                number += 1
                if buffer[0] == first and got >= length and buffer.startswith(special):
                    return number, size, (bytes(memoryview(buffer)[:got]), sender)
        return number, size, None

    def ask_for_buffer(self, size: int) -> None:
        """Ask for so many bytes of room for datagrams that wait; the kernel may grant less."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)

    def join(self, group: str, interface: str) -> None:
        """Receive what is sent to a multicast group, on the interface with that address.

        For a group of IPv6 the interface has a name, or is empty for the one that the system prefers.
        Raises NetworkError.
        """
        with network_errors(f"{group} on {interface or 'any interface'}"):
            if ":" in group:
                index = socket.if_nametoindex(interface) if interface else 0
                address = socket.inet_pton(socket.AF_INET6, group) + struct.pack("@I", index)
                self.sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, address)
            else:
                address = socket.inet_aton(group) + socket.inet_aton(interface)
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
            self.bytes_sent += packet_info.send(self.sock, data, receiver)
        except OSError:
            self.unsent += 1

    def answer(self, data: bytes, sender: Any, spared: frozenset[int] = LOOPING_PORTS) -> bool:
        """Send one datagram to who asked, and say whether it may go: one that may not is counted.

        None goes where the guard does not permit it, and so none to the ports that are `spared`.
        """
        if not self._guard.permits(sender, self.address[1], spared):
            self.unanswered += 1
            return False
        self.send(data, sender)
        return True

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
                data, sender = self._receive(_MAX_DATAGRAM)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                continue  # Windows and ICMP: an answer of ours found its port closed.
            if self._arrived(data, sender):
                self._handler.datagram(self, data, sender)
