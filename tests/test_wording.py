"""Numbers and moments in words."""

from pynetdb.wording import format_count, timestamp


def test_a_moment_is_iso_8601_in_utc() -> None:
    assert timestamp(0) == "1970-01-01T00:00:00.000000Z"
    assert timestamp(1354131019.1184) == "2012-11-28T19:30:19.118400Z"
    assert timestamp(1.9999999) == "1970-01-01T00:00:02.000000Z"


def test_one_is_singular() -> None:
    assert [format_count(n, "byte") for n in (0, 1, 2)] == ["0 bytes", "1 byte", "2 bytes"]
