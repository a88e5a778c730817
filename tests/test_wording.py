"""Moments and counts in words."""

import pytest

from pynetdb.wording import format_count, timestamp, without_userinfo


def test_a_moment_is_written_in_utc_with_microseconds() -> None:
    assert timestamp(1354131019.1184) == "2012-11-28T19:30:19.118400Z"
    assert timestamp(0.9999999) == "1970-01-01T00:00:01.000000Z"


@pytest.mark.parametrize(("number", "told"), [(0, "0 bytes"), (1, "1 byte"), (2, "2 bytes")])
def test_counts(number: int, told: str) -> None:
    assert format_count(number, "byte") == told


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("http://ann:pw@h/a@b", "http://h/a@b"),
        ("at 'http://ann:p@ss@h:80' or ftp://t@x?q=u@v", "at 'http://h:80' or ftp://x?q=u@v"),
        ("ann@h, http://h/a@b", "ann@h, http://h/a@b"),
        ("nothing", "nothing"),
    ],
)
def test_a_url_is_told_without_its_password(text: str, left: str) -> None:
    assert without_userinfo(text) == left
