"""Tables found or made, or refused with a hint."""

import pytest

from pynetdb.db import open as open_database
from pynetdb.db.schema import NewColumn, TableExistsError
from pynetdb.db.tables import find_target_table, make_table
from pynetdb.errors import DatabaseError


def test_a_table_to_fill() -> None:
    with open_database(":memory:", "create") as engine:
        assert find_target_table(engine, "t", create=True, what="data") is None
        with pytest.raises(DatabaseError, match="^:memory:: no table 't'$") as caught:
            find_target_table(engine, "t", create=False, what="values")
        assert caught.value.hint == "no table for values"
        engine.create_table("t", [NewColumn("a")])
        found = find_target_table(engine, "T", create=False, what="data")
        assert found is not None and found.name == "t"


def test_a_table_that_exists() -> None:
    with open_database(":memory:", "create") as engine:
        assert make_table(engine, "t", [NewColumn("a")])
        assert not make_table(engine, "T", [NewColumn("b")], if_not_exists=True)
        with pytest.raises(TableExistsError, match="there is a table 't' already") as caught:
            make_table(engine, "T", [NewColumn("b")])
        assert caught.value.hint == "table exists"
        assert make_table(engine, "T", [NewColumn("b")], replace=True)
        assert [table.name for table in engine.all_tables()] == ["T"]
