"""Names as they are typed."""

import sqlite3
from contextlib import closing

import pytest

from pynetdb.db.sqlite.keywords import KEYWORDS, write_name


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("a1", "a1"),
        ("two words", '"two words"'),
        ("Order", '"Order"'),
        ("1a", '"1a"'),
        ('a"b', '"a""b"'),
        ("é", '"é"'),
    ],
)
def test_names(name: str, typed: str) -> None:
    assert write_name(name) == typed
    with closing(sqlite3.connect(":memory:")) as connection:
        assert connection.execute(f"SELECT 1 AS {typed}").description[0][0] == name


def test_what_no_statement_can_hold_stays() -> None:
    assert [write_name(name) for name in ("", "a\0b", "a\udcff")] == ["", "a\0b", "a\udcff"]


def test_keywords_are_single_words() -> None:
    assert len(KEYWORDS) == 147 and all(word.isidentifier() and word.islower() for word in KEYWORDS)
