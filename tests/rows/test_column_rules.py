"""What is known of a column beyond its text."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.rows.column_rules import (
    DecimalCommaRule,
    NullRule,
    NumericRule,
    are_comma_numbers,
    are_numbers,
    find_decimal_comma,
    parse_number,
)
from pynetdb.rows.text_types import TextRule


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("9.50", 9.5), ("007", 7), ("+1", 1), ("1e5", 100000.0), ("-.5", -0.5), ("5.", 5.0), ("-0", 0),
        ("9223372036854775807", 2**63 - 1), ("9223372036854775808", float(2**63)),
        ("1e999", None), ("nan", None), ("1_0", None), (" 1", None), ("0x10", None), ("", None), (".", None),
    ],
)  # fmt: skip
def test_numbers_in_any_form(text: str, number: Any) -> None:
    found = parse_number(text)
    assert found == number and type(found) is type(number)


@pytest.mark.parametrize(
    ("column", "kind", "values"),
    [
        (["9.50", ""], "REAL", [9.5, None]),
        (["9.50", "7"], "NUMERIC", [9.5, 7]),
        (["007", "1"], "INTEGER", [7, 1]),
        (["1", "x"], "TEXT", ["1", "x"]),
        (["", ""], "", ["", ""]),
    ],
)
def test_all_that_means_a_number(column: list[str], kind: str, values: list[Any]) -> None:
    assert NumericRule.infer(column) == (kind, values)
    assert NumericRule.convert(column, kind or "TEXT") == values
    assert NumericRule.merge_kinds("INTEGER", "REAL") == "NUMERIC"
    assert NumericRule.convert(["x"], "REAL") is None and NumericRule.convert(["1.5"], "INTEGER") is None
    assert NumericRule.adapt(["9.50", "x", ""], "REAL") == [9.5, "x", None]


def test_a_comma_before_the_fraction() -> None:
    assert DecimalCommaRule.infer(["1.234,5", "-7", ""]) == ("NUMERIC", [1234.5, -7, None])
    assert DecimalCommaRule.infer(["1,50"]) == ("REAL", [1.5])
    assert DecimalCommaRule.infer(["1.5", "1,5"])[0] == "TEXT"  # A point groups three digits.
    assert DecimalCommaRule.infer(["x,y"]) == ("TEXT", ["x,y"])
    assert DecimalCommaRule.convert(["1.000"], "INTEGER") == [1000]
    assert DecimalCommaRule.convert(["x"], "INTEGER") is None and DecimalCommaRule.convert(["x"], "TEXT") == [
        "x"
    ]
    assert DecimalCommaRule.adapt(["1,5", "x"], "REAL") == [1.5, "x"]
    assert DecimalCommaRule.adapt(["1,5"], "TEXT") == ["1,5"]


@pytest.mark.parametrize(
    ("column", "numbers", "found"),
    [
        (["-12,50", "-1.700,00", "2"], True, "-12,50"),
        (["1,234", "0,5"], True, "0,5"),
        (["1,234", "2,345"], True, None),  # Thousands, elsewhere.
        (["1,50", "x"], False, None),
        (["1,50", "1.50"], False, None),
        (["1", "2"], True, None),
        (["1", "x"], False, None),
        (["1,"], False, None),
        ([], True, None),
    ],
)
def test_decimal_commas_are_found(column: list[str], numbers: bool, found: str | None) -> None:
    assert are_comma_numbers(column) == numbers
    assert not numbers or find_decimal_comma(column) == found


def test_texts_that_mean_nothing() -> None:
    rule = NullRule(TextRule(), ["NA", "-"])
    assert rule.infer(["1", "NA", ""]) == ("INTEGER", [1, None, None])
    assert rule.infer(["x", "-", "", None]) == ("TEXT", ["x", None, "", None])
    assert rule.convert(["1", "NA"], "INTEGER") == [1, None] and rule.convert(["x"], "INTEGER") is None
    assert rule.convert(["x", "NA"], "TEXT") == ["x", None]
    assert rule.adapt(["x", "NA"], "TEXT") == ["x", None] and rule.adapt(["2", "NA"], "REAL") == [2, None]
    assert rule.merge_kinds("INTEGER", "") == "INTEGER"
    assert NullRule(TextRule(), [""]).infer(["x", ""]) == ("TEXT", ["x", None])


_TEXTS = st.from_regex(r"[+-]{0,2}[0-9]{0,3}\.{0,2}[+-]?[0-9]{0,3}([eE]-?[0-9]{1,3})?", fullmatch=True)
_NUMBERS = st.from_regex(r"[+-]?[0-9]{1,3}(\.[0-9]{0,3})?", fullmatch=True)
_EDGES = st.sampled_from(
    ["1\n2", "1e308", "1e309", "9" * 309, "9" * 401, ".", "-.", "+", "1..2", "1_0", "\u0661"]
)


@given(st.lists(_NUMBERS, max_size=3), st.lists(_TEXTS | _EDGES, max_size=2))
def test_a_column_is_judged_as_each_of_its_texts(numbers: list[str], others: list[str]) -> None:
    column = list(filter(None, [*numbers, *others]))
    assert are_numbers(column) == all(parse_number(text) is not None for text in column)
