"""The stream of events: who is told of what, and a subscriber that counts them."""

import socket
from collections import Counter

import pytest

from pynetdb.errors import PynetdbError
from pynetdb.events import Closed, Connected, Event, Events, Ready
from pynetdb.net.addresses import Target
from pynetdb.net.network import Network
from pynetdb.net.server.server import Bounds, Server
from pynetdb.servers.echo import EchoService


class CountingSubscriber:
    """Counts events by their names."""

    wants_words = False

    def __init__(self, details: bool = True, failure: Exception | None = None) -> None:
        self.wants_details = details
        self.counts: Counter[str] = Counter()
        self._failure = failure

    def receive(self, event: Event) -> None:
        self.counts[event.name] += 1

    def watch(self, failed: object) -> None:
        """Counting cannot fail."""

    def close(self) -> None:
        if self._failure is not None:
            raise self._failure


def test_a_subscriber_counts_what_a_server_does() -> None:
    counting = CountingSubscriber()
    network = Network(events=Events([counting]))
    server = Server(EchoService(), Target("127.0.0.1", 0), Bounds(count=3), network)
    server.open()
    clients = [socket.create_connection(server.addresses[0], timeout=10) for _ in range(3)]
    for client in clients:
        client.close()
    server.run()
    server.close()
    assert counting.counts == {"connected": 3, "closed": 3}


def test_without_a_subscriber_nobody_is_told_and_nothing_is_wanted() -> None:
    events = Events()
    assert not events and not events.wants_details and not events.wants_words
    events.emit(Connected(1, "somebody"))
    events.close()


def test_details_are_for_those_who_want_them() -> None:
    brief, full = CountingSubscriber(details=False), CountingSubscriber()
    events = Events([brief])
    assert events and not events.wants_details
    events.subscribe(full)
    assert events.wants_details
    events.emit(Connected(1, "somebody"))
    events.emit(Ready("serve-echo", "127.0.0.1", 7, "tcp://127.0.0.1:7", 1))
    assert brief.counts == {"ready": 1} and full.counts == {"connected": 1, "ready": 1}


def test_all_finish_before_the_first_error_is_raised() -> None:
    first = CountingSubscriber(failure=PynetdbError("first"))
    events = Events([first, CountingSubscriber(failure=OSError("second"))])
    with pytest.raises(PynetdbError, match="first"):
        events.close()
    assert not events


def test_kinds_and_values_decide_whether_two_events_are_the_same() -> None:
    event = Connected(1, "somebody", time=5.0)
    assert event == Connected(1, "somebody", time=5.0) and hash(event) == hash(
        Connected(1, "somebody", time=5.0)
    )
    assert event != Connected(2, "somebody", time=5.0)
    assert event != Closed(1, "somebody", 0, 0, 0.0, time=5.0)
    assert repr(event) == "Connected(time=5.0, connection=1, peer='somebody')"
    with pytest.raises(AttributeError):
        event.connection = 2  # type: ignore[misc]
