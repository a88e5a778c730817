"""Numbered datagrams: every loss, swap and copy is counted, against a plain count of the same arrivals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.protocols import sequence
from pynetdb.protocols.sequence import (
    DUPLICATE,
    IN_ORDER,
    REORDERED,
    SIZE,
    TOO_LATE,
    WINDOW,
    Header,
    Statistics,
)

headers = st.builds(Header, st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))


def arrived(*numbers: int) -> tuple[Statistics, list[str]]:
    statistics = Statistics()
    return statistics, [statistics.received(number, 0, 0) for number in numbers]


def test_the_header_on_the_wire() -> None:
    data = sequence.encode(Header(258, 1_795_220_020_000_000_000), b"payload")
    assert data == b"pynetdb\x01" + bytes.fromhex("0000000000000102 18e9e718c1c50800") + b"payload"
    assert len(data) == SIZE + 7 == 31


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"pynetdb",
        b"pynetdb\x01" + bytes(15),
        b"pynetdb\x02" + bytes(16),
        b"Pynetdb\x01" + bytes(16),
    ],
)
def test_what_has_no_header(data: bytes) -> None:
    assert sequence.decode(data) is None


def test_nothing_arrived() -> None:
    statistics = Statistics()
    assert (statistics.expected, statistics.lost, statistics.loss, statistics.jitter) == (0, 0, 0.0, 0.0)
    assert statistics.first is None


def test_all_in_order() -> None:
    statistics, verdicts = arrived(*range(100))
    assert verdicts == [IN_ORDER] * 100
    assert (statistics.datagrams, statistics.expected, statistics.lost, statistics.loss) == (100, 100, 0, 0.0)


def test_loss_reordering_and_duplicates() -> None:
    statistics, verdicts = arrived(0, 1, 4, 3, 3, 4, 7)
    assert verdicts == [IN_ORDER, IN_ORDER, IN_ORDER, REORDERED, DUPLICATE, DUPLICATE, IN_ORDER]
    assert (statistics.datagrams, statistics.expected, statistics.lost) == (7, 8, 3)
    assert (statistics.reordered, statistics.duplicates) == (1, 2)
    assert statistics.loss == 3 / 8


def test_the_first_ones_lost_are_lost() -> None:
    statistics, _ = arrived(3, 4)
    assert (statistics.first, statistics.lost, statistics.expected) == (3, 3, 5)


def test_as_late_as_the_window_and_later() -> None:
    statistics, verdicts = arrived(0, WINDOW + 1, 2, 2, 1, 1, 0)
    # The last WINDOW numbers are 2 to WINDOW + 1.
    assert verdicts == [IN_ORDER, IN_ORDER, REORDERED, DUPLICATE, TOO_LATE, TOO_LATE, TOO_LATE]
    assert statistics.too_late == 3
    assert (statistics.expected, statistics.lost) == (WINDOW + 2, WINDOW + 2 - 3)


@pytest.mark.parametrize("jump", [2, 5, WINDOW - 1, WINDOW, WINDOW + 1, 10 * WINDOW])
def test_a_jump_forgets_who_had_those_places_before(jump: int) -> None:
    start = range(WINDOW + WINDOW // 2)
    statistics, _ = arrived(*start)
    last = start[-1] + jump
    assert statistics.received(last, 0, 0) == IN_ORDER
    assert statistics.lost == jump - 1
    assert statistics.received(last - 1, 0, 0) == REORDERED
    assert statistics.received(last - 1, 0, 0) == DUPLICATE


def test_a_forged_number_costs_no_memory() -> None:
    statistics, verdicts = arrived(0, 2**64 - 1, 1)
    assert verdicts == [IN_ORDER, IN_ORDER, TOO_LATE]
    assert statistics.lost == 2**64 - 2
    assert len(statistics._seen) == WINDOW


def test_jitter_by_the_formula_of_rfc_3550() -> None:
    """J += (|D| - J) / 16, D the difference of two transit times; a wrong clock (7 s) does not matter."""
    statistics = Statistics()
    transits = [5_000_000, 21_000_000, 5_000_000, 5_000_000]
    for number, transit in enumerate(transits):
        sent = number * 20_000_000 + 7_000_000_000
        statistics.received(number, sent, sent - 7_000_000_000 + transit)
    first = 16 / 16
    second = first + (16 - first) / 16
    third = second + (0 - second) / 16
    assert statistics.jitter * 1000 == pytest.approx(third)


def test_a_steady_way_has_no_jitter() -> None:
    statistics = Statistics()
    for number in range(50):
        statistics.received(number, number * 1000, number * 1000 + 123_456)
    assert statistics.jitter == 0.0


@given(st.binary(max_size=64))
def test_any_bytes_have_a_header_or_none(data: bytes) -> None:
    header = sequence.decode(data)
    assert header is None or sequence.encode(header, data[SIZE:]) == data


@given(headers, st.binary(max_size=64))
def test_encode_then_decode_gives_the_header_back(header: Header, payload: bytes) -> None:
    data = sequence.encode(header, payload)
    assert sequence.decode(data) == header
    assert data[SIZE:] == payload


@given(headers, st.binary(max_size=64), st.data())
def test_cut_anywhere_it_is_no_header_or_the_same(
    header: Header, payload: bytes, data: st.DataObject
) -> None:
    whole = sequence.encode(header, payload)
    cut = data.draw(st.integers(0, len(whole)))
    assert sequence.decode(whole[:cut]) == (header if cut >= SIZE else None)


@given(st.lists(st.integers(0, 300), min_size=1))
def test_the_counts_are_those_of_a_plain_set(numbers: list[int]) -> None:
    statistics, verdicts = arrived(*numbers)
    unique = set(numbers)
    assert statistics.expected == max(numbers) + 1
    assert statistics.lost == max(numbers) + 1 - len(unique)
    assert statistics.duplicates == len(numbers) - len(unique)
    seen: set[int] = set()
    reordered = 0
    for number in numbers:
        reordered += number not in seen and bool(seen) and number < max(seen)
        seen.add(number)
    assert statistics.reordered == reordered == verdicts.count(REORDERED)
