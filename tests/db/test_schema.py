"""Tables and columns as structure."""

import pytest

from pynetdb.db.schema import Table, TableColumn
from pynetdb.errors import DatabaseError

TABLE = Table(
    "t", (TableColumn("Name", "text", False, "TEXT"), TableColumn("É", "", False, "BLOB")), view=False
)


def test_columns_are_found_in_any_case_of_ascii() -> None:
    assert TABLE.column("nAME") is TABLE.columns[0]
    assert TABLE.column("é") is None
    with pytest.raises(DatabaseError, match=r"here: no column 'x' in table 't' \(it has Name, É\)") as caught:
        TABLE.required_column("x", "here")
    assert caught.value.hint == "no column"
