"""Bound sockets: one place, or one port on every address and for every transport."""

import os
import socket
import stat
import sys
from collections.abc import Sequence
from typing import Any

from pynetdb.errors import CommandLineError, NetworkError
from pynetdb.net.addresses import Resolved, Target, addresses_to_bind, format_address
from pynetdb.net.os_errors import network_errors
from pynetdb.net.sockets import Sockets

# How many finished handshakes may wait for accept(); Linux caps it at net.core.somaxconn.
_BACKLOG = 1024

# How often to look for another port that is free on all addresses and for TCP and UDP alike.
_PORT_TRIES = 20


def bind_all(
    target: Target, kinds: Sequence[int], sockets: Sockets, *, shared: bool = False
) -> list[tuple[socket.socket, int]]:
    """Bind every address of `target` for every kind of socket (SOCK_STREAM, SOCK_DGRAM), all on one port.

    With `shared` others may have the port at the same time, as long as they want to share it too.

    Returns each socket with its kind. Raises NetworkError.
    """
    for attempt in range(_PORT_TRIES):
        bound: list[tuple[socket.socket, int]] = []
        try:
            for kind in kinds:
                for resolved in addresses_to_bind(target, kind, sockets):
                    port = int(bound[0][0].getsockname()[1]) if bound and not target.port else target.port
                    bound.append((bind(_on_port(resolved, port), kind, sockets, shared=shared), kind))
        except NetworkError:
            for sock, _ in bound:
                sock.close()
            # A free port for the first socket may be taken for the second: try another.
            if not bound or target.port or attempt == _PORT_TRIES - 1:
                raise
        else:
            return bound
    raise AssertionError("unreachable: the last attempt returns or raises")


def bind(resolved: Resolved, kind: int, sockets: Sockets, *, shared: bool = False) -> socket.socket:
    """Return a non-blocking socket of `kind` that is bound, and listening if it is a stream's.

    Raises NetworkError, and CommandLineError for a socket file in a folder that is not there.
    """
    family, address = resolved
    unix = family == getattr(socket, "AF_UNIX", None)
    with network_errors(format_address(address)):
        if unix:
            _check_folder(address)
            _remove_stale(address, sockets)
        sock = sockets.create(family, kind, "server")
    try:
        with network_errors(_culprit(address)):
            if kind == socket.SOCK_STREAM and not unix:
                _allow_restart(sock)
                # Accepted sockets inherit it: one call here in place of one for each connection.
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if shared:
                _share_port(sock)
            if family == socket.AF_INET6:
                # `::` means both families unless one was asked for, an address of its own just that one.
                alone = address[0] != "::" or sockets.family == socket.AF_INET6
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(alone))
            if sys.platform == "win32" and kind == socket.SOCK_DGRAM:
                from pynetdb.net.server.windows_udp import ignore_closed_ports

                ignore_closed_ports(sock)
            sock.bind(address)
            if kind == socket.SOCK_STREAM:
                sock.listen(_BACKLOG)
            sock.setblocking(False)
    except NetworkError:
        sock.close()
        raise
    return sock


def _check_folder(path: str) -> None:
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise CommandLineError(f"{path}: there is no folder {folder}", hint="socket file")


def _share_port(sock: socket.socket) -> None:
    """Let others receive at the same port, each its copy of what a group gets (RFC 6762 section 15.1)."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if sys.platform == "darwin" or "bsd" in sys.platform:
        # There SO_REUSEADDR alone does not share; on Linux this one would ask for the same user.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)


def _allow_restart(sock: socket.socket) -> None:
    """Let a server take its port again at once after it ended, and let nobody take it meanwhile."""
    if sys.platform == "win32":
        # SO_REUSEADDR would let two servers share a port there; this one forbids others to ask for that.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def _on_port(resolved: Resolved, port: int) -> Resolved:
    address = resolved.address
    if not isinstance(address, tuple):
        return resolved
    return Resolved(resolved.family, (address[0], port, *address[2:]))


def _culprit(address: Any) -> str:
    if isinstance(address, tuple) and 0 < address[1] < 1024:
        return f"{format_address(address)}, a port below 1024"
    return format_address(address)


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
