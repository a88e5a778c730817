"""The lossless rule, column by column: the fast way is the rule, value by value."""

import math

from hypothesis import given
from hypothesis import strategies as st

from pynetdb.rows.json_types import LONG, ValueRule
from pynetdb.rows.text_types import (
    EMPTY,
    INTEGER,
    REAL,
    TEXT,
    TextRule,
    parse_integer,
    parse_integers,
    parse_real,
    parse_reals,
)

NUMBERISH = st.text("0123456789+-._ eEinfa\n\u0663", max_size=8)
CELLS = st.one_of(
    NUMBERISH,
    st.parse_integers(-(2**65), 2**65).map(str),
    st.floats().map(repr),
    st.floats(-1e6, 1e6).map(lambda x: f"{x:.3f}"),
    st.decimals(allow_nan=False, allow_infinity=False, places=4).map(str),
    st.just(""),
)


def exact(text: str, convert: object) -> bool:
    value = convert(text)  # type: ignore[operator]
    return value is not None and repr(value) == text


@given(st.lists(CELLS, min_size=1, max_size=6))
def test_columns_are_their_values(column: list[str]) -> None:
    for whole, one in ((parse_integers, parse_integer), (parse_reals, parse_real)):
        wanted = [one(text) if text else None for text in column]
        fits = all(value is not None or not text for value, text in zip(wanted, column, strict=True))
        assert whole(column) == (wanted if fits else None)


@given(st.lists(CELLS, min_size=1, max_size=6))
def test_the_kind_gives_every_value_back(column: list[str]) -> None:
    kind = TextRule.kind_of(column)
    values = TextRule.converted(list(column), kind)
    assert values is not None
    for value, text in zip(values, column, strict=True):
        if kind in (TEXT, EMPTY):
            assert value == text
        elif text:
            assert str(value) == text
            assert isinstance(value, int) if kind == INTEGER else math.isfinite(value)
        else:
            assert value is None


@given(st.lists(CELLS, min_size=1, max_size=4), st.lists(CELLS, min_size=1, max_size=4))
def test_kinds_of_parts_make_the_kind_of_the_whole(first: list[str], second: list[str]) -> None:
    both = TextRule.common(TextRule.kind_of(first), TextRule.kind_of(second))
    assert both == TextRule.kind_of(first + second)


VALUES = st.one_of(
    st.none(),
    st.parse_integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=3),
)


@given(st.lists(VALUES, max_size=4), st.lists(VALUES, max_size=4))
def test_kinds_of_typed_parts(first: list[object], second: list[object]) -> None:
    assert ValueRule.common(ValueRule.kind_of(first), ValueRule.kind_of(second)) == ValueRule.kind_of(
        first + second
    )


@given(st.lists(VALUES, max_size=6))
def test_typed_values_survive(column: list[object]) -> None:
    kind = ValueRule.kind_of(column)
    values = ValueRule.converted(list(column), kind)
    assert values is not None
    for value, before in zip(values, column, strict=True):
        if kind == TEXT and not isinstance(before, str) and before is not None:
            assert value == repr(before)
        elif kind == REAL and before is not None:
            assert float(before) == before == value  # type: ignore[arg-type]
        else:
            assert value == before


def test_typed_kinds() -> None:
    assert ValueRule.kind_of([1, None]) == INTEGER
    assert ValueRule.kind_of([1, 2.5]) == REAL
    assert ValueRule.kind_of([2**53 + 1]) == LONG
    assert ValueRule.kind_of([2**53 + 1, 0.5]) == TEXT
    assert ValueRule.converted(["x"], INTEGER) is None


def test_long_numbers_take_no_time() -> None:
    assert parse_integer("9" * 100_000) is None
    assert parse_real("1." + "1" * 100_000) is None
    assert parse_integer("-9223372036854775808") == -(2**63)
    assert parse_integer("9223372036854775808") is None


def test_offered_to_a_table_that_is_there() -> None:
    assert TextRule.offered(["1", "", "x", "1.5", "007"], "INTEGER") == [1, None, "x", 1.5, "007"]
    assert TextRule.offered(["1", ""], "TEXT") == ["1", ""]
    assert ValueRule.offered([0.1, None, "a"], "TEXT") == ["0.1", None, "a"]
