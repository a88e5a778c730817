"""The explanations: what the outcome of a socket call means, in the words that courses use."""

import errno
import socket

from pynetdb.net import os_errors

_STREAM = socket.SOCK_STREAM


def for_socket(family: int, kind: int) -> str:
    transport = "TCP" if kind == _STREAM else "UDP"
    if family == getattr(socket, "AF_UNIX", None):
        return "a Unix-domain socket: one end of a conversation within this machine"
    version = "IPv6" if family == socket.AF_INET6 else "IPv4"
    if kind == _STREAM:
        return f"a {transport} socket over {version}: one end of a future conversation"
    return f"a {transport} socket over {version}: it sends and receives single datagrams"


OPTIONS = {
    ("SOL_SOCKET", "SO_EXCLUSIVEADDRUSE"): "nobody else may take the port while we have it",
    ("SOL_SOCKET", "SO_REUSEADDR"): "take the port even while connections of an earlier server fade away",
    ("SOL_SOCKET", "SO_BROADCAST"): "allow datagrams to everybody on the network",
    ("SOL_SOCKET", "SO_RCVBUF"): "ask for room for datagrams that arrive faster than we read",
    ("SOL_SOCKET", "SO_LINGER"): "l_onoff 1, l_linger 0: close() sends a reset in place of a FIN",
    ("IPPROTO_UDP", "UDP_SEGMENT"): "cut each send() into datagrams of so many bytes; 0: one each",
    ("IPPROTO_IP", "IP_ADD_MEMBERSHIP"): "join a multicast group on one interface",
    ("IPPROTO_IPV6", "IPV6_JOIN_GROUP"): "join a multicast group on one interface, by its number",
    ("IPPROTO_IP", "IP_PKTINFO"): "have each datagram say to which of our addresses it came",
    ("IPPROTO_IPV6", "IPV6_RECVPKTINFO"): "have each datagram say to which of our addresses it came",
    ("IPPROTO_IP", "IP_MULTICAST_IF"): "send to multicast groups through this interface",
    ("IPPROTO_TCP", "TCP_NODELAY"): "send small messages at once instead of collecting them (Nagle off)",
    ("SOL_SOCKET", "SO_KEEPALIVE"): "let the kernel find out whether a silent peer is still alive",
    ("IPPROTO_TCP", "TCP_KEEPIDLE"): "after so many seconds of silence it asks",
    ("IPPROTO_TCP", "TCP_KEEPINTVL"): "it asks again after so many seconds",
    ("IPPROTO_TCP", "TCP_KEEPCNT"): "and after so many questions without an answer the peer is dead",
    ("IPPROTO_IPV6", "IPV6_V6ONLY"): "1: IPv6 only, 0: IPv4 clients too, as ::ffff: addresses",
}


def for_option(level: str, name: str) -> str:
    return OPTIONS.get((level, name), "set an option of the socket")


def for_bind(port: int | None) -> str:
    if port == 0:
        return "any free port will do: the kernel picks one"
    if port is None:
        return "the file at this path is our address now"
    return "this address and port are ours now"


LISTEN = "clients may connect from now on; so many may wait for accept()"
CONNECT_DATAGRAM = "nothing is sent: this only says whom send() and recv() mean from now on"
CONNECT_STREAM = "the three-way handshake is done: somebody listens there"
GETSOCKNAME = "the address that the kernel gave to our end"
GETPEERNAME = "the address of the other end"
PAIR = "two ends of our own: a signal or a thread writes to one and so wakes select() on the other"


def for_accept(who: str) -> str:
    return f"a client's handshake is done: a new socket for it alone, {who} from here on"


def for_recv(kind: int, size: int, count: int) -> str:
    """A stream's recv has four outcomes; this names the three that are not an error."""
    if kind != _STREAM:
        return "an empty datagram" if count == 0 else "one whole datagram: recv never joins or splits them"
    if count == 0 and size:
        return "the peer sends no more; it may still listen"
    if count == size:
        return "a full buffer, and there may be more to come"
    return "less than asked for: all that has arrived so far"


def for_send(kind: int, size: int, count: int) -> str:
    if kind != _STREAM:
        return "one datagram is on its way; nobody promises that it arrives"
    if count < size:
        return "the kernel's buffer is full, the rest waits"
    return "all of it is in the kernel's buffer, which does not mean that the peer has it"


SHUTDOWN = {
    "SHUT_WR": "half-close: the peer will see the end of our stream, we can still receive",
    "SHUT_RD": "we will not read any more",
    "SHUT_RDWR": "both directions are over",
}

SENDFILE = "from the file to the socket inside the kernel: the bytes never come to us"

SENDMSG = "one datagram is on its way, from the very address that was asked"

CLOSE = "the descriptor goes back to the system"

_ERRORS = {
    ("accept", errno.EAGAIN): "nobody else is waiting: back to select()",
    ("accept", errno.EMFILE): "this process has no descriptors left: the client waits in the queue",
    ("accept", errno.ENFILE): "the system has no descriptors left: the client waits in the queue",
    ("recv", errno.EAGAIN): "nothing yet: back to select()",
    ("recvfrom", errno.EAGAIN): "no further datagram yet: back to select()",
    ("recvmsg", errno.EAGAIN): "no further datagram yet: back to select()",
    ("sendmsg", errno.EAGAIN): "the kernel's buffer is full: this datagram is lost",
    ("sendfile", errno.EAGAIN): "the kernel's buffer is full: select() will say when there is room",
    ("send", errno.EAGAIN): "the kernel's buffer is full: select() will say when there is room",
    ("sendto", errno.EAGAIN): "the kernel's buffer is full: this datagram is lost",
    ("connect", errno.EAGAIN): "the handshake is under way: select() will say when it is over",
    ("connect", errno.ECONNREFUSED): "nobody listens on that port",
    ("connect", errno.ENOENT): "there is no socket file at that path",
    ("recv", errno.ECONNREFUSED): "an ICMP message came back: nobody listens on that UDP port",
    ("send", errno.ECONNREFUSED): "an ICMP message came back: nobody listens on that UDP port",
    ("bind", errno.EADDRINUSE): "another socket has that address already",
    ("bind", errno.EACCES): "ports below 1024 need privileges",
    ("bind", errno.EADDRNOTAVAIL): "no interface of this machine has that address",
}

_ANY_CALL = {
    errno.ECONNRESET: "the peer reset the connection: what was on its way is lost",
    errno.EPIPE: "the peer closed the connection: nobody is left to read this",
    errno.ENOTCONN: "the connection is gone already",
    errno.EMSGSIZE: "larger than a datagram can be",
    errno.EBADF: "the socket is closed already",
    errno.ENOTSOCK: "the socket is closed already",  # So Windows says it.
    errno.ENETUNREACH: "no route leads there",
    errno.EHOSTUNREACH: "no route leads there",
}


def for_error(call: str, error: OSError) -> str:
    if isinstance(error, TimeoutError) and error.errno is None:
        return "nothing happened within the time that we allow"
    number = errno.EAGAIN if isinstance(error, BlockingIOError) else os_errors.number(error)
    known = _ERRORS.get((call, number)) or _ANY_CALL.get(number)
    return known or error.strerror or str(error)


def for_handshake(number: int) -> str:
    if not number:
        return CONNECT_STREAM
    return (
        _ERRORS.get(("connect", number)) or _ANY_CALL.get(number) or "nobody can be reached at that address"
    )
