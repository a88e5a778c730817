"""Connecting to whichever address of a name answers first (Happy Eyeballs, RFC 8305)."""

import os
import selectors
import socket
import time
from collections import deque
from collections.abc import Sequence
from itertools import chain, zip_longest

from pynetdb.errors import NetworkError
from pynetdb.net.addresses import Resolved, Target
from pynetdb.net.deadline import Deadline
from pynetdb.net.network import Network
from pynetdb.net.os_errors import is_refused, network_errors

# RFC 8305 section 5: seconds between two beginnings, as long as nothing has failed.
ATTEMPT_DELAY = 0.25


def connect_first(
    addresses: Sequence[Resolved], target: Target, deadline: Deadline, network: Network
) -> socket.socket:
    """Return a socket that is connected to the first of several addresses to answer; no other stays open.

    The families take turns. An address that does not answer holds the next one up for 250 ms, one that
    refuses not at all. Raises NetworkError when all have failed, DeadlineError when the time is over before.
    """
    with _Race(target, network) as race:
        waiting = deque(alternate_families(addresses))
        next_start = 0.0
        while waiting or race.under_way:
            left = deadline.remaining()
            if waiting and (race.has_just_failed or time.monotonic() >= next_start):
                next_start = time.monotonic() + ATTEMPT_DELAY
                sock = race.begin(waiting.popleft())
            else:
                sock = race.wait(min(left, max(next_start - time.monotonic(), 0.0)) if waiting else left)
            if sock is not None:
                return sock
        assert race.failure is not None  # noqa: S101 - there was an address, and it failed
        raise race.failure


def alternate_families(addresses: Sequence[Resolved]) -> list[Resolved]:
    """Return addresses with their families in turn, otherwise in their order (RFC 8305 section 4)."""
    families = dict.fromkeys(resolved.family for resolved in addresses)
    lists = ([resolved for resolved in addresses if resolved.family == family] for family in families)
    return [resolved for resolved in chain.from_iterable(zip_longest(*lists)) if resolved is not None]


class _Race:
    """Handshakes that are under way at the same time. A context manager, which closes all but the first."""

    def __init__(self, target: Target, network: Network) -> None:
        self.failure: NetworkError | None = None
        """The failure that says most: that somebody was reached, and nobody listens there."""
        self.has_just_failed = True
        self._target, self._network = target, network
        self._selector = selectors.DefaultSelector()
        self._sockets: set[socket.socket] = set()

    @property
    def under_way(self) -> bool:
        return bool(self._sockets)

    def begin(self, resolved: Resolved) -> socket.socket | None:
        """Begin a handshake; return the socket if it is over already."""
        self.has_just_failed = False
        try:
            with network_errors(str(self._target)):
                sock = self._network.sockets.create(resolved.family, socket.SOCK_STREAM, "client")
                self._sockets.add(sock)
                sock.setblocking(False)
                try:
                    sock.connect(resolved.address)
                except BlockingIOError:
                    self._selector.register(sock, selectors.EVENT_WRITE)
                    return None
                except OSError:
                    sock.close()
                    self._sockets.remove(sock)
                    raise
        except NetworkError as error:
            self._fail(error)
            return None
        return self._win(sock)

    def wait(self, seconds: float) -> socket.socket | None:
        """Wait for the end of a handshake; return the socket if it was a good one."""
        for key, _ in self._selector.select(seconds):
            sock = key.fileobj
            assert isinstance(sock, socket.socket)  # noqa: S101 - nothing else was registered
            self._selector.unregister(sock)
            number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if not number:
                return self._win(sock)
            sock.close()
            self._sockets.remove(sock)
            try:
                with network_errors(str(self._target)):
                    raise OSError(number, os.strerror(number))
            except NetworkError as error:
                self._fail(error)
        return None

    def _win(self, sock: socket.socket) -> socket.socket:
        self._sockets.remove(sock)
        return sock

    def _fail(self, error: NetworkError) -> None:
        self.has_just_failed = True
        if self.failure is None or not is_refused(self.failure):
            self.failure = error

    def __enter__(self) -> "_Race":
        return self

    def __exit__(self, *exc: object) -> None:
        self._selector.close()
        for sock in self._sockets:
            sock.close()
