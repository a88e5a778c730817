"""What servers say: any bytes, cut anywhere, there and back (protocols.md, section 5)."""

from dataclasses import FrozenInstanceError, astuple
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.errors import ProtocolError
from pynetdb.protocols.chat.events import (
    MAX_LINE,
    Event,
    EventReader,
    Goodbye,
    Joined,
    Left,
    Said,
    Whispered,
    encode,
)

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r"), max_size=50)
names = texts.filter(bool)
events = st.one_of(
    st.builds(Joined, names),
    st.builds(Left, names),
    st.builds(Said, names, texts),
    st.builds(Whispered, names, texts),
    st.just(Goodbye()),
)
lines = st.sampled_from(
    [
        b"NEW a\n",
        b"LEFT a\r\n",
        b"MESSAGE a\nhi\n",
        b"PRIVATE a\n\xff\n",
        b"\n",
        b"NEW\n",
        b"what\n",
        b"GOODBYE\n",
    ]
)
streams = st.one_of(st.binary(max_size=200), st.lists(lines, max_size=12).map(b"".join))


@given(streams)
def test_any_bytes_give_events(data: bytes) -> None:
    for event in EventReader().receive_data(data):
        assert all("\n" not in word for word in astuple(event))


@given(streams, st.lists(st.integers(0, 200), max_size=8))
def test_cut_anywhere(data: bytes, cuts: list[int]) -> None:
    reader = EventReader()
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    got: list[Event] = []
    for start, end in pairwise(places):
        got += reader.receive_data(data[start:end])
    assert got == EventReader().receive_data(data)


@given(st.lists(events))
def test_encode_then_decode_gives_the_events_back(said: list[Event]) -> None:
    data = "".join(encode(event) for event in said).encode()
    assert EventReader().receive_data(data) == said


def test_two_kinds_are_never_equal() -> None:
    kinds: list[Event] = [Joined("a"), Left("a"), Said("a", "b"), Whispered("a", "b"), Goodbye()]
    for one, other in combinations(kinds, 2):
        assert one != other
    for event in kinds:
        assert event != astuple(event)
        assert len({event, type(event)(*astuple(event))}) == 1
    with pytest.raises(FrozenInstanceError):
        kinds[0].name = "b"  # type: ignore[misc, union-attr]


def test_blank_and_unknown_lines_are_passed_over() -> None:
    said = b"MESSAGE bob\nhi back\n\nNEW\nnonsense\nMESSAGE\n\nLEFT bob\nGOODBYE\n"
    assert EventReader().receive_data(said) == [Said("bob", "hi back"), Left("bob"), Goodbye()]


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_line_without_an_end_is_an_error(end: bytes) -> None:
    with pytest.raises(ProtocolError, match="more than 65536 bytes"):
        EventReader().receive_data(b"x" * (MAX_LINE + 1) + end)
