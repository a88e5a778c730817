"""The lossless rule where decimals are kept as they are written."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.rows.exact_types import ExactRule


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (["1", "-5", "9223372036854775807"], "INTEGER"),
        (["9223372036854775808"], "DECIMAL"),
        (["1.10", "5", "", "-0.5", "0.00"], "DECIMAL"),
        (["9" * 2000, "1"], "DECIMAL"),
        (["9" * 131_073], "TEXT"),
        (["-0"], "TEXT"),
        (["1", "-0.0"], "TEXT"),
        (["01"], "TEXT"),
        (["1."], "TEXT"),
        (["1.5\n2.5"], "TEXT"),
        (["1e5"], "TEXT"),
        (["", ""], ""),
    ],
)
def test_kinds(column: list[str], kind: str) -> None:
    assert ExactRule.infer(column)[0] == kind
    found = ExactRule.convert(column, kind) if kind else column
    assert found == [None if kind in ("INTEGER", "DECIMAL") and not text else text for text in column]


def test_kinds_together() -> None:
    assert ExactRule.merge_kinds("INTEGER", "DECIMAL") == "DECIMAL"
    assert ExactRule.merge_kinds("", "INTEGER") == ExactRule.merge_kinds("INTEGER", "") == "INTEGER"
    assert ExactRule.merge_kinds("TEXT", "DECIMAL") == "TEXT"
    assert ExactRule.convert(["1.5"], "INTEGER") is None
    assert ExactRule.convert(["x"], "") is None
    assert ExactRule.adapt(["1", ""], "PARSED") == ["1", None]
    assert ExactRule.adapt(["1", ""], "TEXT") == ["1", ""]


@given(st.lists(st.text("0123456789.-e ", min_size=1, max_size=8), min_size=1, max_size=4))
def test_a_decimal_is_what_decimal_arithmetic_writes_the_same(column: list[str]) -> None:
    def same(text: str) -> bool:
        if "e" in text or text.endswith(".") or (text.strip("-0.") == "" and text.startswith("-")):
            return False
        try:
            return format(Decimal(text), "f") == text and text == text.strip()
        except ArithmeticError:
            return False

    assert (ExactRule.infer(column)[0] in ("INTEGER", "DECIMAL")) == all(map(same, column))
