"""Entries of a shared room's log: whatever is in it, nobody hears a line that was not said."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.protocols.chat.shared_log import Entry, read_entries, read_entry, read_id


def entry(*fields: bytes) -> Entry | None:
    return read_entry(list(fields))


def test_what_an_entry_says() -> None:
    assert entry(b"NEW", b"ann", b"of", b"s/1") == Entry("NEW", "ann", "", "s/1", "")
    assert entry(b"MESSAGE", b"ann\nhi there", b"of", b"s/1") == Entry(
        "MESSAGE", "ann", "hi there", "s/1", ""
    )
    private = entry(b"PRIVATE", b"ann\npsst", b"of", b"s/1", b"to", b"t/2")
    assert private == Entry("PRIVATE", "ann", "psst", "s/1", "t/2")
    assert private.server == "s"


def test_what_is_none_of_ours_is_passed_over() -> None:
    assert read_entry(None) is None
    assert read_entry([b"NEW", b"ann"]) is None
    assert read_entry([b"NEW", b"ann", b"of", 7]) is None
    assert entry(b"NEW", b"ann", b"x", b"s/1") is None
    assert entry(b"NEW", b"", b"of", b"s/1") is None
    assert entry(b"NEW", b"ann\nLEFT bob", b"of", b"s/1") is None
    assert entry(b"MESSAGE", b"ann", b"of", b"s/1") is None
    assert entry(b"PRIVATE", b"ann\nto nobody", b"of", b"s/1") is None
    assert entry(b"GOODBYE", b"ann", b"of", b"s/1") is None


def test_controls_are_escaped() -> None:
    said = entry(b"MESSAGE", b"a\x1bn\nhi\nLEFT bob\xff", b"of", b"s/1")
    assert said is not None
    assert (said.name, said.text) == ("a\\en", "hi\\nLEFT bob�")


@given(st.lists(st.binary(), max_size=6))
def test_any_fields_are_one_line_each_or_nothing(fields: list[bytes]) -> None:
    for kind in (b"MESSAGE", b"NEW"):
        said = read_entry([kind, *fields])
        assert said is None or "\n" not in said.name + said.text


def test_numbers_of_entries_are_compared_as_numbers() -> None:
    assert read_id(b"9-10") > read_id(b"9-9") > read_id(b"8-99") > read_id(b"nonsense") == read_id(None)


def test_the_entries_of_a_reply() -> None:
    entries = [[b"1-1", [b"NEW", b"ann"]], [b"1-2", None]]
    assert read_entries(entries) == read_entries([[b"log", entries]], of_stream=True) == entries
    assert read_entries(None, of_stream=True) == read_entries([]) == []


@pytest.mark.parametrize(
    "reply",
    [7, b"x", [7], [[b"1-1"]], [[b"x", []]], [[b"1-1", [b"NEW", 7]]], [[b"1-1", [b"NEW"]]], [[7, None]]],
)
def test_what_has_no_entries(reply: Any) -> None:
    with pytest.raises((ValueError, TypeError, IndexError)):
        read_entries(reply)
