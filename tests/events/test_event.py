"""What all events have in common."""

from dataclasses import FrozenInstanceError, dataclass

import pytest

from pynetdb.events.event import Event


@dataclass(frozen=True, repr=False, eq=False)
class Came(Event):
    name = "came"
    who: str


@dataclass(frozen=True, repr=False, eq=False)
class Went(Event):
    name = "went"
    who: str


def test_events_of_two_kinds_are_never_equal() -> None:
    assert Came("ann", time=1.0) == Came("ann", time=1.0)
    assert Came("ann", time=1.0) != Went("ann", time=1.0)
    assert len({Came("ann", time=1.0), Came("ann", time=1.0), Came("bob", time=1.0)}) == 2


def test_an_event_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Came("ann").who = "bob"  # type: ignore[misc]


def test_an_event_has_a_name_and_a_time() -> None:
    event = Came("ann", time=1.5)
    assert event.to_json() == {"event": "came", "time": "1970-01-01T00:00:01.500000Z"}
    assert event.line() is None
    assert "'ann'" in repr(event)
