"""Headers that cannot be true cost themselves alone, and no truth is taken for one, whatever order it comes in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.protocols.sequence import Statistics
from pynetdb.protocols.sequence_account import MAX_DROPOUT, Account

_PACE = 1_000_000
_START = 1_795_220_020_000_000_000

Pair = tuple[int, int]


def true(number: int) -> Pair:
    return number, _START + number * _PACE


def account(pairs: list[Pair]) -> Account:
    """What an account comes to when these arrive at a steady pace."""
    account = Account()
    for place, (number, sent) in enumerate(pairs):
        account.received(number, sent, _START + place * _PACE)
    account.settle()
    return account


def flipped(pair: Pair, bit: int) -> Pair:
    """The header with one of its bits the other way round; the bits of the number come first."""
    number, sent = pair
    return (number ^ 1 << bit, sent) if bit < 64 else (number, sent ^ 1 << bit - 64)


# Steps over the next four datagrams, who are all that a datagram's neighbours can say.
_TELLING = [*range(3, 64), *range(64 + (8 * _PACE).bit_length(), 128)]


@given(st.permutations(range(40)), st.sets(st.integers(0, 39)))
def test_all_that_is_true_is_believed_in_any_order(order: list[int], lost: set[int]) -> None:
    arrivals = [number for number in order if number not in lost]
    judged, plain = account([true(number) for number in arrivals]), Statistics()
    for number in arrivals:
        plain.received(number, 0, 0)
    found = judged.statistics
    assert judged.ignored == 0
    assert (found.lost, found.reordered, found.duplicates) == (plain.lost, plain.reordered, plain.duplicates)


@pytest.mark.parametrize("bit", _TELLING)
@pytest.mark.parametrize("place", [1, 50, 150])
def test_one_flipped_bit_costs_one_datagram(place: int, bit: int) -> None:
    pairs = [true(number) for number in range(200)]
    pairs[place] = flipped(pairs[place], bit)
    judged = account(pairs)
    assert (judged.ignored, judged.statistics.lost, judged.statistics.duplicates) == (1, 1, 0)
    assert judged.statistics.jitter < 0.001


@given(st.sets(st.integers(0, 63), max_size=10), st.data())
def test_flipped_bits_here_and_there_cost_no_more_than_what_they_hit(
    places: set[int], data: st.DataObject
) -> None:
    pairs = [true(number) for number in range(64 * 8)]
    for place in places:
        pairs[place * 8] = flipped(pairs[place * 8], data.draw(st.integers(0, 127)))
    judged = account(pairs)
    # A small step is believed, and then one that is true contradicts it.
    assert judged.ignored + judged.statistics.duplicates <= 2 * len(places)
    assert judged.statistics.lost <= 2 * len(places)


def test_the_last_one_has_no_witness_but_how_far_ahead_it_is() -> None:
    pairs = [true(number) for number in range(10)]
    assert account([*pairs, true(10 + MAX_DROPOUT)]).statistics.lost == MAX_DROPOUT
    far = account([*pairs, true(11 + MAX_DROPOUT)])
    assert (far.ignored, far.statistics.lost) == (1, 0)


def test_a_long_silence_is_believed_when_it_goes_on_from_there() -> None:
    pairs = [true(number) for number in (0, 1, 2, 1_000_000, 1_000_001)]
    judged = account(pairs)
    assert (judged.ignored, judged.statistics.lost) == (0, 1_000_002 - 5)


def test_the_first_ones_lost_are_lost() -> None:
    judged = account([true(number) for number in (5000, 5001, 5002)])
    assert (judged.ignored, judged.statistics.first, judged.statistics.lost) == (0, 5000, 5000)


def test_a_sender_that_begins_anew_is_heard() -> None:
    anew = [(number, _START + (100 + number) * _PACE) for number in range(10)]
    judged = account([*(true(number) for number in range(100)), *anew])
    assert (judged.ignored, judged.statistics.lost, judged.statistics.duplicates) == (0, 0, 10)


def test_forged_numbers_cost_no_memory() -> None:
    judged = Account()
    for number in range(1000):
        judged.received(2**64 - 1 - number * 2**50, 0, 0)
    assert len(judged._waiting) < 10


def test_nothing_is_left_waiting_and_settling_twice_is_harmless() -> None:
    judged = account([true(0)])
    judged.settle()
    assert judged.statistics.datagrams == 1
