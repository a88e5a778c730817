"""Waits that end: with what there is to read, or with their time."""

import selectors
import socket
import time

import pytest

from pynetdb.net.client.waiting import allow_to_read, interruptible_select


@pytest.mark.parametrize("timeout", [0.0, 0.05, 0.25])
def test_nothing_comes(timeout: float) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, selectors.DefaultSelector() as selector:
        selector.register(ours, selectors.EVENT_READ)
        started = time.monotonic()
        assert interruptible_select(selector, timeout) == []
        assert time.monotonic() - started >= timeout * 0.9  # Clocks of systems tick in steps.


def test_something_comes() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, selectors.DefaultSelector() as selector:
        theirs.send(b"x")
        selector.register(ours, selectors.EVENT_READ)
        assert [key.fileobj for key, _ in interruptible_select(selector, 50)] == [ours]
        allow_to_read(ours, 50)
        assert ours.recv(1) == b"x"


def test_a_read_has_no_more_time_than_it_was_given() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        allow_to_read(ours, 0.05)
        with pytest.raises(TimeoutError):
            ours.recv(1)
