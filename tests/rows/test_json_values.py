"""JSON, strictly, and what of it a database can hold."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.rows.json_values import (
    DuplicateKeyError,
    RowDecoder,
    UnfitValueError,
    decode_plain_rows,
    decode_row,
    parse_json,
    to_storable,
)


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "{", "", "1 2", "[" * 100_000])
def test_what_is_not_json(text: str) -> None:
    with pytest.raises(ValueError, match="."):
        parse_json(text)


def test_what_is_kept() -> None:
    values = [None, True, 5, 1.5, "x", [1, {"a": "é"}]]
    wanted = [None, 1, 5, 1.5, "x", '[1,{"a":"é"}]']
    assert [to_storable(value) for value in values] == wanted
    assert [to_storable(value, written=False) for value in values] == wanted


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
        wanted = decode_row(RowDecoder().plain, text)
    except DuplicateKeyError:
        wanted = None
    assert found in (None, wanted)


@given(
    st.lists(st.dictionaries(st.text("ab", max_size=2), st.none() | st.integers(), max_size=3), min_size=1)
)
def test_flat_rows_are_plain(rows: list[dict[str, Any]]) -> None:
    values: list[Any] = [part for row in rows for part in (row, "mark")]
    assert decode_plain_rows(json.dumps(values)) == values


NUMBER = st.from_regex(r"-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
NESTED: Any = st.recursive(
    NUMBER | st.sampled_from(["null", "true", '"a\\"é"', '"0.10"', "[]", "{}"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{','.join(items)}]")
        | inner.map(lambda item: f'{{"k":{item}}}')
    ),
)


@given(NESTED, NUMBER, st.booleans())
def test_digits_inside_of_arrays_and_objects_stay_and_outside_are_told(
    nested: str, number: str, keep_numbers: bool
) -> None:
    """No digit is lost in silence, wherever it stands; what is kept is not said to be lost."""
    told: list[str] = []
    text = f'{{"a":[{nested}],"b":{number}}}'
    decoder = RowDecoder(keep_numbers, told.append)
    row = decode_row(decoder.choose(text), text)
    assert decoder.to_storable(row["a"]) == f"[{nested}]"
    try:
        value = decoder.to_storable(row["b"])
    except UnfitValueError:
        assert not keep_numbers and (abs(json.loads(number)) > 2**62)
        return
    if keep_numbers:
        assert (value, told) == (number, [])
    else:
        assert value == json.loads(number)
        kept = Decimal(number) == Decimal(repr(value)) or len(number) <= 16
        assert told == ([] if kept else [number])


def test_a_flat_text_is_decoded_at_once_unless_a_number_is_long() -> None:
    told: list[str] = []
    decoder = RowDecoder(tell_inexact=told.append)
    assert decoder.choose('{"a": 1.50, "b": "x"}') is decoder.plain
    assert decoder.choose('{"a": [1.5], "b": "x"}') is decoder.plain
    assert decoder.choose('{"a": [1.50]}') is decoder.written
    inexact = '{"a": 1.234567890123456789}'
    assert decode_row(decoder.choose(inexact), inexact) == {"a": 1.2345678901234568}
    assert told == ["1.234567890123456789"]


def test_a_number_is_no_base64() -> None:
    assert to_storable(parse_json('{"base64":1234}')) == '{"base64":1234}'
    assert to_storable(parse_json('{"base64":"AP8="}')) == b"\x00\xff"


def test_what_is_given_on_the_command_line_keeps_its_digits() -> None:
    assert to_storable(parse_json('[0.10, {"a": 1e5}]')) == '[0.10,{"a":1e5}]'
    assert to_storable(parse_json("1.50")) == 1.5
    with pytest.raises(DuplicateKeyError):
        parse_json('{"a":1,"a":2}')
