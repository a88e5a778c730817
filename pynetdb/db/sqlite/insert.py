"""Rows into a table: many in a statement, and when one is refused, which."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from pynetdb.db.sqlite.database import Database
from pynetdb.db.sqlite.errors import words
from pynetdb.db.sqlite.identifiers import joined, quoted
from pynetdb.errors import DatabaseError
from pynetdb.rows.batch import Batch

# Rows in one INSERT. More are hardly faster, and one that is refused makes us try all of them alone.
_ROWS = 100
# https://sqlite.org/limits.html, SQLITE_MAX_VARIABLE_NUMBER.
_MAX_VALUES = 32_766

# What one row can be refused for. OverflowError and UnicodeEncodeError are sqlite3's own, while it binds.
_REFUSALS = (sqlite3.IntegrityError, sqlite3.DataError, OverflowError, UnicodeEncodeError)

ABORT, IGNORE, REPLACE, UPDATE = "abort", "ignore", "replace", "update"


class Insertion:
    """The statement that fills some columns of a table.

    `on_conflict` says what happens to a row whose key is there already: `abort` refuses it, `ignore`
    leaves the old row, `replace` puts the new one in its place, `update` changes the old one's columns to
    those of the new.
    """

    def __init__(self, db: Database, table: str, columns: Sequence[str], on_conflict: str = ABORT) -> None:
        self.inserted = 0
        """Rows that were inserted, replaced or updated."""
        self._db = db
        self._width = len(columns)
        verb = "INSERT OR REPLACE" if on_conflict == REPLACE else "INSERT"
        self._head = f"{verb} INTO {quoted(table)} ({joined(list(columns))}) VALUES "
        self._tail = ""
        if on_conflict == IGNORE:
            # INSERT OR IGNORE would pass over NULL in a NOT NULL column as well: rows lost in silence.
            self._tail = " ON CONFLICT DO NOTHING"
        elif on_conflict == UPDATE:
            changes = ", ".join(f"{quoted(name)} = excluded.{quoted(name)}" for name in columns)
            self._tail = f" ON CONFLICT DO UPDATE SET {changes}"
        self._several = max(1, min(_ROWS, _MAX_VALUES // self._width))
        self._statements: dict[int, str] = {}

    def _sql(self, rows: int) -> str:
        """The statement for so many rows, the same object each time: sqlite3 keeps it prepared."""
        if rows not in self._statements:
            row = "(" + ", ".join("?" * self._width) + ")"
            self._statements[rows] = self._head + ", ".join([row] * rows) + self._tail
        return self._statements[rows]

    def insert(self, batch: Batch, source: str, start: int = 0, end: int | None = None) -> None:
        """Insert the rows `start` to `end` of a batch, in the caller's transaction.

        Raises DatabaseError with the line of the row that is refused.
        """
        width, cells = self._width, batch.cells
        at, stop = start * width, len(cells) if end is None else end * width
        with self._db.errors():
            while at < stop:
                rows = min(self._several, (stop - at) // width)
                try:
                    self._execute(cells[at : at + rows * width], rows)
                except _REFUSALS:
                    # None of them is in. Alone, the one at fault tells itself.
                    for row in range(at // width, at // width + rows):
                        self._alone(cells[row * width : (row + 1) * width], batch.line_of(row), source)
                at += rows * width

    def _execute(self, values: Sequence[Any], rows: int) -> None:
        cursor = self._db.connection.execute(self._sql(rows), values)
        self.inserted += cursor.rowcount
        if self._db.narrator:
            self._db.tell(cursor)

    def _alone(self, values: Sequence[Any], line: int, source: str) -> None:
        try:
            self._execute(values, 1)
        except _REFUSALS as error:
            told = (
                words(error) if isinstance(error, sqlite3.Error) else "text that is not Unicode, or too long"
            )
            raise DatabaseError(f"{source} line {line}: {told}") from error

    def one(self, values: Sequence[Any]) -> None:
        """Insert a single row, which has no line. Raises DatabaseError."""
        try:
            self.inserted += self._db.execute(self._sql(1), values).rowcount
        except (OverflowError, UnicodeEncodeError) as error:
            raise DatabaseError(f"{self._db.path}: a value that SQLite cannot hold: {error}") from error
