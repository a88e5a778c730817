"""Several addresses: the first to answer is taken, the others are left, and a dead one costs 250 ms at most."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from programs import posix

from pynetdb.errors import DeadlineError, NetworkError
from pynetdb.narration import Call, Narrator
from pynetdb.net.addresses import Resolved, Target
from pynetdb.net.client import happy_eyeballs, stream
from pynetdb.net.client.happy_eyeballs import alternate_families, connect_first
from pynetdb.net.client.stream import Stream
from pynetdb.net.deadline import Deadline
from pynetdb.net.network import Network

TARGET = Target("name", 1)


@contextmanager
def full_listener() -> Iterator[socket.socket]:
    """A listening socket whose queue has no room: handshakes get no answer."""
    with ExitStack() as stack:
        full = stack.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        while True:
            sock = stack.enter_context(socket.socket())
            sock.setblocking(False)
            try:
                sock.connect(full.getsockname())
            except BlockingIOError:
                break  # This one waits already.
        yield full


@contextmanager
def dead() -> Iterator[Resolved]:
    with full_listener() as full:
        yield Resolved(socket.AF_INET, full.getsockname())


@contextmanager
def refusing() -> Iterator[Resolved]:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield Resolved(socket.AF_INET, unused.getsockname())


@pytest.fixture
def good() -> Iterator[Resolved]:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield Resolved(socket.AF_INET, sock.getsockname())


def connected_to(
    addresses: list[Resolved], network: Network | None = None, timeout: float = 30
) -> tuple[str, int]:
    with connect_first(addresses, TARGET, Deadline(timeout, "name"), network or Network()) as sock:
        peer: tuple[str, int] = sock.getpeername()
        return peer


def test_families_take_turns() -> None:
    def address(family: int, *names: str) -> list[Resolved]:
        return [Resolved(family, name) for name in names]

    found = [*address(10, "a", "b", "c"), *address(2, "d")]
    assert [resolved.address for resolved in alternate_families(found)] == ["a", "d", "b", "c"]
    assert alternate_families([]) == []


@posix
def test_a_dead_address_does_not_keep_the_next_waiting(good: Resolved) -> None:
    calls: list[Call] = []

    class Observer:
        def on_call(self, call: Call) -> None:
            calls.append(call)

        def close(self) -> None:
            pass

    with dead() as silent, Narrator([Observer()]) as narrator:
        started = time.monotonic()
        assert connected_to([silent, good], Network(narrator)) == good.address
        assert time.monotonic() - started >= happy_eyeballs.ATTEMPT_DELAY
    told = [call.call for call in calls]
    assert told[:4] == ["socket", "connect", "socket", "connect"] and told.count("close") == 2
    assert "under way" in calls[1].note


def test_an_address_that_refuses_does_not_keep_anybody_waiting(
    good: Resolved, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(happy_eyeballs, "ATTEMPT_DELAY", 1000.0)
    with refusing() as refused:
        assert connected_to([refused, refused, good]) == good.address


@posix
@pytest.mark.parametrize("ending", ["accept", "close"])
def test_a_handshake_that_ends_later(ending: str) -> None:
    """The kernel says SYN again after a second, and finds room, or nobody."""
    with full_listener() as full, dead() as silent:
        address = full.getsockname()

        class Observer:
            def on_call(self, call: Call) -> None:
                if call.call == "connect" and str(address[1]) in call.arguments[0]:
                    if ending == "close":
                        full.close()
                    else:
                        for _ in range(2):
                            full.accept()[0].close()

            def close(self) -> None:
                pass

        with Narrator([Observer()]) as narrator:
            network = Network(narrator)
            if ending == "accept":
                assert connected_to([Resolved(socket.AF_INET, address), silent], network) == address
            else:
                with refusing() as refused, pytest.raises(NetworkError, match="connection refused"):
                    connected_to([Resolved(socket.AF_INET, address), refused], network)


@pytest.mark.parametrize("order", [("refusing", "unusable"), ("unusable", "refusing")])
def test_that_nobody_listens_is_said_first(order: tuple[str, ...]) -> None:
    with refusing() as refused:
        unusable = Resolved(socket.AF_INET, ("255.255.255.255", 9))
        choices = {"refusing": refused, "unusable": unusable}
        with pytest.raises(NetworkError, match="^name:1: connection refused"):
            connected_to([choices[name] for name in order])


@posix
def test_the_deadline_ends_all_of_them() -> None:
    with dead() as silent, pytest.raises(DeadlineError, match=r"no complete answer within 0\.1 s"):
        connected_to([silent, silent], timeout=0.1)


def test_every_client_goes_this_way(good: Resolved, monkeypatch: pytest.MonkeyPatch) -> None:
    with refusing() as refused:
        monkeypatch.setattr(stream, "addresses_to_reach", lambda *_: [refused, good])
        with Stream.connect(TARGET, Deadline(30, "name"), Network()) as connection:
            assert connection.peer == "name:1" and connection.connect_seconds > 0
