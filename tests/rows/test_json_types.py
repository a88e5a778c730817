"""The lossless rule for values that have types."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.db.sqlite.schema import declared_type
from pynetdb.rows.json_types import BLOB, LONG, MIXED, NumericValueRule, ValueRule, make_value_rule
from pynetdb.rows.text_types import FRACTION, INTEGER, NUMERIC, REAL, TEXT


def kind_of(column: list[Any]) -> str:
    return ValueRule.infer(column)[0]


INTEGERS = st.integers(-(2**63), 2**63 - 1) | st.integers(-9, 9)
REALS = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([5.0, 0.5, 2.0**60, 2.0**63])
NUMBERS = INTEGERS | REALS
COLUMN = st.sampled_from(
    [NUMBERS, NUMBERS | st.text(max_size=3), NUMBERS | st.binary(max_size=2), REALS]
).flatmap(lambda values: st.lists(st.none() | values, max_size=5))


@given(COLUMN, COLUMN)
@pytest.mark.parametrize("rule", [ValueRule, NumericValueRule])
def test_kinds_of_typed_parts(rule: type[ValueRule], first: list[Any], second: list[Any]) -> None:
    kinds = [rule.infer(column)[0] for column in (first, second)]
    whole = rule.infer(first + second)[0]
    assert rule.merge_kinds(*kinds) == whole == rule.merge_kinds(*reversed(kinds))
    # What comes later is taken if the table need not be another for it.
    if rule.convert(list(second), kinds[0]) is not None:
        assert kinds[0] == TEXT or declared_type(whole) == declared_type(kinds[0])


@given(COLUMN)
@pytest.mark.parametrize("rule", [ValueRule, NumericValueRule])
def test_typed_values_survive_in_sqlite(rule: type[ValueRule], column: list[Any]) -> None:
    kind, values = rule.infer(list(column))
    assert values == rule.convert(list(column), kind)
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute(f"CREATE TABLE t (v {declared_type(kind)})")
        db.executemany("INSERT INTO t VALUES (?)", [(value,) for value in values])
        found = [value for (value,) in db.execute("SELECT v FROM t ORDER BY rowid")]
    for value, before in zip(found, column, strict=True):
        if kind in (TEXT, MIXED) and isinstance(before, (int, float)):
            assert value == repr(before)
        else:
            assert value == before
        if kind == NUMERIC and rule is ValueRule:
            assert type(value) is type(before)


@pytest.mark.parametrize(
    ("column", "kind", "numeric"),
    [
        ([1, None], INTEGER, INTEGER),
        ([1, 2.5], FRACTION, REAL),
        ([1, 2.0], REAL, REAL),
        ([2**53 + 1], LONG, LONG),
        ([2**53 + 1, 0.5], NUMERIC, NUMERIC),
        ([2**53 + 1, 0.5, 5.0], MIXED, NUMERIC),
        ([2**53 + 1, 1e300], NUMERIC, NUMERIC),
        ([2**53 + 1, 5.0, "x"], TEXT, TEXT),
        ([b"", None], BLOB, BLOB),
        ([b"", 1], TEXT, TEXT),
    ],
)
def test_typed_kinds(column: list[Any], kind: str, numeric: str) -> None:
    assert (kind_of(column), NumericValueRule.infer(column)[0]) == (kind, numeric)
    assert ValueRule.convert(["x"], INTEGER) is None


def test_whole_reals_that_come_later_are_reals_like_others() -> None:
    column = [1.0, 2]
    assert ValueRule.convert(column, FRACTION) is column
    assert ValueRule.convert([2**60], FRACTION) is None


def test_which_rule() -> None:
    numeric = [
        type(make_value_rule(numbers, exact)) for numbers, exact in [("numeric", False), ("detect", True)]
    ]
    assert numeric == [NumericValueRule, NumericValueRule]
    assert type(make_value_rule("detect", False)) is ValueRule


def test_numbers_in_a_column_of_text_are_exact() -> None:
    assert ValueRule.adapt([0.1, None, "a"], "TEXT") == ["0.1", None, "a"]
