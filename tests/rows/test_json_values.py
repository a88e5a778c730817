"""JSON, strictly, and what of it a database can hold."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.rows.json_values import (
    DuplicateKeyError,
    UnfitValueError,
    decode_plain_rows,
    decode_row,
    make_row_decoder,
    may_be_inexact,
    parse_json,
    to_storable,
)


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "{", "", "1 2", "[" * 100_000])
def test_what_is_not_json(text: str) -> None:
    with pytest.raises(ValueError, match="."):
        parse_json(text)


def test_what_is_kept() -> None:
    values = [None, True, 5, 1.5, "x", [1, {"a": "é"}]]
    assert [to_storable(value) for value in values] == [None, 1, 5, 1.5, "x", '[1,{"a":"é"}]']


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, float("inf"), "\ud800", ["\ud800"], [float("nan")]])
def test_what_cannot_be_kept(value: object) -> None:
    with pytest.raises(UnfitValueError):
        to_storable(value)


_KEYS = st.sampled_from(['"a"', '"b"', '"a" ', '"\\u0061"', '"a\\":"', '"c"\t'])
_VALUES = st.sampled_from(["1", "1.5", "null", '"x"', '"\\":"', '"a : b"', '{"a":1,"a":2}', '{"a":1}', "[]"])
_PAIRS = st.tuples(_KEYS, _VALUES).map(":".join)


@given(st.lists(st.lists(_PAIRS, min_size=1, max_size=3), min_size=1, max_size=3))
def test_plain_rows_are_those_of_the_row_decoder(rows: list[list[str]]) -> None:
    text = "[" + ',"mark",'.join("{" + ",".join(pairs) + "}" for pairs in rows) + "]"
    found = decode_plain_rows(text)
    try:
        wanted = decode_row(make_row_decoder(), text)
    except DuplicateKeyError:
        wanted = None
    assert found in (None, wanted)


@given(
    st.lists(st.dictionaries(st.text("ab", max_size=2), st.none() | st.integers(), max_size=3), min_size=1)
)
def test_flat_rows_are_plain(rows: list[dict[str, Any]]) -> None:
    values: list[Any] = [part for row in rows for part in (row, "mark")]
    assert decode_plain_rows(json.dumps(values)) == values


@given(st.floats(allow_nan=False, allow_infinity=False) | st.decimals(allow_nan=False, allow_infinity=False))
def test_no_inexact_number_is_passed_over(number: Any) -> None:
    told: list[str] = []
    text = f'{{"a": {number}}}'
    try:
        decode_row(make_row_decoder(tell_inexact=told.append), text)
    except ValueError:
        return
    assert not told or may_be_inexact(text)
