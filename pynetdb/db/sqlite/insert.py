"""Rows into a table: many in a statement, and when one is refused, which."""

import sqlite3
from collections.abc import Sequence

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
        self._table = table
        self._columns = list(columns)
        self._source = source
        self._on_conflict = on_conflict
        self._statements: dict[tuple[Sequence[int] | None, int], str] = {}

    def insert(self, batch: Batch, start: int, end: int) -> None:
        """Insert the rows `start` to `end` of a batch, in the caller's transaction.

        Raises DatabaseError with the line of the row that is refused.
        """
        named = None if batch.present is None else batch.present[start]
        width = len(self._columns) if named is None else len(named)
        # A row that names nothing has a form of its own, which takes one row.
        per_statement = max(1, min(_MAX_ROWS, _MAX_VALUES // width)) if width else 1
        with self._db.errors():
            while start < end:
                stop = min(end, start + per_statement)
                try:
                    self._execute(batch, start, stop, named)
                except _REFUSALS as error:
                    if stop - start == 1:
                        raise self._refusal(error, batch, start) from error
                    # None of them is in. Alone, the one at fault tells itself.
                    self._insert_singly(batch, start, stop, named)
                start = stop

    def end(self) -> int:
        """Return how many rows were inserted, replaced or updated."""
        return self._inserted

    def _execute(self, batch: Batch, start: int, end: int, named: Sequence[int] | None) -> None:
        width = len(self._columns)
        values = batch.cells[start * width : end * width]
        if named is not None and len(named) < width:
            values = [values[row * width + number] for row in range(end - start) for number in named]
        cursor = self._db.connection.execute(self._sql(named, end - start), values)
        # What a view's trigger does with a row SQLite does not count.
        self._inserted += end - start if self._table.view else cursor.rowcount
        if self._db.narrator:
            self._db.narrate(cursor)

    def _insert_singly(self, batch: Batch, start: int, end: int, named: Sequence[int] | None) -> None:
        for row in range(start, end):
            try:
                self._execute(batch, row, row + 1, named)
            except _REFUSALS as error:
                raise self._refusal(error, batch, row) from error

    def _sql(self, named: Sequence[int] | None, rows: int) -> str:
        """The statement for so many rows, the same object each time: sqlite3 keeps it prepared."""
        key = (named, rows)
        if key not in self._statements:
            columns = self._columns if named is None else [self._columns[number] for number in named]
            self._statements[key] = self._statement(columns, rows)
        return self._statements[key]

    def _statement(self, columns: list[str], rows: int) -> str:
        verb = "INSERT OR REPLACE" if self._on_conflict == "replace" else "INSERT"
        into = f"{verb} INTO {quote_identifier(self._table.name)}"
        if not columns:
            return f"{into} DEFAULT VALUES"
        row = "(" + ", ".join("?" * len(columns)) + ")"
        tail = ""
        if self._on_conflict == "ignore":
            # INSERT OR IGNORE would pass over NULL in a NOT NULL column as well: rows lost in silence.
            tail = " ON CONFLICT DO NOTHING"
        elif self._on_conflict == "update":
            quoted = map(quote_identifier, columns)
            tail = f" ON CONFLICT DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in quoted)}"
        return f"{into} ({join_identifiers(columns)}) VALUES {', '.join([row] * rows)}{tail}"

    def _refusal(self, error: Exception, batch: Batch, row: int) -> DatabaseError:
        known = isinstance(error, sqlite3.Error)
        message = describe(error) if known else "text that is not Unicode, or too long"
        place = batch.describe_place(row, self._source)
        if not (batch.line and message.startswith("cannot store TEXT value")):
            return DatabaseError(f"{place}: {message}")
        from pynetdb.db.existing_columns import refuse_row

        width = len(self._columns)
        return refuse_row(place, message, batch.cells[row * width : (row + 1) * width])
