"""What a database says about itself."""

import sqlite3
from pathlib import Path

import pytest

from pynetdb.db import open as open_database
from pynetdb.db.listing import draw_plan, list_plan, list_statements, list_tables
from pynetdb.errors import DatabaseError


def test_tables_statements_and_plan() -> None:
    with open_database(":memory:", "create") as engine:
        engine.run_script("CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 2)", "here")
        told: list[str] = []
        assert list_tables(engine, "json", False, told.append).rows == [("t", ["a", "b"], 1)]
        assert list_tables(engine, "csv", True, told.append).rows == [("t", "a, b", 1)]
        (row,) = list_tables(engine, "table", False, told.append).rows
        assert row[:3] == ("t", "a, b", 1) and row[3:] in ((), (4096,)), "not every SQLite tells sizes"
        assert not told
        assert list_statements(engine).lines == ["CREATE TABLE t (a, b);"]
        found = list_plan(engine, "SELECT * FROM t WHERE a = ?", ("1",))
        assert found.columns == ("id", "parent", "detail") and found.lines
        assert found.lines[0] == "QUERY PLAN" and "t" in found.lines[1]


def test_a_plan_is_a_tree() -> None:
    assert draw_plan([(1, 0, "a"), (2, 1, "b"), (3, 1, "c"), (4, 0, "d")]) == [
        "QUERY PLAN",
        "|--a",
        "|  |--b",
        "|  `--c",
        "`--d",
    ]


def test_what_never_ends_leaves_time_for_the_others() -> None:
    with open_database(":memory:", "create") as engine:
        engine.run_script(
            "CREATE VIEW a AS WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s) SELECT i FROM s;"
            "CREATE TABLE b (x); INSERT INTO b VALUES (1)",
            "here",
        )
        rows = list_tables(engine, "json", False, lambda line: None).rows
        assert rows == [("a", ["i"], None), ("b", ["x"], 1)]


def test_a_definition_that_cannot_be_read_hides_no_other_table(tmp_path: Path) -> None:
    path = str(tmp_path / "x.db")
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE a (x); CREATE TABLE b (x); INSERT INTO b VALUES (1); PRAGMA writable_schema = ON;"
        "UPDATE sqlite_schema SET sql = 'CREATE TABLE a (' WHERE name = 'a'"
    )
    connection.close()
    with open_database(path, "read") as engine:
        told: list[str] = []
        assert list_tables(engine, "csv", True, told.append).rows == [("a", "", None), ("b", "x", 1)]
        assert told == [f"{path}: a is broken: its definition cannot be read"]
    with open_database(path, "read") as engine:
        assert list_statements(engine).lines == ["CREATE TABLE a (;", "CREATE TABLE b (x);"]
    with (
        open_database(path, "read") as engine,
        pytest.raises(DatabaseError, match="the definition of a cannot"),
    ):
        engine.query("SELECT * FROM b")
