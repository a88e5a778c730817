"""JSON, strictly, and what of it a database can hold."""

import pytest

from pynetdb.rows.json_values import UnfitValueError, parse_json, to_storable


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
