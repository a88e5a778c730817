"""To which of our addresses a datagram came, so that its answer leaves from there (RFC 3542 section 6).

A server on all interfaces would else answer from the address that the kernel thinks best, and a client that
was told another one does not take the answer for one.
"""

import socket
import struct
import sys
from collections.abc import Callable
from typing import Any

from pynetdb.net.addresses import WILDCARDS

# Python has a name for it since 3.14. struct in_pktinfo: interface, our address, where it was sent to.
_IP_PKTINFO = {"linux": 8, "darwin": 26}.get(sys.platform)
_PKTINFO4 = struct.Struct("@I4s4s")
_PKTINFO6 = struct.Struct("@16sI")
_ANCILLARY = 128

_IPV6_LEVEL = socket.IPPROTO_IPV6
_IP_LEVEL = socket.IPPROTO_IP

Ancillary = list[tuple[int, int, bytes]]


class Sender(tuple[Any, ...]):
    """A socket address that remembers what `sendmsg` needs to answer it from where it was asked."""

    ancillary: Ancillary


def receiver(sock: socket.socket) -> "Callable[[int], tuple[bytes, Sender]] | None":
    """Return what receives and notes our own address; None where there is but one, or nobody tells."""
    if sock.getsockname()[0] not in WILDCARDS or not hasattr(sock, "recvmsg"):
        return None
    if sock.family == socket.AF_INET6:
        option = getattr(socket, "IPV6_RECVPKTINFO", None)
        level, make = _IPV6_LEVEL, _ancillary_for_ipv6
    else:
        option, level, make = _IP_PKTINFO, _IP_LEVEL, _ancillary_for_ipv4
    if option is None:
        return None
    sock.setsockopt(level, option, 1)

    def receive(size: int) -> tuple[bytes, Sender]:
        data, ancillary, _, address = sock.recvmsg(size, _ANCILLARY)
        sender = Sender(address)
        sender.ancillary = make(ancillary)
        return data, sender

    return receive


def send(sock: socket.socket, data: bytes, address: Any) -> int:
    """Send one datagram, from the address that was asked if `address` is a Sender. Raises OSError."""
    if isinstance(address, Sender) and address.ancillary:
        return sock.sendmsg([data], address.ancillary, 0, address)
    return sock.sendto(data, address)


def _ancillary_for_ipv4(received: Ancillary) -> Ancillary:
    for level, kind, data in received:
        if (level, kind) == (_IP_LEVEL, _IP_PKTINFO) and len(data) >= _PKTINFO4.size:
            # Our address on that interface, which for a broadcast or a group is not where it was sent to.
            _, own, _ = _PKTINFO4.unpack_from(data)
            return [(level, kind, _PKTINFO4.pack(0, own, bytes(4)))]
    return []


def _ancillary_for_ipv6(received: Ancillary) -> Ancillary:
    for level, kind, data in received:
        if (level, kind) == (_IPV6_LEVEL, socket.IPV6_PKTINFO) and len(data) >= _PKTINFO6.size:
            asked, interface = _PKTINFO6.unpack_from(data)
            if asked[0] == 0xFF:
                return []  # A group is nobody's own address.
            # Only an address of one link (fe80::) needs its interface; a route knows better for the others.
            link_local = asked[0] == 0xFE and asked[1] & 0xC0 == 0x80
            return [(level, kind, _PKTINFO6.pack(asked, interface if link_local else 0))]
    return []
