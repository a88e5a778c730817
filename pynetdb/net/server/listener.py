"""The listening side: accepting until it would block."""

import errno
import socket
from collections.abc import Callable
from typing import Any

from pynetdb.net import os_errors
from pynetdb.net.loop import READ, Loop
from pynetdb.net.sockets import Sockets

# After so many the connections that we have get their turn again.
_ACCEPTS_PER_TURN = 256

# The process, the system or the kernel has no room for another connection just now.
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}

# How often to look again while there was no room, in case somebody else has left some.
_RETRY = 1.0


class Listener:
    """Accepts on a listening socket and hands each new one on.

    `accepted` gets the socket and the peer's address. When descriptors run out the listener steps back:
    clients wait in the kernel's queue, at no cost, until `retry` or a second has passed.
    """

    def __init__(
        self,
        sock: socket.socket,
        loop: Loop,
        sockets: Sockets,
        accepted: Callable[[socket.socket, Any], None],
        exhausted: Callable[[OSError], None],
    ) -> None:
        self.sock = sock
        self._loop = loop
        self._accept = sockets.acceptor(sock)
        self._accepted = accepted
        self._exhausted = exhausted
        self.burst = _ACCEPTS_PER_TURN
        """At most so many are accepted before others have their turn."""
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
        accept, accepted = self._accept, self._accepted
        for _ in range(self.burst):
            if not self._open:
                return
            try:
                peer_sock, peer = accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if os_errors.number(error) in _EXHAUSTED:
                    self._step_back(error)
                    return
                continue  # That client vanished between its handshake and our accept().
            accepted(peer_sock, peer)

    def _step_back(self, error: OSError) -> None:
        self._loop.unregister(self.sock)
        self._listening = False
        self._loop.call_later(_RETRY, self.retry)
        self._exhausted(error)
