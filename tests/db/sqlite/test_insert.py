"""Rows into a table: as many as fit in a statement, and the one that is refused by its line."""

from typing import Any

import pytest

from pynetdb.db.engine import OnConflict
from pynetdb.db.schema import NewColumn
from pynetdb.db.sqlite.database import CREATE, Database
from pynetdb.db.sqlite.insert import Insertion
from pynetdb.db.sqlite.schema import create_table
from pynetdb.errors import DatabaseError
from pynetdb.rows.batch import Batch


def insert(cells: list[Any], on_conflict: OnConflict = "abort", line: int = 1) -> tuple[int, list[Any]]:
    """Insert rows of a key and a value beside one that is there; return their number and all rows."""
    with Database(":memory:", CREATE) as db:
        table = create_table(db, "t", [NewColumn("a", "int", key=True), NewColumn("b")])
        db.execute("INSERT INTO t VALUES (1, 'old')")
        insertion = Insertion(db, table, ["a", "b"], "here", on_conflict)
        insertion.insert(Batch(cells, line, None, 0), 0, len(cells) // 2)
        return insertion.end(), db.execute("SELECT * FROM t ORDER BY a").fetchall()


def test_many_rows() -> None:
    cells = [x for i in range(2, 252) for x in (i, str(i))]
    count, rows = insert(cells)
    assert (count, len(rows)) == (250, 251)


@pytest.mark.parametrize(
    ("on_conflict", "count", "rows"),
    [
        ("ignore", 1, [(1, "old"), (2, "two")]),
        ("replace", 2, [(1, "new"), (2, "two")]),
        ("update", 2, [(1, "new"), (2, "two")]),
    ],
)
def test_conflicts(on_conflict: OnConflict, count: int, rows: list[Any]) -> None:
    assert insert([1, "new", 2, "two"], on_conflict) == (count, rows)


def test_the_row_at_fault() -> None:
    with pytest.raises(DatabaseError, match="^here line 12: UNIQUE constraint failed: t.a$"):
        insert([2, "x", 3, "y", 1, "z", 4, ""], line=10)
    with pytest.raises(DatabaseError, match="^here: UNIQUE constraint failed: t.a$"):
        insert([1, "x"], line=0)
    for wrong in (2**70, "\ud800"):
        with pytest.raises(DatabaseError, match="^here line 2: text that is not Unicode, or too long$"):
            insert([7, "x", 8, wrong])
