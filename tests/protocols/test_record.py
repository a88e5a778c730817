"""Events of protocols are values: compared by class and fields, frozen, shown with both."""

from dataclasses import FrozenInstanceError, is_dataclass

import pytest

from pynetdb.protocols.chat.events import Goodbye, Joined, Left, Said


def test_they_are_equal_by_class_and_fields() -> None:
    assert Joined("a") == Joined("a") != Joined("b")
    assert Joined("a") != Left("a")
    assert Joined("a") != "a"
    assert len({Joined("a"), Joined("a"), Left("a"), Goodbye(), Goodbye()}) == 3


def test_they_are_frozen_dataclasses() -> None:
    event = Said("a", "b")
    assert is_dataclass(event)
    with pytest.raises(FrozenInstanceError):
        event.text = "c"  # type: ignore[misc]


def test_they_are_shown_with_their_fields() -> None:
    assert repr(Said("a", "b")) == "Said(sender='a', text='b')"
    assert repr(Goodbye()) == "Goodbye()"
