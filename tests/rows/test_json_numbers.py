"""Numbers of JSON as they are written."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.rows.json_numbers import (
    keep_number,
    may_be_inexact,
    may_be_rewritten,
    may_hold_nested,
    parse_number,
    parse_real,
)

NUMBERS = st.one_of(
    st.from_regex(r"-?(0|[1-9][0-9]{0,19})(\.[0-9]{1,9})?([eE][+-]?[0-9]{1,2})?", fullmatch=True),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["-0", "-0.0", "0.00001", "-0.00001", "10.00001", "0.10", "1.0", "100", "1E5", "1e400"]),
)


@given(st.lists(NUMBERS, min_size=1, max_size=3))
def test_no_number_is_written_otherwise_in_silence(numbers: list[str]) -> None:
    text = f"[{','.join(numbers)}]"
    if not (may_be_inexact(text) or may_be_rewritten(text)):
        assert json.dumps(json.loads(text), separators=(",", ":")) == text


@given(NUMBERS)
def test_a_number_is_what_json_says(text: str) -> None:
    told: list[str] = []
    number = parse_number(keep_number(text), told.append)
    if type(number) is int and abs(number) >= 1 << 63:
        assert abs(json.loads(text)) >= 1 << 63
    else:
        assert (type(number), number) == (type(json.loads(text)), json.loads(text))
    if isinstance(number, float) and number - number == 0:
        assert told == ([] if Decimal(repr(number)) == Decimal(text) or len(text) <= 16 else [text])
    assert not told or may_be_inexact(text)


def test_digits_that_are_lost_are_told() -> None:
    told: list[str] = []
    assert parse_real(told.append, "3.14159265358979323846") == 3.141592653589793
    assert parse_real(None, "3.1415926535897931000") == 3.141592653589793
    assert parse_real(told.append, "1e400") == float("inf")
    assert told == ["3.14159265358979323846"]


VALUES: Any = st.recursive(
    st.none() | st.integers() | st.text(':,[]{}" a'),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("a:"), inner, max_size=2),
)


@given(st.dictionaries(st.text("a:[{"), VALUES), st.none() | st.integers(0, 2))
def test_a_row_that_holds_others_is_never_taken_for_flat(row: dict[str, Any], indent: int | None) -> None:
    nested = any(isinstance(value, (list, dict)) for value in row.values())
    assert may_hold_nested(json.dumps(row, indent=indent)) >= nested


@pytest.mark.parametrize("text", ['{"a": 1}', '[{"a": "x", "b": 1.5}, {"a": null}]', '{"a[": "{"}'])
def test_a_flat_row_is_flat(text: str) -> None:
    assert not may_hold_nested(text)
