"""The one place that creates sockets, plain or narrated."""

import errno
import os
import socket
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from pynetdb.narration import SILENT, Narrator

if TYPE_CHECKING:
    from pynetdb.net.narrated_socket import NarratedSocket

Accept = Callable[[], tuple[socket.socket, Any]]

# Not every file system lends its pages to a socket, nor does every kind of socket take them.
_NOT_BY_SENDFILE = {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, getattr(errno, "ENOTSUP", errno.EOPNOTSUPP)}


_FAMILIES = {None: socket.AF_UNSPEC, 4: socket.AF_INET, 6: socket.AF_INET6}


def encode_host(host: str) -> bytes:
    """Return a host as getaddrinfo takes it fastest: Python loads its IDNA tables for any `str`."""
    if host.isascii():
        return host.encode()
    from pynetdb.net.host_names import encode_host_name

    return encode_host_name(host).encode("ascii")


class Sockets:
    """Makes every socket of a command.

    Without an observer the class in use is `socket.socket` itself, so that narration which nobody
    asked for costs nothing. With an `ip_version`, 4 or 6, names have no other addresses.
    """

    def __init__(self, narrator: Narrator = SILENT, ip_version: int | None = None) -> None:
        self.ip_version = ip_version
        self.family: int = _FAMILIES[ip_version]
        """The family of addresses that names are looked up for; AF_UNSPEC for both."""
        self.accepted = 0
        """How many connections were accepted: the last one's number, in events and in the narration alike."""
        self._step = 1
        self._narrator = narrator
        self._narrates = bool(narrator)

    def number_by(self, first: int, step: int) -> None:
        """Count connections from `first` in steps, where several processes accept and share the numbers."""
        self.accepted, self._step = first - step, step

    def create(self, family: int, kind: int, who: str) -> socket.socket:
        """Return a new socket; `who` speaks in the narration. Raises OSError."""
        if not self._narrates:
            return socket.socket(family, kind)
        from pynetdb.net.narrated_socket import NarratedSocket

        return NarratedSocket.create(self._narrator, who, family, kind)

    def conceal(self, sock: socket.socket, conceals: bool) -> None:
        """Keep what is sent on a socket out of the narration: from here on, or no longer."""
        if self._narrates:
            from pynetdb.net.narrated_socket import NarratedSocket

            if isinstance(sock, NarratedSocket):
                sock.conceals = conceals

    def pair(self) -> tuple[socket.socket, socket.socket]:
        """Return two connected sockets of our own. Raises OSError."""
        first, second = socket.socketpair()
        if not self._narrates:
            return first, second
        from pynetdb.net.narrated_socket import NarratedSocket

        return NarratedSocket.pair(self._narrator, first, second)

    def acceptor(self, listening: socket.socket) -> Accept:
        """Return what accepts a connection, whose number is `accepted` then; it raises OSError."""
        if self._narrates:
            from pynetdb.net.narrated_socket import NarratedSocket

            if isinstance(listening, NarratedSocket):
                return partial(self._accept_narrated, listening)
        # What socket.accept calls. It asks at each connection of which kind the socket is, and gets an enum.
        accept = listening._accept  # type: ignore[attr-defined]
        make = partial(socket.socket, int(listening.family), int(listening.type), listening.proto)

        def accept_plain() -> tuple[socket.socket, Any]:
            descriptor, peer = accept()
            sock = make(descriptor)
            self.accepted += self._step
            return sock, peer

        return accept_plain

    def _accept_narrated(self, listening: "NarratedSocket") -> tuple[socket.socket, Any]:
        accepted = listening.accept_as(f"#{self.accepted + 1}")
        self.accepted += 1
        return accepted

    def getaddrinfo(
        self, who: str, host: str, port: int, kind: int, flags: int, quiet: bool = False
    ) -> list[tuple[Any, ...]]:
        """Look a name up; `quiet` keeps a failure out of the narration. Raises OSError and UnicodeError."""
        if not self._narrates:
            return list(socket.getaddrinfo(encode_host(host), port, self.family, kind, flags=flags))
        from pynetdb.net.narrated_socket import narrated_getaddrinfo

        return narrated_getaddrinfo(self._narrator, who, host, port, self.family, kind, flags, quiet)


def probe_silence(sock: socket.socket, silence: float) -> None:
    """Let the kernel probe a peer that is silent for so many seconds, if it can. Raises OSError."""
    seconds = max(int(silence), 1)
    if sock.family not in (socket.AF_INET, socket.AF_INET6):
        return  # Both ends are on this machine, whose kernel knows.
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("IDLE", seconds), ("INTVL", max(seconds // 4, 1)), ("CNT", 4)):
        option = getattr(socket, f"TCP_KEEP{name}", None)
        if option is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)


def check_end(sock: socket.socket) -> None:
    """At the end of a stream, raise ConnectionResetError if a reset was its end.

    wine tells a reset to whoever sends, and to a reader an end of stream.
    """
    if sys.platform == "win32":
        try:
            socket.socket.send(sock, b"")  # Past the narration: nothing goes out.
        except ConnectionResetError:
            raise
        except OSError:
            pass  # We have sent our own FIN, or do not wait: then it is the end.


def send_file(sock: socket.socket, descriptor: int, first: int, size: int) -> int:
    """Send at most `size` bytes of a file, from `first` on; 0 is the file's end. Raises OSError."""
    if hasattr(os, "sendfile"):
        try:
            return os.sendfile(sock.fileno(), descriptor, first, size)
        except OSError as error:
            if error.errno not in _NOT_BY_SENDFILE:
                raise
    # Windows, and such files: through our memory. Windows has no pread, but the descriptor is ours alone.
    os.lseek(descriptor, first, os.SEEK_SET)
    data = os.read(descriptor, min(size, 1 << 16))
    return sock.send(data) if data else 0
