"""Rows into a table by COPY, in one stream; when one is refused, which."""

from array import array
from collections.abc import Sequence
from typing import Any, NamedTuple

from psycopg import pq

from pynetdb.db.engine import OnConflict
from pynetdb.db.existing_columns import refuse_row
from pynetdb.db.postgresql.connection import Connection
from pynetdb.db.postgresql.copy_text import encode_rows, find_unfit
from pynetdb.db.postgresql.errors import ServerError
from pynetdb.db.postgresql.identifiers import join_identifiers, quote_identifier
from pynetdb.db.postgresql.schema import Schema
from pynetdb.db.postgresql.upsert import STAGE, Upsert
from pynetdb.db.schema import Table
from pynetdb.errors import DatabaseError
from pynetdb.rows.batch import Batch

# Rows that are sent at a time: what is refused is noticed between two pieces.
_ROWS = 2000


class _Sent(NamedTuple):
    """Rows that were sent, for the line of the one that is refused."""

    first: int
    """The number of the first one in the COPY, from 1."""
    batch: Batch
    """Without its cells."""


class Insertion:
    """The COPY that fills some columns of a table, in the caller's transaction.

    `on_conflict` says what happens to a row whose key is there already; unless that is `abort`, rows go
    through a temporary table (see `upsert`). `source` begins the messages of errors.
    """

    def __init__(
        self,
        connection: Connection,
        schema: Schema,
        table: Table,
        columns: Sequence[str],
        source: str,
        on_conflict: OnConflict,
    ) -> None:
        self._connection = connection
        self._schema = schema
        self._table = table
        self._columns = list(columns)
        self._source = source
        self._inserted = 0
        self._named: tuple[int, ...] | None = None
        """The columns that the COPY fills, by their numbers; None while there is no COPY."""
        self._upsert: Upsert | None = None
        if on_conflict != "abort" or table.view:
            self._upsert = Upsert(connection, schema.quote_table(table.name), table, on_conflict)
        self._sent: list[_Sent] = []
        self._count = 0

    def insert(self, batch: Batch, start: int, end: int) -> None:
        """Send the rows `start` to `end` of a batch. What the server refuses may be noticed later.

        Raises DatabaseError with the line of the row that is refused.
        """
        width = len(self._columns)
        named = tuple(range(width)) if batch.present is None else tuple(sorted(batch.present[start]))
        if not named:
            self._insert_defaults(end - start)
            return
        if named != self._named:
            self._finish()
            self._begin(named)
        for first in range(start, end, _ROWS):
            last = min(end, first + _ROWS)
            cells = batch.cells[first * width : last * width]
            if len(named) < width:
                cells = [cells[at * width + number] for at in range(last - first) for number in named]
            self._send(self._encode(batch, first, cells, len(named)), batch, first, last - first)

    def end(self) -> int:
        """Return how many rows were inserted, replaced or updated."""
        self._finish()
        self._advance_numbers()
        return self._inserted

    def _begin(self, named: tuple[int, ...]) -> None:
        columns = [self._columns[number] for number in named]
        if self._upsert is not None:
            self._upsert.make_stage(columns)
        self._named = named
        self._start_copy()

    def _start_copy(self) -> None:
        assert self._named is not None  # noqa: S101 - there is no COPY without columns
        target = self._schema.quote_table(self._table.name) if self._upsert is None else STAGE
        names = join_identifiers(self._columns[number] for number in self._named)
        self._sql = f"COPY {target} ({names}) FROM STDIN"
        connection = self._connection
        connection.send(self._sql)
        connection.next_result()
        connection.copying_in = True
        self._sent.clear()
        self._count = 0

    def _encode(self, batch: Batch, first: int, cells: Sequence[Any], width: int) -> bytes:
        try:
            data = encode_rows(cells, width)
        except UnicodeEncodeError:
            data = b"\0"
        if b"\0" in data and (unfit := find_unfit(cells, width)):
            row, reason = unfit
            raise DatabaseError(f"{batch.describe_place(first + row, self._source)}: {reason}")
        return data

    def _send(self, data: bytes, batch: Batch, start: int, count: int) -> None:
        lines = None if batch.lines is None else array("q", batch.lines[start : start + count])
        item = None if batch.item is None else batch.item + start
        line = batch.line_of(start) if batch.line else 0
        light = batch._replace(cells=[], line=line, lines=lines, item=item, present=None)
        self._sent.append(_Sent(self._count + 1, light))
        self._count += count
        connection = self._connection
        connection.copy(data)
        if connection.has_news():
            # A refusal, mostly: libpq looks at nothing while it copies. If it was not, we go on.
            self._end_copy()
            self._start_copy()

    def _end_copy(self) -> None:
        """End the COPY and count its rows. Raises DatabaseError with the line of the one at fault."""
        connection = self._connection
        connection.end_copy()
        result = connection.peek_result()
        if result is None or result.status != pq.ExecStatus.COMMAND_OK:
            error = None if result is None else ServerError(result)
            connection.drain()
            if error is None:
                raise DatabaseError(f"{self._source}: the server did not say whether it has the rows")
            raise self._refusal(error) from error
        connection.narrate(self._sql, result)
        if self._upsert is None:
            self._inserted += int(result.command_tuples or 0)
        connection.drain()

    def _finish(self) -> None:
        """End what is being sent, and put it where it belongs."""
        if self._named is None:
            return
        self._end_copy()
        if self._upsert is not None:
            self._inserted += self._upsert.move_rows([self._columns[number] for number in self._named])
        self._named = None

    def _insert_defaults(self, count: int) -> None:
        self._finish()
        for _ in range(count):
            table = self._schema.quote_table(self._table.name)
            self._connection.execute(f"INSERT INTO {table} DEFAULT VALUES")
        self._inserted += count

    def _refusal(self, error: ServerError) -> Exception:
        translated = self._connection.translate(error)
        copied = self._schema.bare_name(self._table.name) if self._upsert is None else STAGE
        line = error.find_copied_line(copied)
        message = error.message.replace(f'relation "{STAGE}"', f'relation "{self._table.name}"')
        if type(translated) is not DatabaseError or translated.hint:
            return translated
        sent = None
        if line is not None:
            sent = next((sent for sent in reversed(self._sent) if sent.first <= line), None)
        if sent is None or line is None:
            return DatabaseError(f"{self._source}: {message}")
        place = sent.batch.describe_place(line - sent.first, self._source)
        return refuse_row(place, message, [error.misread] if sent.batch.line else [])

    def _advance_numbers(self) -> None:
        """Let a column that numbers itself go on behind the numbers that were given.

        As SQLite does; a sequence by itself would give one of them again.
        """
        filled = set(self._columns)
        table = self._schema.quote_table(self._table.name)
        for column in self._table.columns:
            if not (column.key and column.name in filled):
                continue
            found = self._connection.rows(
                "SELECT pg_catalog.pg_get_serial_sequence($1, $2)", table, column.name
            )
            if sequence := found[0][0]:
                name = quote_identifier(column.name)
                self._connection.execute(
                    f"SELECT pg_catalog.setval($1::regclass, m) FROM (SELECT max({name}) AS m FROM {table}) q"  # noqa: S608 - quoted
                    " WHERE m > (SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END"
                    f" FROM {sequence})",
                    [sequence.encode()],
                )
