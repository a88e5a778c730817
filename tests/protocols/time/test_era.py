"""The era nearest to the local clock, and never one before 1970."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.protocols.time.era import ERA, find_era, to_count_since_1900, to_unix_seconds

IN_2026 = 1_795_220_020
ROLLOVER = 2_085_978_496  # 2036-02-07 06:28:16 UTC


@pytest.mark.parametrize(
    ("count", "now", "expected"),
    [
        (0xE7485680, IN_2026, 1_671_288_832),
        (0, IN_2026, ROLLOVER),
        (63_104, IN_2026, ROLLOVER + 63_104),
        (0xFFFFFFFF, IN_2026, ROLLOVER - 1),
        # A clock that starts in 1970 for want of a battery still reads today's time right.
        (0xEEAB60B4, 0, IN_2026),
        # Seen from 2040, a count just below the rollover is four years ago.
        (0xFFFFFFFF, ROLLOVER + 126_000_000, ROLLOVER - 1),
        # And in era 2 the same bits are again another year.
        (0, ROLLOVER + ERA - 5, ROLLOVER + ERA),
    ],
)
def test_the_nearest_era(count: int, now: float, expected: int) -> None:
    assert to_unix_seconds(count, now) == expected


@given(st.integers(0, 2**40), st.integers(-(2**31), 2**31 - 1))
def test_a_moment_within_68_years_comes_back(now: int, distance: int) -> None:
    moment = now + distance
    if moment >= 0:
        assert to_unix_seconds(to_count_since_1900(moment), now) == moment


@given(st.integers(0, ERA - 1), st.floats(-1e12, 1e12))
def test_any_count_is_some_moment_since_1970(count: int, now: float) -> None:
    moment = to_unix_seconds(count, now)
    assert moment >= 0
    assert to_count_since_1900(moment) == count


def test_the_number_of_the_era() -> None:
    assert [find_era(ROLLOVER + more) for more in (-1, 0, ERA)] == [0, 1, 2]
