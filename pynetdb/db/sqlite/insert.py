"""Rows into a table: many in a statement, and when one is refused, which."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from pynetdb.db.engine import OnConflict
from pynetdb.db.schema import Table
from pynetdb.db.sqlite.database import Database
from pynetdb.db.sqlite.errors import describe
from pynetdb.db.sqlite.identifiers import join_identifiers, quote_identifier
from pynetdb.errors import DatabaseError
from pynetdb.rows.batch import Batch

# Rows in one INSERT. More are hardly faster, and one that is refused makes us try all of them alone.
_MAX_ROWS = 100
# https://sqlite.org/limits.html, SQLITE_MAX_VARIABLE_NUMBER.
_MAX_VALUES = 32_766

# What one row can be refused for. OverflowError and UnicodeEncodeError are sqlite3's own, while it binds.
_REFUSALS = (sqlite3.IntegrityError, sqlite3.DataError, OverflowError, UnicodeEncodeError)


class Insertion:
    """The statement that fills some columns of a table, many rows at a time.

    `on_conflict` says what happens to a row whose key is there already: `abort` refuses it, `ignore`
    leaves the old row, `replace` puts the new one in its place, `update` changes the old one's columns to
    those of the new. `source` begins the messages of errors.
    """

    def __init__(
        self, db: Database, table: Table, columns: Sequence[str], source: str, on_conflict: OnConflict
    ) -> None:
        self._inserted = 0
        self._db = db
        self._view = table.view
        self._source = source
        self._width = len(columns)
        verb = "INSERT OR REPLACE" if on_conflict == "replace" else "INSERT"
        names = join_identifiers(list(columns))
        self._head = f"{verb} INTO {quote_identifier(table.name)} ({names}) VALUES "
        self._tail = ""
        if on_conflict == "ignore":
            # INSERT OR IGNORE would pass over NULL in a NOT NULL column as well: rows lost in silence.
            self._tail = " ON CONFLICT DO NOTHING"
        elif on_conflict == "update":
            changes = ", ".join(
                f"{quote_identifier(name)} = excluded.{quote_identifier(name)}" for name in columns
            )
            self._tail = f" ON CONFLICT DO UPDATE SET {changes}"
        self._rows_per_statement = max(1, min(_MAX_ROWS, _MAX_VALUES // self._width))
        self._statements: dict[int, str] = {}

    def _sql(self, rows: int) -> str:
        """The statement for so many rows, the same object each time: sqlite3 keeps it prepared."""
        if rows not in self._statements:
            row = "(" + ", ".join("?" * self._width) + ")"
            self._statements[rows] = self._head + ", ".join([row] * rows) + self._tail
        return self._statements[rows]

    def insert(self, batch: Batch, start: int, end: int) -> None:
        """Insert the rows `start` to `end` of a batch, in the caller's transaction.

        Raises DatabaseError with the line of the row that is refused.
        """
        width, cells = self._width, batch.cells
        with self._db.errors():
            while start < end:
                rows = min(self._rows_per_statement, end - start)
                try:
                    self._execute(cells[start * width : (start + rows) * width], rows)
                except _REFUSALS as error:
                    if rows == 1:
                        raise self._refusal(error, batch, start) from error
                    # None of them is in. Alone, the one at fault tells itself.
                    self._insert_singly(batch, start, start + rows)
                start += rows

    def end(self) -> int:
        """Return how many rows were inserted, replaced or updated."""
        return self._inserted

    def _execute(self, values: Sequence[Any], rows: int) -> None:
        cursor = self._db.connection.execute(self._sql(rows), values)
        # What a view's trigger does with a row SQLite does not count.
        self._inserted += rows if self._view else cursor.rowcount
        if self._db.narrator:
            self._db.narrate(cursor)

    def _insert_singly(self, batch: Batch, start: int, end: int) -> None:
        for row in range(start, end):
            try:
                self._execute(batch.cells[row * self._width : (row + 1) * self._width], 1)
            except _REFUSALS as error:
                raise self._refusal(error, batch, row) from error

    def _refusal(self, error: Exception, batch: Batch, row: int) -> DatabaseError:
        known = isinstance(error, sqlite3.Error)
        message = describe(error) if known else "text that is not Unicode, or too long"
        return DatabaseError(f"{batch.describe_place(row, self._source)}: {message}")
