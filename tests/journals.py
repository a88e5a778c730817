"""Journals as an outsider reads them: with sqlite3 or psycopg, never with ours."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

Place = Path | str
"""A file of SQLite's, or the URL of a database of PostgreSQL's."""

_DANGLING = """
SELECT conrelid::regclass FROM pg_constraint WHERE contype = 'f' AND NOT convalidated"""


def is_url(place: Place) -> bool:
    """Whether it is a server's."""
    return str(place).startswith("postgresql:")


def read(place: Place, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    if is_url(place):
        import psycopg

        with psycopg.connect(str(place), autocommit=True) as connection:
            return connection.execute(sql.replace("?", "%s").encode(), values or None).fetchall()
    with closing(sqlite3.connect(place)) as connection:
        return connection.execute(sql, values).fetchall()


def value(place: Place, sql: str, *values: Any) -> Any:
    """The one value of a query."""
    return read(place, sql, *values)[0][0]


def write(place: Place, sql: str) -> None:
    """Run a statement that changes something."""
    if is_url(place):
        import psycopg

        with psycopg.connect(str(place), autocommit=True) as connection:
            connection.execute(sql.encode())
        return
    with closing(sqlite3.connect(place)) as connection, connection:
        connection.execute(sql)


def contents(place: Place) -> bytes:
    """All that is in it."""
    if not is_url(place):
        return Path(place).read_bytes()
    names = read(place, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
    return repr([read(place, f'SELECT * FROM "{name}"') for (name,) in names]).encode()


def assert_intact(place: Place) -> None:
    """The file is whole, and every reference leads somewhere. A server sees to that itself."""
    if is_url(place):
        assert read(place, _DANGLING) == []
        assert value(place, "SELECT count(*) FROM pg_constraint WHERE contype = 'f'") > 0
        return
    assert read(place, "PRAGMA integrity_check") == [("ok",)]
    assert read(place, "PRAGMA foreign_key_check") == []
