"""Which sockets are ready: asked of epoll where there is one, of selectors elsewhere, in the same words."""

import select
import selectors
import socket
import sys
from collections.abc import Callable
from typing import Protocol

READ = 1
WRITE = 4
"""As epoll numbers them."""

Callback = Callable[[int], None]


class Poller(Protocol):
    """Waits for sockets. `callbacks` has the callback of each by its descriptor.

    `poll` waits for so many seconds, for ever with None, and returns descriptors with what happened: READ,
    WRITE, or anything greater than both together for an error or a hang-up, which ends either wait.
    """

    callbacks: dict[int, Callback]

    @property
    def poll(self) -> Callable[[float | None], list[tuple[int, int]]]: ...
    def register(self, sock: socket.socket, events: int, callback: Callback) -> None: ...
    def modify(self, sock: socket.socket, events: int, callback: Callback) -> None: ...
    def unregister(self, sock: socket.socket) -> None: ...
    def forget(self, sock: socket.socket) -> None:
        """Like `unregister`, for a socket that is closed right after."""

    def close(self) -> None: ...


_TO_SELECTOR = {
    READ: selectors.EVENT_READ,
    WRITE: selectors.EVENT_WRITE,
    READ | WRITE: selectors.EVENT_READ | selectors.EVENT_WRITE,
}
_FROM_SELECTOR = {theirs: ours for ours, theirs in _TO_SELECTOR.items()}


class SelectorPoller:
    """Asks what `selectors` finds best: kqueue, poll or select."""

    def __init__(self) -> None:
        self.callbacks: dict[int, Callback] = {}
        self._selector = selectors.DefaultSelector()

    def poll(self, timeout: float | None) -> list[tuple[int, int]]:
        return [(key.fd, _FROM_SELECTOR[events]) for key, events in self._selector.select(timeout)]

    def register(self, sock: socket.socket, events: int, callback: Callback) -> None:
        self.callbacks[self._selector.register(sock, _TO_SELECTOR[events]).fd] = callback

    def modify(self, sock: socket.socket, events: int, callback: Callback) -> None:
        self.callbacks[self._selector.modify(sock, _TO_SELECTOR[events]).fd] = callback

    def unregister(self, sock: socket.socket) -> None:
        del self.callbacks[self._selector.unregister(sock).fd]

    forget = unregister

    def close(self) -> None:
        self._selector.close()


if sys.platform == "linux":

    class EpollPoller:
        """Asks epoll itself: `selectors` makes three objects for each socket that is ready."""

        def __init__(self) -> None:
            self.callbacks: dict[int, Callback] = {}
            self._epoll = select.epoll()
            self.poll = self._epoll.poll

        def register(self, sock: socket.socket, events: int, callback: Callback) -> None:
            descriptor = sock.fileno()
            self._epoll.register(descriptor, events)
            self.callbacks[descriptor] = callback

        def modify(self, sock: socket.socket, events: int, callback: Callback) -> None:
            descriptor = sock.fileno()
            self._epoll.modify(descriptor, events)
            self.callbacks[descriptor] = callback

        def unregister(self, sock: socket.socket) -> None:
            descriptor = sock.fileno()
            del self.callbacks[descriptor]
            self._epoll.unregister(descriptor)

        def forget(self, sock: socket.socket) -> None:
            # The kernel takes a descriptor out by itself once it is closed.
            del self.callbacks[sock.fileno()]

        def close(self) -> None:
            self._epoll.close()

    make_poller: Callable[[], Poller] = EpollPoller
else:
    make_poller = SelectorPoller
