"""One row that was written out by name, as a source of one batch."""

import pytest
from readers import rows_of

from pynetdb.errors import CommandLineError
from pynetdb.rows.assignments import Assignment
from pynetdb.rows.json_types import ValueRule
from pynetdb.rows.row_reader import RowReader
from pynetdb.rows.text_types import TextRule

ROW = [Assignment("a", "1", False), Assignment("b", 2.5, True)]


def test_the_row_is_a_batch_as_often_as_it_is_asked_for() -> None:
    reader = RowReader(ROW, "x.db")
    for _ in range(2):
        reader.learn_columns()
        assert (reader.columns, rows_of(reader)) == (["a", "b"], [["1", 2.5]])
        reader.rewind()
    assert [type(rule) for rule in reader.rules] == [TextRule, ValueRule]
    batch = next(reader.batches())
    assert batch.describe_place(0, reader.name) == "x.db"


def test_a_name_given_twice() -> None:
    with pytest.raises(CommandLineError, match="'A' is given twice"):
        RowReader([Assignment("A", "", False), Assignment("a", "", False)], "x.db")
