"""NAME=VALUE and NAME:=JSON."""

import pytest

from pynetdb.errors import CommandLineError
from pynetdb.rows.assignments import Assignment, parse_assignment, parse_parameters


def test_text_and_typed_values() -> None:
    assert parse_assignment("a=1") == Assignment("a", "1", False)
    assert parse_assignment("a=x=y") == Assignment("a", "x=y", False)
    assert parse_assignment("a:=1") == Assignment("a", 1, True)
    assert parse_assignment("a:=null") == Assignment("a", None, True)
    assert parse_assignment('a:=[1, "b"]') == Assignment("a", '[1,"b"]', True)
    assert parse_assignment("a:=[0.10]") == Assignment("a", "[0.10]", True)
    assert parse_assignment("a:b=c") == Assignment("a:b", "c", False)


@pytest.mark.parametrize(
    "text",
    ["a", "=1", ":=1", "a:=", "a:=x", "a:=9223372036854775808", "a=\ud800", "a:=1e999", 'a:={"b":1,"b":2}'],
)
def test_what_cannot_be_read(text: str) -> None:
    with pytest.raises(CommandLineError, match="^here: "):
        parse_assignment(text, "here: ")


def test_parameters_by_name() -> None:
    assert parse_parameters(["a=1", ":b:=2"], "") == {"a": "1", "b": 2}
