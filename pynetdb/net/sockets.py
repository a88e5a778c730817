"""The one place that creates sockets, plain or narrated."""

import socket
from typing import Any

from pynetdb.narration import Narrator


def encoded_host(host: str) -> str | bytes:
    """Return a host as getaddrinfo takes it fastest: Python loads its IDNA tables for any `str`."""
    return host.encode() if host.isascii() else host


class Sockets:
    """Makes every socket of a command.

    Without an observer the class in use is `socket.socket` itself, so that narration which nobody
    asked for costs nothing.
    """

    def __init__(self, narrator: Narrator | None = None) -> None:
        self.narrator = narrator if narrator else None

    def create(self, family: int, kind: int, who: str) -> socket.socket:
        """Return a new socket; `who` speaks in the narration. Raises OSError."""
        if self.narrator is None:
            return socket.socket(family, kind)
        from pynetdb.net.narrated_socket import NarratedSocket

        return NarratedSocket.create(self.narrator, who, family, kind)

    def pair(self) -> tuple[socket.socket, socket.socket]:
        """Return two connected sockets of our own. Raises OSError."""
        first, second = socket.socketpair()
        if self.narrator is None:
            return first, second
        from pynetdb.net.narrated_socket import NarratedSocket

        return NarratedSocket.pair(self.narrator, first, second)

    def getaddrinfo(
        self, who: str, host: str, port: int, kind: int, flags: int, quiet: bool = False
    ) -> list[tuple[Any, ...]]:
        """Look a name up; `quiet` keeps a failure out of the narration. Raises OSError and UnicodeError."""
        if self.narrator is None:
            return list(socket.getaddrinfo(encoded_host(host), port, type=kind, flags=flags))
        from pynetdb.net.narrated_socket import narrated_getaddrinfo

        return narrated_getaddrinfo(self.narrator, who, host, port, kind, flags, quiet)
