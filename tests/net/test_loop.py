"""The loop: sockets, timers, wake-ups."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from pynetdb.net.loop import READ, WRITE, Loop
from pynetdb.net.sockets import Sockets


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop(Sockets())
    yield loop
    loop.close()


def test_a_socket_is_called_for_what_it_waits_for(loop: Loop) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        happened: list[int] = []

        def writable(events: int) -> None:
            happened.append(events)
            loop.modify(ours, READ, readable)
            theirs.send(b"x")

        def readable(events: int) -> None:
            happened.append(events)
            loop.unregister(ours)
            loop.stop()

        loop.register(ours, WRITE, writable)
        loop.run()
        assert happened == [WRITE, READ]


def test_timers_fire_in_order_and_not_too_early(loop: Loop) -> None:
    fired: list[tuple[str, float]] = []
    start = time.monotonic()

    def note(name: str) -> None:
        fired.append((name, time.monotonic() - start))

    loop.call_later(0.03, loop.stop)
    loop.call_later(0.02, lambda: note("second"))
    loop.call_later(0.01, lambda: note("first"))
    loop.call_later(0.01, lambda: note("with the first"))
    loop.call_later(0.015, lambda: note("never")).cancel()
    loop.run()
    assert [name for name, _ in fired] == ["first", "with the first", "second"]
    assert fired[0][1] >= 0.01
    assert fired[2][1] >= 0.02


def test_what_is_called_soon_comes_at_the_end_of_the_turn(loop: Loop) -> None:
    order: list[str] = []

    def first() -> None:
        order.append("first")
        loop.call_soon(lambda: order.append("next turn"))
        loop.call_soon(loop.stop)

    loop.call_soon(first)
    loop.call_soon(lambda: order.append("second"))
    loop.run()
    assert order == ["first", "second", "next turn"]


def test_a_thread_wakes_it_out_of_an_endless_wait(loop: Loop) -> None:
    thread = threading.Thread(target=lambda: loop.call_from_thread(loop.stop))
    loop.call_soon(thread.start)
    loop.run()
    thread.join()


def test_ten_thousand_wake_ups_fit_into_a_full_pair(loop: Loop) -> None:
    called: list[int] = []
    for number in range(10_000):
        loop.call_from_thread(lambda number=number: called.append(number))  # type: ignore[misc]
    loop.call_from_thread(loop.stop)
    loop.run()
    assert called == list(range(10_000))


def test_a_thread_that_is_late_is_not_an_error() -> None:
    loop = Loop(Sockets())
    loop.close()
    loop.call_from_thread(lambda: None)


def test_an_exception_is_not_swallowed(loop: Loop) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    loop.call_soon(broken)
    with pytest.raises(ZeroDivisionError):
        loop.run()


def test_run_until_ends_after_the_turn_that_has_what_is_waited_for() -> None:
    loop = Loop(Sockets())
    done: list[int] = []
    loop.call_later(0, lambda: done.append(1))
    loop.call_soon(lambda: None)
    loop.run_until(lambda: bool(done))
    assert done == [1]
    loop.call_soon(loop.stop)
    loop.run_until(lambda: False)
    loop.close()
