"""A socket that tells of each call and its real outcome, then gets out of the way."""

import errno
import socket
import sys
from functools import partial
from typing import Any

from pynetdb.narration import Narrator, preview
from pynetdb.net import explanations
from pynetdb.net.sockets import encode_host, send_file


class NarratedSocket(socket.socket):
    """A `socket.socket` whose calls are told to a narrator.

    Each method makes the one real call and reports what it returned or raised; nothing is added and
    nothing is asked of the kernel for the report's sake. `recv_into` is told as `recv`, and
    `recvfrom_into` as `recvfrom`, which are the system calls that both make.
    """

    __slots__ = ("_narrator", "_tell", "conceals", "who")

    def __init__(
        self,
        narrator: Narrator,
        who: str,
        family: int = -1,
        kind: int = -1,
        proto: int = -1,
        fileno: int | None = None,
    ) -> None:
        super().__init__(family, kind, proto, fileno)
        self._narrator = narrator
        self.who = who
        # Bound once: each call is told through one stop less.
        self._tell = partial(narrator.tell, who)
        self.conceals = False
        """Whether what is sent just now is nobody's business: a password."""

    @classmethod
    def create(cls, narrator: Narrator, who: str, family: int, kind: int) -> "NarratedSocket":
        """Make a new socket, and tell of it."""
        arguments = (_name(socket.AddressFamily, family), _name(socket.SocketKind, kind))
        try:
            sock = cls(narrator, who, family, kind)
        except OSError as error:
            narrator.tell(who, "socket", arguments, error=error, note=explanations.for_error("socket", error))
            raise
        result = f"fd {sock.fileno()}"
        narrator.tell(who, "socket", arguments, result, note=explanations.for_socket(family, kind))
        return sock

    @classmethod
    def pair(
        cls, narrator: Narrator, first: socket.socket, second: socket.socket
    ) -> tuple[socket.socket, socket.socket]:
        """Take over both ends of a pair, and tell of it."""
        kept = [
            cls(narrator, "loop", end.family, end.type, end.proto, end.detach()) for end in (first, second)
        ]
        result = f"fd {kept[0].fileno()}, fd {kept[1].fileno()}"
        narrator.tell("loop", "socketpair", (), result, note=explanations.PAIR)
        return kept[0], kept[1]

    def _failed(self, call: str, arguments: tuple[str | int, ...], error: OSError) -> None:
        self._tell(call, arguments, error=error, note=explanations.for_error(call, error))

    def bind(self, address: Any) -> None:
        self._plain(
            "bind", (repr(address),), super().bind, address, note=explanations.for_bind(_port(address))
        )

    def listen(self, backlog: int = 128) -> None:
        self._plain("listen", (backlog,), super().listen, backlog, note=explanations.LISTEN)

    def connect(self, address: Any) -> None:
        note = (
            explanations.CONNECT_STREAM if self.type == socket.SOCK_STREAM else explanations.CONNECT_DATAGRAM
        )
        self._plain("connect", (repr(address),), super().connect, address, note=note)

    def shutdown(self, how: int) -> None:
        name = {socket.SHUT_RD: "SHUT_RD", socket.SHUT_WR: "SHUT_WR"}.get(how, "SHUT_RDWR")
        self._plain("shutdown", (name,), super().shutdown, how, note=explanations.SHUTDOWN[name])

    def setsockopt(self, level: int, option: int, value: Any, *rest: Any) -> None:
        names = _option_names(level, option)
        self._plain(
            "setsockopt",
            (*names, repr(value)),
            super().setsockopt,
            level,
            option,
            value,
            *rest,
            note=explanations.for_option(*names),
        )

    def getsockopt(self, level: int, option: int, *rest: int) -> Any:
        value: Any = super().getsockopt(level, option, *rest)
        # How a handshake ended; what else is asked for is of no interest to anybody who reads along.
        if (level, option) == (socket.SOL_SOCKET, socket.SO_ERROR):
            note = explanations.for_handshake(value)
            self._tell("getsockopt", ("SOL_SOCKET", "SO_ERROR"), errno.errorcode.get(value, value), note=note)
        return value

    def getsockname(self) -> Any:
        try:
            address = super().getsockname()
        except OSError as error:
            self._failed("getsockname", (), error)
            raise
        self._tell("getsockname", (), repr(address), note=explanations.GETSOCKNAME)
        return address

    def getpeername(self) -> Any:
        try:
            address = super().getpeername()
        except OSError as error:
            self._failed("getpeername", (), error)
            raise
        self._tell("getpeername", (), repr(address), note=explanations.GETPEERNAME)
        return address

    def accept_as(self, who: str) -> tuple[socket.socket, Any]:
        """Accept a connection whose socket speaks as `who`."""
        try:
            # What socket.accept itself calls: it would wrap the descriptor in a plain socket.
            fileno, address = self._accept()  # type: ignore[attr-defined]
        except OSError as error:
            self._failed("accept", (), error)
            raise
        sock = NarratedSocket(self._narrator, who, self.family, self.type, self.proto, fileno)
        self._tell("accept", (), f"fd {fileno}, {address!r}", note=explanations.for_accept(who))
        return sock, address

    def recv(self, size: int, flags: int = 0) -> bytes:
        # What is only looked at arrives once more.
        arguments: tuple[str | int, ...] = (size, "MSG_PEEK") if flags & socket.MSG_PEEK else (size,)
        try:
            data = super().recv(size, flags)
        except OSError as error:
            self._failed("recv", arguments, error)
            raise
        self._received("recv", size, data, arguments=arguments)
        return data

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        size = nbytes or len(buffer)
        try:
            count = super().recv_into(buffer, nbytes, flags)
        except OSError as error:
            self._failed("recv", (size,), error)
            raise
        self._received("recv", size, memoryview(buffer)[:count])
        return count

    def recvfrom(self, size: int, flags: int = 0) -> tuple[bytes, Any]:
        try:
            data, sender = super().recvfrom(size, flags)
        except OSError as error:
            self._failed("recvfrom", (size,), error)
            raise
        self._received("recvfrom", size, data, f" from {sender!r}")
        return data, sender

    def recvfrom_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> tuple[int, Any]:
        size = nbytes or len(buffer)
        try:
            count, sender = super().recvfrom_into(buffer, nbytes, flags)
        except OSError as error:
            self._failed("recvfrom", (size,), error)
            raise
        self._received("recvfrom", size, memoryview(buffer)[:count], f" from {sender!r}")
        return count, sender

    def recvmsg(self, size: int, *more: int) -> tuple[bytes, list[Any], int, Any]:
        try:
            data, ancillary, flags, sender = super().recvmsg(size, *more)
        except OSError as error:
            self._failed("recvmsg", (size,), error)
            raise
        self._received("recvmsg", size, data, f" from {sender!r}")
        return data, ancillary, flags, sender

    def send(self, data: Any, flags: int = 0) -> int:
        shown = f"{len(data)} bytes, with a password in them" if self.conceals else _payload(data)
        try:
            count = super().send(data, flags)
        except OSError as error:
            self._failed("send", (shown,), error)
            raise
        self._tell(
            "send", (shown,), count, bytes=count, note=explanations.for_send(self.type, len(data), count)
        )
        return count

    def send_file(self, descriptor: int, first: int, size: int) -> int:
        """What FileRange calls in place of the plain function."""
        arguments = (f"fd {descriptor}", f"offset {first}", f"{size} bytes")
        try:
            count = send_file(self, descriptor, first, size)
        except OSError as error:
            self._failed("sendfile", arguments, error)
            raise
        self._tell("sendfile", arguments, count, bytes=count, note=explanations.SENDFILE)
        return count

    def sendto(self, data: Any, *where: Any) -> int:
        arguments = (_payload(data), *map(repr, where))
        try:
            count = super().sendto(data, *where)
        except OSError as error:
            self._failed("sendto", arguments, error)
            raise
        self._tell(
            "sendto", arguments, count, bytes=count, note=explanations.for_send(self.type, len(data), count)
        )
        return count

    def sendmsg(self, buffers: Any, ancillary: Any = (), flags: int = 0, address: Any = None) -> int:
        data = b"".join(buffers)
        arguments = (_payload(data), repr(address))
        try:
            count = super().sendmsg(buffers, ancillary, flags, address)
        except OSError as error:
            self._failed("sendmsg", arguments, error)
            raise
        self._tell("sendmsg", arguments, count, bytes=count, note=explanations.SENDMSG)
        return count

    def close(self) -> None:
        descriptor = self.fileno()
        super().close()
        if descriptor >= 0:
            self._tell("close", (f"fd {descriptor}",), note=explanations.CLOSE)

    def _plain(
        self, call: str, arguments: tuple[str | int, ...], method: Any, *values: Any, note: str
    ) -> None:
        """A call that returns nothing."""
        try:
            method(*values)
        except OSError as error:
            self._failed(call, arguments, error)
            raise
        self._tell(call, arguments, note=note)

    def _received(
        self, call: str, size: int, data: Any, origin: str = "", arguments: tuple[str | int, ...] = ()
    ) -> None:
        count = len(data)
        result = (f"{count} bytes {preview(data)}" if count else "b''") + origin
        self._tell(
            call,
            arguments or (size,),
            result,
            bytes=count,
            note=explanations.for_recv(self.type, size, count),
        )


def narrated_getaddrinfo(
    narrator: Narrator, who: str, host: str, port: int, family: int, kind: int, flags: int, quiet: bool
) -> list[tuple[Any, ...]]:
    """`socket.getaddrinfo`, told. `quiet` keeps a failure to itself. Raises OSError and UnicodeError."""
    arguments = (repr(host), port)
    try:
        found = list(socket.getaddrinfo(encode_host(host), port, family, kind, flags=flags))
    except OSError as error:
        if not quiet:
            narrator.tell(who, "getaddrinfo", arguments, error=error, note="nobody knows that name")
        raise
    addresses = [address[4][0] for address in found]
    note = (
        "an address already, nothing to ask"
        if host in addresses
        else "the name's addresses, to be tried in this order"
    )
    narrator.tell(who, "getaddrinfo", arguments, ", ".join(map(repr, addresses)), note=note)
    return found


def _payload(data: Any) -> str:
    return f"{len(data)} bytes {preview(data)}" if len(data) else "b''"


def _port(address: Any) -> int | None:
    return int(address[1]) if isinstance(address, tuple) else None


def _name(kind: Any, value: int) -> str:
    return str(kind(value).name)


def _option_names(level: int, option: int) -> tuple[str, str]:
    # Numbers mean different things at different levels, so only the options that we set have names here.
    if (level, option) == (socket.IPPROTO_UDP, 103):
        return "IPPROTO_UDP", "UDP_SEGMENT"  # Python has no name for it.
    if (level, option) == (socket.IPPROTO_IP, {"linux": 8, "darwin": 26}.get(sys.platform)):
        return "IPPROTO_IP", "IP_PKTINFO"  # Python has a name for it since 3.14.
    for names in explanations.OPTIONS:
        if (getattr(socket, names[0], None), getattr(socket, names[1], None)) == (level, option):
            return names
    return str(level), str(option)
