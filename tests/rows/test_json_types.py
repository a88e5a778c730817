"""The lossless rule for values that have types."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pynetdb.rows.json_types import LONG, ValueRule
from pynetdb.rows.text_types import INTEGER, REAL, TEXT


def kind_of(column: list[Any]) -> str:
    return ValueRule.infer(column)[0]


VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=3),
)


@given(st.lists(VALUES, max_size=4), st.lists(VALUES, max_size=4))
def test_kinds_of_typed_parts(first: list[object], second: list[object]) -> None:
    both = ValueRule.merge_kinds(kind_of(first), kind_of(second))
    assert both == kind_of(first + second)


@given(st.lists(VALUES, max_size=6))
def test_typed_values_survive(column: list[object]) -> None:
    kind, values = ValueRule.infer(list(column))
    assert values == ValueRule.convert(list(column), kind)
    for value, before in zip(values, column, strict=True):
        if kind == TEXT and not isinstance(before, str) and before is not None:
            assert value == repr(before)
        elif kind == REAL and before is not None:
            assert float(before) == before == value  # type: ignore[arg-type]
        else:
            assert value == before


def test_typed_kinds() -> None:
    assert kind_of([1, None]) == INTEGER
    assert kind_of([1, 2.5]) == REAL
    assert kind_of([2**53 + 1]) == LONG
    assert kind_of([2**53 + 1, 0.5]) == TEXT
    assert ValueRule.convert(["x"], INTEGER) is None


def test_numbers_in_a_column_of_text_are_exact() -> None:
    assert ValueRule.adapt([0.1, None, "a"], "TEXT") == ["0.1", None, "a"]
