"""The tables that a student reads."""

import re
import sqlite3

import pytest

from pynetdb.journal import schema


@pytest.fixture
def connection() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA foreign_keys = ON")
    for sql in (*schema.TABLES, *schema.VIEWS):
        connection.execute(sql)
    return connection


def test_every_statement_is_understood(connection: sqlite3.Connection) -> None:
    for sql in (*schema.STATEMENTS.values(), schema.BEGIN_RUN, schema.LAST_MESSAGES):
        connection.execute(f"EXPLAIN {sql}", (None,) * sql.count("?"))
    connection.close()


def test_every_table_is_strict_and_in_the_docstring(connection: sqlite3.Connection) -> None:
    tables = [row for row in connection.execute("PRAGMA table_list") if row[2] == "table"]
    ours = {row[1] for row in tables if not row[1].startswith("sqlite_")}
    assert all(row[5] for row in tables if row[1] in ours)
    assert schema.__doc__
    assert ours == set(re.findall(r"^\| (\w+) ", schema.__doc__, re.MULTILINE)) - {"table"}
    connection.close()


def test_every_row_belongs_to_a_run(connection: sqlite3.Connection) -> None:
    for (table,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        references = [row[2] for row in connection.execute(f"PRAGMA foreign_key_list({table})")]
        assert table == "runs" or "runs" in references
    connection.close()


def test_the_views(connection: sqlite3.Connection) -> None:
    run = (1, "chat-server", "1", 1, "2026-01-01T00:00:00.000000Z")
    connection.execute("INSERT INTO runs (id, command, version, pid, started) VALUES (?, ?, ?, ?, ?)", run)
    s = schema.STATEMENTS
    t = "2026-01-01T00:00:0{}.000000Z".format
    connection.execute(s["opened"], (1, 1, "a", t(1)))
    connection.execute(s["opened"], (1, 2, "b", t(2)))
    connection.execute(s["closed"], (1, 3, "c", t(3), t(3), 0.0, None, None, "refused"))
    connection.execute(s["closed"], (1, 1, "a", t(9), t(4), 3.0, 5, 6, "closed"))
    for sender, text in (("Ann", "hi"), ("Bob", "hello"), ("Ann", "bye")):
        connection.execute(s["message"], (1, 1, t(5), sender, None, text, len(text)))
    for number, seconds in enumerate((0.1, 0.3, 0.2, None)):
        connection.execute(s["served"], (1, 1, t(number), "GET", f"/{number}", 200, 10, seconds, None))
    connection.execute(s["sample"], (1, t(2), "x", "ntp", 0.5, 0.01, 1, 0, "GPS", None))
    connection.execute(s["sample"], (1, t(1), "x", "ntp", None, None, None, None, None, "no answer"))
    connection.execute(s["fault"], (1, 1, t(1), "delay", "sent", "a", 0, 0.25))

    def view(name: str) -> list[tuple[object, ...]]:
        return connection.execute(f"SELECT * FROM {name}").fetchall()

    assert view("open_connections") == [(1, t(1), 1), (1, t(2), 2), (1, t(4), 1)]
    assert [row[1:4] for row in view("talkers")] == [("Ann", 2, 5), ("Bob", 1, 5)]
    assert [row[3] for row in view("slowest_requests")] == ["/1", "/2", "/0"]
    assert view("offset_over_time") == [(t(2), "x", 0.5, 0.01)]
    assert view("fault_counts") == [("chat-server", "delay", 1, 0.25)]
    assert {row[1:3] for row in view("endings")} == {("closed", 1), ("open", 1), ("refused", 1)}
    assert view("senders") == []
    assert len(view("targets")) == 4
    connection.close()
