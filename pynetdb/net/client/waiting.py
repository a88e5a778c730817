"""Waiting for a socket so that ^C ends it, also where the system does not see to that."""

import selectors
import socket
import sys
import time

# On Windows no signal ends a wait for a socket: for so many seconds at a time ^C waits with us.
_SLICE = 0.1

Found = list[tuple[selectors.SelectorKey, int]]


def interruptible_select(selector: selectors.BaseSelector, timeout: float) -> Found:
    """Return what `selector` finds within `timeout` seconds, as its `select` does."""
    if sys.platform != "win32":
        return selector.select(timeout)
    end = time.monotonic() + timeout
    while True:
        left = end - time.monotonic()
        found = selector.select(min(max(left, 0.0), _SLICE))
        if found or left <= _SLICE:
            return found


def allow_to_read(sock: socket.socket, timeout: float) -> None:
    """Give the next read of `sock` so many seconds, on Windows by waiting for what there is to read."""
    if sys.platform == "win32":
        end = time.monotonic() + timeout
        with selectors.DefaultSelector() as selector:
            selector.register(sock, selectors.EVENT_READ)
            interruptible_select(selector, timeout)
        timeout = max(end - time.monotonic(), 0.000_001)
    sock.settimeout(timeout)
