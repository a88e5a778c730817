"""The echo client's arithmetic: matching, quantiles, expectations cut anywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.clients.echo import Expectation, Reply, Tally, _Waiting, generated
from pynetdb.errors import ProtocolError

MESSAGES = st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=8)


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    pieces = []
    for size in sizes:
        piece, data = data[:size], data[size:]
        pieces.append(piece)
    return [piece for piece in [*pieces, data] if piece]


@given(MESSAGES, st.lists(st.integers(1, 30)))
def test_replies_do_not_depend_on_how_the_stream_is_cut(messages: list[bytes], sizes: list[int]) -> None:
    waiting = _Waiting("peer")
    for message in messages:
        waiting.sent(message)
    replies = [reply for piece in cut(b"".join(messages), sizes) for reply in waiting.received(piece)]
    assert [reply.payload for reply in replies] == messages
    assert [reply.number for reply in replies] == list(range(1, len(messages) + 1))
    assert not waiting


@given(MESSAGES, st.integers(0), st.integers(1, 255))
def test_one_wrong_byte_is_found(messages: list[bytes], place: int, change: int) -> None:
    waiting = _Waiting("peer")
    for message in messages:
        waiting.sent(message)
    echo = bytearray(b"".join(messages))
    echo[place % len(echo)] ^= change
    with pytest.raises(ProtocolError, match="the echo differs"):
        list(waiting.received(bytes(echo)))


@given(st.binary(max_size=6), st.lists(st.binary(max_size=5)))
def test_an_expectation_is_met_however_the_words_are_cut(text: bytes, pieces: list[bytes]) -> None:
    expectation = Expectation(text)
    for piece in pieces:
        expectation.feed(piece)
    assert expectation.met == (text in b"".join(pieces))


@pytest.mark.parametrize("size", [0, 1, 25, 26, 27, 1000])
def test_generated_payloads(size: int) -> None:
    assert len(generated(size)) == size


def test_quantiles_of_round_trips() -> None:
    tally = Tally()
    assert tally.round_trip_ms() == {"min": None, "median": None, "p99": None, "max": None}
    for number in range(1, 101):
        tally.add(Reply(number, b"xx", number / 1000))
    assert tally.round_trip_ms() == {"min": 1.0, "median": 50.5, "p99": 100.0, "max": 100.0}
    tally.sent = 103
    assert (tally.received, tally.bytes, tally.lost) == (100, 200, 3)
