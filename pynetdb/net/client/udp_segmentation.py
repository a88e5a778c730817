"""Many equal-sized datagrams in few system calls (UDP_SEGMENT, Linux 4.18 and newer)."""

import socket
import sys

# include/uapi/linux/udp.h: one send() is cut into datagrams of this many bytes on its way through the
# kernel. At most 64 of them, and not more in all than one packet may hold.
_UDP_SEGMENT = 103
_MAX_SEGMENTS = 64
_MAX_BYTES = 65_507


def enable_gso(sock: socket.socket, size: int) -> int:
    """Prepare a connected UDP socket, and return how many datagrams of `size` bytes one send may carry.

    1 where the system cannot: then each datagram is a send of its own.
    """
    if not sys.platform.startswith("linux") or not 0 < size <= _MAX_BYTES // 2:
        return 1
    try:
        sock.setsockopt(socket.IPPROTO_UDP, _UDP_SEGMENT, size)
    except OSError:
        return 1
    return min(_MAX_SEGMENTS, _MAX_BYTES // size)


def disable_gso(sock: socket.socket) -> None:
    """Take the preparation back: the path's packets are smaller than our datagrams."""
    sock.setsockopt(socket.IPPROTO_UDP, _UDP_SEGMENT, 0)
