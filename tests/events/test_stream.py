"""Who is told of events, of which, and what happens if one of them cannot go on."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from pynetdb.events.event import Event
from pynetdb.events.stream import Events


@dataclass(frozen=True, repr=False, eq=False)
class Started(Event):
    name = "started"


@dataclass(frozen=True, repr=False, eq=False)
class Moved(Event):
    name = "moved"
    detail = True


class Count:
    """A subscriber that counts events by their names."""

    wants_words = False

    def __init__(self, *, details: bool = True, error: OSError | None = None) -> None:
        self.wants_details = details
        self.names: list[str] = []
        self.closed = False
        self._error = error

    def receive(self, event: Event) -> None:
        self.names.append(event.name)

    def watch(self, failed: Callable[[OSError], None]) -> None:
        failed(OSError("told at once"))

    def close(self) -> None:
        self.closed = True
        if self._error:
            raise self._error


def test_a_stream_without_subscribers_is_false() -> None:
    events = Events()
    assert not events and not events.wants_details
    events.emit(Started())
    events.subscribe(Count())
    assert events and events.wants_details


def test_details_are_for_those_who_want_them() -> None:
    all_of_it, the_large = Count(), Count(details=False)
    events = Events([all_of_it, the_large])
    events.emit(Started())
    events.emit(Moved())
    assert all_of_it.names == ["started", "moved"] and the_large.names == ["started"]
    assert not Events([the_large]).wants_details


def test_every_subscriber_is_closed_and_the_first_failure_is_raised() -> None:
    subscribers = [Count(error=OSError("first")), Count(error=OSError("second")), Count()]
    events = Events(subscribers)
    with pytest.raises(OSError, match="first"):
        events.close()
    assert all(subscriber.closed for subscriber in subscribers)
    assert not events
    events.close()


def test_a_failure_is_passed_on() -> None:
    told: list[OSError] = []
    Events([Count(), Count()]).watch(told.append)
    assert len(told) == 2
