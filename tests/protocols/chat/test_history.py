"""The last lines of a room, by number."""

import pytest

from pynetdb.protocols.chat.history import History


def test_the_last_lines_are_kept_under_their_numbers() -> None:
    history = History(3)
    assert history.numbers == range(0)
    for number in range(8):
        history.append("joe", str(number))
        assert [history[n] for n in history.numbers] == [("joe", str(n)) for n in range(number + 1)][-3:]
    assert history.numbers == range(5, 8)
    for gone in (4, 8, -1):
        with pytest.raises(IndexError, match="not kept"):
            history[gone]


def test_a_history_of_nothing() -> None:
    history = History(0)
    history.append("joe", "x")
    assert not history.numbers


def test_what_was_said_before_comes_first() -> None:
    history = History(2, [("joe", "a"), ("ann", "b"), ("joe", "c")])
    history.append("ann", "d")
    assert [history[number] for number in history.numbers] == [("joe", "c"), ("ann", "d")]
    assert history.next_number == 4
