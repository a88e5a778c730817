"""What a database says about itself."""

from pynetdb.db import open as open_database
from pynetdb.db.listing import draw_plan, list_plan, list_statements, list_tables


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
