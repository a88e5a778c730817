"""A statement and its rows."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from pynetdb.db.sqlite.database import CREATE, READ, Database
from pynetdb.db.sqlite.query import Query, plan, take_rows
from pynetdb.errors import CommandLineError, DatabaseError, PynetdbError

COUNT = "WITH RECURSIVE c(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM c LIMIT 2500) SELECT i FROM c"


def test_blocks() -> None:
    with Database(":memory:", CREATE) as db:
        assert [len(rows) for rows in Query(db, COUNT).blocks()] == [1000, 1000, 500]
        query = Query(db, COUNT)
        assert not query.found
        assert [len(rows) for rows in query.blocks(limit=1200)] == [1000, 200]
        assert query.found
        assert [list(rows) for rows in Query(db, "VALUES ('é', x'01')").blocks(undecoded=True)] == [
            [(bytearray("é".encode()), b"\x01")]
        ]
        assert next(Query(db, "VALUES ('é')").blocks()) == [("é",)]
        assert list(take_rows(iter([[(1,)], [(2,)]]), 1)) == [[(1,)]]


@pytest.mark.filterwarnings("ignore:Binding 2:DeprecationWarning")
def test_changes() -> None:
    with Database(":memory:", CREATE) as db:
        assert Query(db, "CREATE TABLE t (a)", write=True).changed == -1
        query = Query(db, "INSERT INTO t VALUES (?), (?)", ("x", "y"), write=True)
        assert (query.columns, query.changed, list(query.blocks())) == (None, 2, [])


@pytest.mark.parametrize(
    ("sql", "parameters", "error", "hint"),
    [
        (" ; -- nothing", (), DatabaseError, None),
        ("SELECT 1; SELECT 2", (), DatabaseError, "several statements"),
        ("CREATE TABLE t (a)", (), DatabaseError, "reading only"),
        ("SELECT ?", {"a": 1}, CommandLineError, "value for ?"),
        ("SELECT :b", {"a": 1}, CommandLineError, "value for a name"),
        ("SELECT ?, ?", (1,), CommandLineError, "number of values"),
        ("SELECT 1", {"a": 1}, CommandLineError, "name of a value"),
        ("SELECT ?, :b -- :c", ("x", "y"), CommandLineError, "value for a name"),
        ("SELECT ?", (2**70,), CommandLineError, None),
    ],
)
def test_refusals(sql: str, parameters: Any, error: type[PynetdbError], hint: str | None) -> None:
    with Database(":memory:", CREATE) as db, pytest.raises(error) as caught:
        Query(db, sql, parameters)
    assert caught.value.hint == hint
    assert " -" not in str(caught.value)


def test_plan() -> None:
    with Database(":memory:", CREATE) as db:
        db.execute("CREATE TABLE t (a)")
        assert [detail for _, _, detail in plan(db, "SELECT * FROM t", ())] == ["SCAN t"]


def test_virtual_tables_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE VIRTUAL TABLE r USING rtree(id, low, high); INSERT INTO r VALUES (1, 2, 3);"
        "CREATE VIRTUAL TABLE f USING fts5(t); INSERT INTO f VALUES ('a word');"
    )
    connection.close()
    with Database(str(path), READ) as db:
        assert next(Query(db, "SELECT * FROM r WHERE low < 5").blocks()) == [(1, 2.0, 3.0)]
        assert next(Query(db, "SELECT t FROM f WHERE f MATCH 'word'").blocks()) == [("a word",)]
        with pytest.raises(DatabaseError, match="reading only, and this would DELETE"):
            Query(db, "DELETE FROM r")
    with Database(":memory:", CREATE) as db:
        db.attach("other", str(path), READ)
        assert len(next(Query(db, "SELECT * FROM other.r").blocks())) == 1
