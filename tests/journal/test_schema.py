"""The tables that a student reads, and the views, the same on each engine."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from journals import read

from pynetdb import db
from pynetdb.db.sqlite.store_sql import create_statements
from pynetdb.db.store import Store
from pynetdb.journal import schema
from pynetdb.journal.statements import BEGIN_RUN, STATEMENTS


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        for sql in create_statements(schema.SCHEMA):
            connection.execute(sql)
        yield connection


@pytest.fixture
def store(journal_place: str) -> Iterator[Store]:
    with closing(db.open_store(journal_place, schema.SCHEMA)) as store:
        yield store


def test_every_table_is_strict_and_in_the_docstring(connection: sqlite3.Connection) -> None:
    tables = [row for row in connection.execute("PRAGMA table_list") if row[2] == "table"]
    ours = {row[1] for row in tables if not row[1].startswith("sqlite_")}
    assert all(row[5] for row in tables if row[1] in ours)
    assert schema.__doc__
    assert ours == set(re.findall(r"^\| (\w+) ", schema.__doc__, re.MULTILINE)) - {"table"}


def test_every_row_belongs_to_a_run(connection: sqlite3.Connection) -> None:
    for (table,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        references = [row[2] for row in connection.execute(f"PRAGMA foreign_key_list({table})")]
        assert table == "runs" or "runs" in references


def test_a_table_shows_what_its_columns_mean(connection: sqlite3.Connection) -> None:
    ((sql,),) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'runs'")
    assert "\n  ended   TEXT,                 -- NULL: it runs, or was killed\n" in sql
    ((sql,),) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'talkers'")
    assert sql.startswith("CREATE VIEW talkers AS -- who talked most, as each command heard it\nSELECT")


def test_the_views(store: Store, journal_place: str) -> None:
    t = "2026-01-01T00:00:0{}.000000Z".format
    store.insert_row(BEGIN_RUN, ("chat-server", "1", 1, t(0), None))
    closed = (1, 3, "c", t(3), t(3), 0.0, None, None, "refused"), (1, 1, "a", t(9), t(4), 3.0, 5, 6, "closed")
    said = [(1, 1, t(5), who, None, what, 2) for who, what in (("Ann", "hi"), ("bob", "ho"), ("Ann", "ah"))]
    requests = [
        (1, 1, t(number), "GET", "/x" if number < 3 else None, 200, 10, seconds, b"\0\xff")
        for number, seconds in enumerate((0.1, 0.3, 0.2, None))
    ]
    samples = (1, t(2), "x", "ntp", 0.5, 0.01, 1, 0, "GPS", None), (1, t(1), "x", "ntp", *(None,) * 5, "no")
    batch = {
        "opened": [(1, 1, "a", t(1)), (1, 2, "b", t(2))], "closed": closed, "served": requests,
        "message": said, "sample": samples, "fault": [(1, 1, t(1), "delay", "sent", "a", 0, 0.25)],
    }  # fmt: skip
    assert store.write({STATEMENTS[name]: rows for name, rows in batch.items()}) == 0
    command = "chat-server"
    expected = {
        "open_connections": [(1, t(1), 1), (1, t(2), 2), (1, t(4), 1)],
        "talkers": [(command, "Ann", 2, 4, t(5), t(5)), (command, "bob", 1, 2, t(5), t(5))],
        "slowest_requests": [
            (seconds, "server", "GET", "/x", 200, 10, t(number), 1, 1)
            for number, seconds in ((1, 0.3), (2, 0.2), (0, 0.1))
        ],
        "offset_over_time": [(t(2), "x", 0.5, 0.01)],
        "fault_counts": [(command, "delay", 1, 0.25)],
        "endings": [
            (command, "closed", 1, 5, 6),
            (command, "open", 1, None, None),
            (command, "refused", 1, None, None),
        ],
        "senders": [],
        "targets": [
            ("server", "GET", "/x", 200, 3, 30, 0.2, 0.3),
            ("server", "GET", None, 200, 1, 10, None, None),
        ],
    }
    assert set(expected) == set(schema.VIEWS)
    for view, rows in expected.items():
        assert read(journal_place, f"SELECT * FROM {view}") == rows, view
    assert read(journal_place, "SELECT body FROM requests WHERE id = 1") == [(b"\0\xff",)]
