"""Journals as an outsider reads them: with sqlite3, never with ours."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any


def read(path: Path, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql, values).fetchall()


def value(path: Path, sql: str, *values: Any) -> Any:
    """The one value of a query."""
    return read(path, sql, *values)[0][0]


def assert_intact(path: Path) -> None:
    """The file is whole, and every reference leads somewhere."""
    assert read(path, "PRAGMA integrity_check") == [("ok",)]
    assert read(path, "PRAGMA foreign_key_check") == []
