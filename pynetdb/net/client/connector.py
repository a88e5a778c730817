"""Connecting on the loop, which waits for nobody: not for names, and not for handshakes."""

import os
import socket
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from pynetdb.errors import NetworkError, PynetdbError
from pynetdb.net.addresses import Resolved, Target, addresses_to_reach, is_address
from pynetdb.net.client.happy_eyeballs import alternate_families
from pynetdb.net.deadline import Deadline
from pynetdb.net.loop import WRITE, Loop, Timer
from pynetdb.net.os_errors import network_errors
from pynetdb.net.sockets import Sockets
from pynetdb.threads import start_thread


class Connector:
    """Tries the addresses of a target, one after the other, until one answers.

    `connected` gets the socket, `failed` the error of the last one; one of them is called, once and from the
    loop, unless it is cancelled. `who` speaks in the narration.
    """

    def __init__(
        self,
        target: Target,
        who: str,
        loop: Loop,
        sockets: Sockets,
        connected: Callable[[socket.socket], None],
        failed: Callable[[PynetdbError], None],
    ) -> None:
        self._target, self._who, self._loop, self._sockets = target, who, loop, sockets
        self._connected, self._failed = connected, failed
        self._addresses: deque[Resolved] = deque()
        self._sock: socket.socket | None = None
        self._timer: Timer | None = None
        self._timeout = 0.0
        self._over = False

    def start(self, timeout: float) -> None:
        """Begin; each address has `timeout` seconds."""
        self._timeout = timeout
        if self._target.unix is not None or is_address(self._target.host):
            self._loop.call_soon(self._resolve)
            return
        try:
            start_thread(self._look_up_in_thread, f"the look-up of {self._target.host}")
        except PynetdbError as error:
            self._loop.call_soon(partial(self._fail, error))

    def cancel(self) -> None:
        """Stop trying, without a word."""
        self._over = True
        self._drop()

    def _resolve(self) -> None:
        self._look_up()()

    def _look_up_in_thread(self) -> None:
        """A resolver takes its time."""
        self._loop.call_from_thread(self._look_up())

    def _look_up(self) -> Callable[[], None]:
        """Look the host up, and return what is to follow on the loop."""
        try:
            deadline = Deadline(self._timeout, str(self._target))
            found = addresses_to_reach(self._target, socket.SOCK_STREAM, self._sockets, deadline)
        except PynetdbError as error:
            return partial(self._fail, error)
        return partial(self._try, found)

    def _try(self, addresses: list[Resolved]) -> None:
        self._addresses = deque(alternate_families(addresses))
        self._next(NetworkError(f"{self._target}: unknown host"))

    def _next(self, failure: PynetdbError) -> None:
        """Try the next address; after the last one `failure` is what came of them."""
        if self._over:
            return
        if not self._addresses:
            self._fail(failure)
            return
        resolved = self._addresses.popleft()
        try:
            with network_errors(str(self._target)):
                self._sock = sock = self._sockets.create(resolved.family, socket.SOCK_STREAM, self._who)
                sock.setblocking(False)
                try:
                    sock.connect(resolved.address)
                except BlockingIOError:
                    self._loop.register(sock, WRITE, self._ready)
                    self._timer = self._loop.call_later(self._timeout, self._is_late)
                    return
        except NetworkError as error:
            self._drop()
            self._next(error)
            return
        self._win()

    def _ready(self, events: int) -> None:
        sock = self._sock
        if sock is None:
            return
        number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if not number:
            try:
                sock.getpeername()
            except OSError:
                return  # Nothing has happened: it was somebody else's descriptor.
            self._loop.unregister(sock)
            self._win()
            return
        try:
            with network_errors(str(self._target)):
                raise OSError(number, os.strerror(number))
        except NetworkError as error:
            self._drop()
            self._next(error)

    def _is_late(self) -> None:
        self._timer = None
        self._drop()
        self._next(NetworkError(f"{self._target}: no answer within {self._timeout:g} s"))

    def _win(self) -> None:
        sock, self._sock = self._sock, None
        if self._timer is not None:
            self._timer.cancel()
        self._over = True
        if sock is not None:
            if sock.family in (socket.AF_INET, socket.AF_INET6):
                with suppress(OSError):  # It is gone again already, as its first read will say.
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connected(sock)

    def _fail(self, error: PynetdbError) -> None:
        if not self._over:
            self._over = True
            self._failed(error)

    def _drop(self) -> None:
        """Give up on the address that is being tried."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        sock, self._sock = self._sock, None
        if sock is not None:
            with suppress(KeyError):  # It failed before it waited.
                self._loop.unregister(sock)
            sock.close()
