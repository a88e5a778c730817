"""The listening side: bound sockets, and accepting until it would block."""

import errno
import os
import socket
import stat
from collections.abc import Callable
from typing import Any

from pynetdb.errors import NetworkError
from pynetdb.net.addresses import Resolved, written
from pynetdb.net.loop import READ, Loop
from pynetdb.net.os_errors import network_errors
from pynetdb.net.sockets import Sockets

# How many finished handshakes may wait for accept(); Linux caps it at net.core.somaxconn.
_BACKLOG = 1024

# After so many the connections that we have get their turn again.
_ACCEPTS_PER_TURN = 256

# The process, the system or the kernel has no room for another connection just now.
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}

# How often to look again while there was no room, in case somebody else has left some.
_RETRY = 1.0


def bound(resolved: Resolved, kind: int, sockets: Sockets) -> socket.socket:
    """Return a non-blocking socket of `kind` that is bound, and listening if it is a stream's.

    Raises NetworkError.
    """
    family, address = resolved
    unix = family == getattr(socket, "AF_UNIX", None)
    with network_errors(written(address)):
        if unix:
            _remove_stale(address, sockets)
        sock = sockets.create(family, kind, "server")
    try:
        with network_errors(_culprit(address)):
            if kind == socket.SOCK_STREAM and not unix:
                if os.name != "nt":  # There it would let two servers share a port.
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                # Accepted sockets inherit it: one call here in place of one for each connection.
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if family == socket.AF_INET6:
                # `::` means both families; an address of its own means just that one.
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(address[0] != "::"))
            sock.bind(address)
            if kind == socket.SOCK_STREAM:
                sock.listen(_BACKLOG)
            sock.setblocking(False)
    except NetworkError:
        sock.close()
        raise
    return sock


def _culprit(address: Any) -> str:
    if isinstance(address, tuple) and 0 < address[1] < 1024:
        return f"{written(address)}, a port below 1024"
    return written(address)


def _remove_stale(path: str, sockets: Sockets) -> None:
    """Remove the socket file of a server that is gone. Raises NetworkError if it is not, OSError."""
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise NetworkError(f"{path}: exists, and is not a socket")
    with sockets.create(socket.AF_UNIX, socket.SOCK_STREAM, "server") as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)
        else:
            raise NetworkError(f"{path}: already in use by a server that answers")


class Listener:
    """Accepts on a listening socket and hands each new one on.

    `accepted` gets the socket and the peer's address. When descriptors run out the listener steps back:
    clients wait in the kernel's queue, at no cost, until `retry` or a second has passed.
    """

    def __init__(
        self,
        sock: socket.socket,
        loop: Loop,
        accepted: Callable[[socket.socket, Any], None],
        exhausted: Callable[[OSError], None],
    ) -> None:
        self.sock = sock
        self._loop = loop
        self._accepted = accepted
        self._exhausted = exhausted
        self._listening = True
        self._open = True
        loop.register(sock, READ, self._ready)

    def retry(self) -> None:
        """There may be room again."""
        if self._open and not self._listening:
            self._listening = True
            self._loop.register(self.sock, READ, self._ready)

    def close(self) -> None:
        """Accept no more; who still waits in the queue is reset by the kernel."""
        if not self._open:
            return
        if self._listening:
            self._loop.unregister(self.sock)
        self._open = self._listening = False
        self.sock.close()

    def _ready(self, events: int) -> None:
        for _ in range(_ACCEPTS_PER_TURN):
            if not self._open:
                return
            try:
                sock, address = self.sock.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    self._step_back(error)
                    return
                continue  # That client vanished between its handshake and our accept().
            self._accepted(sock, address)

    def _step_back(self, error: OSError) -> None:
        self._loop.unregister(self.sock)
        self._listening = False
        self._loop.call_later(_RETRY, self.retry)
        self._exhausted(error)
