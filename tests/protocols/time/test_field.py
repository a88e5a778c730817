"""Moments in words."""

import pytest

from pynetdb.protocols.time.field import format_moment


@pytest.mark.parametrize(
    ("nanoseconds", "told"),
    [
        (0, "1970-01-01 00:00:00 UTC"),
        (1_354_131_019_118_400_000, "2012-11-28 19:30:19.118400000 UTC"),
        (-1, "1969-12-31 23:59:59.999999999 UTC"),
        (10**21, "a year that calendars here do not have"),
    ],
)
def test_moment(nanoseconds: int, told: str) -> None:
    assert format_moment(nanoseconds) == told
