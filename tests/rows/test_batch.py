"""Batches and their types: what was inferred is what is kept."""

import pytest

from pynetdb.rows.batch import Batch, ColumnConverter, TypeMismatchError, infer_types, widen_types
from pynetdb.rows.json_types import ValueRule
from pynetdb.rows.text_types import TextRule

TEXTS = [TextRule(), TextRule(), TextRule()]


def test_lines() -> None:
    assert Batch([1, 2], 5, None, 0).line_of(1) == 6
    assert Batch([1, 2], 5, [5, 9], 0).describe_place(1, "x.csv") == "x.csv line 9"
    assert Batch([1, 2], 0, None, 0).describe_place(0, "x.db") == "x.db"


def test_a_batch_is_cut_where_other_columns_are_named() -> None:
    batch = Batch([1, 2, 3, None, 5, None], 1, None, 0, present=[(0, 1), (0,), (0,)])
    assert list(batch.split_by_columns(2)) == [(0, 1), (1, 3)]
    assert list(batch._replace(present=None).split_by_columns(2)) == [(0, 3)]
    assert batch.without_others([1], 2).present == [(1,), (), ()]
    assert batch._replace(present=None).without_others([1], 2).present == [(1,)] * 3


def test_types_are_inferred_and_the_values_are_converted_with_them() -> None:
    cells = ["1", "x", "", "2", "", "1.5"]
    assert infer_types(TEXTS, cells, [None] * 3) == ["INTEGER", "TEXT", "FRACTION"]
    assert cells == [1, "x", None, 2, "", 1.5]


def test_a_type_that_is_known_is_no_guess() -> None:
    cells = ["1", "007", "2", "x"]
    assert infer_types(TEXTS[:2], cells, ["TEXT", "INTEGER"]) == ["TEXT", "INTEGER"]
    # What is not exactly an integer is left to the database.
    assert cells == ["1", "007", "2", "x"]


def test_each_column_has_its_own_rule() -> None:
    cells = ["1", 1.5]
    assert infer_types([TextRule(), ValueRule()], cells, [None, None]) == ["INTEGER", "FRACTION"]
    assert cells == [1, 1.5]


def test_types_widen_with_what_comes_later() -> None:
    kinds = widen_types(TEXTS, Batch(["1", "", "x"], 1, None, 0), ["", "", ""])
    assert kinds == ["INTEGER", "", "TEXT"]
    assert widen_types(TEXTS, Batch(["1.5", "7", "8"], 2, None, 0), kinds) == ["NUMERIC", "INTEGER", "TEXT"]


def test_a_guess_that_does_not_hold() -> None:
    guess = ColumnConverter([TextRule()], ["INTEGER"], [False])
    with pytest.raises(TypeMismatchError):
        guess.convert(Batch(["1", "x"], 1, None, 0))
    cells = ["1", "x", ""]
    ColumnConverter([TextRule()], ["INTEGER"], [True]).convert(Batch(cells, 1, None, 0))
    assert cells == [1, "x", None]


def test_kinds_that_a_batch_brings_along_are_believed() -> None:
    rules = [ValueRule(), ValueRule()]
    batch = Batch(["1", "2", "3", "4.5"], 1, None, 0, kinds=["INTEGER", "REAL"])
    assert widen_types(rules, batch, ["INTEGER", ""]) == ["INTEGER", "REAL"]
    assert widen_types(rules, batch, ["REAL", "TEXT"]) == ["REAL", "TEXT"]
    ColumnConverter(rules, ["REAL", "REAL"], [False, False]).convert(batch)
    ColumnConverter(rules, ["TEXT", "INTEGER"], [True, True]).convert(batch)
    with pytest.raises(TypeMismatchError):
        ColumnConverter(rules, ["INTEGER", "INTEGER"], [False, False]).convert(batch)
    assert batch.cells == ["1", "2", "3", "4.5"]
