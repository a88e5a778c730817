"""The lossless rule, column by column: the fast way is the rule, value by value."""

import math

from hypothesis import given
from hypothesis import strategies as st

from pynetdb.rows.text_types import (
    EMPTY,
    INTEGER,
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
    st.integers(-(2**65), 2**65).map(str),
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
    kind, values = TextRule.infer(list(column))
    assert values == TextRule.convert(list(column), kind)
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
    both = TextRule.merge_kinds(TextRule.infer(first)[0], TextRule.infer(second)[0])
    assert both == TextRule.infer(first + second)[0]


def test_long_numbers_take_no_time() -> None:
    assert parse_integer("9" * 100_000) is None
    assert parse_real("1." + "1" * 100_000) is None
    assert parse_integer("-9223372036854775808") == -(2**63)
    assert parse_integer("9223372036854775808") is None


def test_adapted_to_a_table_that_is_there() -> None:
    assert TextRule.adapt(["1", "", "x", "1.5", "007"], "INTEGER") == [1, None, "x", 1.5, "007"]
    assert TextRule.adapt(["1", ""], "TEXT") == ["1", ""]
