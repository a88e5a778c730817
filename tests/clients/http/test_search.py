"""What a pattern finds in a body, in which text, within which time."""

import re

import pytest
from programs import posix

from pynetdb.clients.http import search
from pynetdb.clients.http.search import compile_pattern, decode_body, find_all, name_columns
from pynetdb.errors import DeadlineError, PynetdbError


def test_charsets() -> None:
    assert decode_body("text/plain; charset=iso-8859-1", b"\xe4") == "ä"
    assert decode_body("text/plain; charset=utf-99", b"\xe4") == "\\xe4"
    assert decode_body("text/plain; charset=base64", b"YQ==") == "YQ=="


def test_columns_are_groups() -> None:
    assert name_columns(re.compile("a")) == ("match",)
    assert name_columns(re.compile("(?P<first>a)(b)")) == ("first", "2")


def test_what_is_no_pattern() -> None:
    assert compile_pattern("a+").pattern == "a+"
    with pytest.raises(ValueError, match="'\\(' is no regular expression"):
        compile_pattern("(")


def test_rows_are_matches_or_their_groups() -> None:
    assert find_all(re.compile("a."), "ab ac", 5) == [("ab",), ("ac",)]
    assert find_all(re.compile("(a)(x)?"), "a ax", 5) == [("a", None), ("a", "x")]


def test_more_matches_than_memory_should_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MAX_MATCHES", 3)
    assert len(find_all(re.compile("a"), "aaa", 5)) == 3
    with pytest.raises(PynetdbError, match="more than 3 matches"):
        find_all(re.compile("a"), "aaaa", 5)


@posix
def test_a_pattern_that_never_ends() -> None:
    with pytest.raises(DeadlineError, match="no end within 0.05 s"):
        find_all(re.compile("(a+)+b"), "a" * 60, 0.05)
