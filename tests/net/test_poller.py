"""Pollers: epoll itself and what selectors has say the same."""

import socket
from collections.abc import Iterator

import pytest

from pynetdb.net.loop import READ, WRITE, Loop
from pynetdb.net.poller import SelectorPoller, make_poller
from pynetdb.net.sockets import Sockets

KINDS = list(dict.fromkeys([make_poller, SelectorPoller]))


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def loop(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loop]:
    monkeypatch.setattr("pynetdb.net.poller.make_poller", request.param)
    loop = Loop(Sockets())
    yield loop
    loop.close()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def turn(loop: Loop) -> None:
    """Let the loop go round once, without waiting."""
    loop._stopped = False
    loop.call_soon(loop.stop)
    loop.run()


Pair = tuple[socket.socket, socket.socket]


def test_each_is_called_for_what_it_waits_for(loop: Loop, pair: Pair) -> None:
    ours, theirs = pair
    happened: list[int] = []
    loop.register(ours, READ, happened.append)
    turn(loop)
    theirs.send(b"x")
    turn(loop)
    loop.modify(ours, READ | WRITE, happened.append)
    turn(loop)
    loop.modify(ours, WRITE, happened.append)
    turn(loop)
    loop.unregister(ours)
    turn(loop)
    assert len(happened) == 3
    assert [bool(events & READ) for events in happened] == [True, True, False]
    assert [bool(events & WRITE) for events in happened] == [False, True, True]


@pytest.mark.parametrize("waits", [READ, WRITE, READ | WRITE])
def test_a_hang_up_ends_every_wait(loop: Loop, pair: Pair, waits: int) -> None:
    ours, theirs = pair
    happened: list[int] = []
    theirs.close()
    loop.register(ours, waits, happened.append)
    turn(loop)
    assert len(happened) == 1
    assert happened[0] & waits == waits
    loop.unregister(ours)


def test_who_is_forgotten_and_closed_is_not_called_again(loop: Loop, pair: Pair) -> None:
    ours, theirs = pair
    others, ends = zip(*[socket.socketpair() for _ in range(2)], strict=True)
    happened: list[str] = []

    def close_others(_: int) -> None:
        for name, other in enumerate(others):
            if other.fileno() >= 0:
                happened.append(f"closes {name}")
                loop.forget(other)
                other.close()
        loop.unregister(ours)

    # Whoever of the three comes first closes the others; they were ready in the same turn.
    for sock in (ours, *others):
        loop.register(sock, READ, close_others)
    for end in (theirs, *ends):
        end.send(b"x")
    turn(loop)
    for end in ends:
        end.close()
    turn(loop)
    assert happened == ["closes 0", "closes 1"]


def test_a_descriptor_that_comes_back_has_its_own_callback(loop: Loop) -> None:
    happened: list[str] = []
    for name in ("first", "second"):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            loop.register(ours, READ, lambda events, name=name: happened.append(name))  # type: ignore[misc]
            theirs.send(b"x")
            turn(loop)
            loop.forget(ours)
    assert happened == ["first", "second"]
