"""Moments and counts in words."""

import pytest

from pynetdb.wording import format_count, timestamp


def test_a_moment_is_written_in_utc_with_microseconds() -> None:
    assert timestamp(1354131019.1184) == "2012-11-28T19:30:19.118400Z"
    assert timestamp(0.9999999) == "1970-01-01T00:00:01.000000Z"


@pytest.mark.parametrize(("number", "told"), [(0, "0 bytes"), (1, "1 byte"), (2, "2 bytes")])
def test_counts(number: int, told: str) -> None:
    assert format_count(number, "byte") == told
