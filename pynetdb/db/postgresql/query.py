"""One statement of the user's and its rows, as they are asked for."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from psycopg import pq

from pynetdb.db.engine import Parameters, Rows
from pynetdb.db.postgresql.connection import Connection
from pynetdb.db.postgresql.copy_text import decode_rows, has_only_nulls
from pynetdb.db.postgresql.errors import IN_TRANSACTION_BLOCK, MISTYPED, state_of
from pynetdb.db.postgresql.identifiers import quote_identifier
from pynetdb.db.postgresql.lexer import Statement, only_tells, tokens
from pynetdb.db.postgresql.parameters import bind, only_statement
from pynetdb.db.postgresql.types import BYTEA, NUMBERS, converter
from pynetdb.errors import DatabaseError
from pynetdb.rows.names import unique_names

BLOCK = 1000
"""Rows handed on at a time."""

# Seconds that rows wait for more of them, where somebody may look on.
_PATIENCE = 0.05

# How statements begin that can stand in another one.
_WRAPPABLE = ("select", "with", "values", "table", "(")
# Verbs whose count is one of rows that were changed.
_CHANGING = ("INSERT", "UPDATE", "DELETE", "MERGE")


class Query:
    """A statement, understood by the server when this is made, and run when its rows are asked for.

    One without rows is run at once. Without `write` it may only read: it stands inside of another
    statement (COPY or SELECT), in a transaction that is read-only and that is always rolled back. Raises
    DatabaseError for what the server refuses, CommandLineError where parameters and statement do not
    belong together, DeadlineError when the time is over.
    """

    def __init__(
        self, connection: Connection, sql: str, parameters: Parameters = (), write: bool = False
    ) -> None:
        self.connection = connection
        self._write = write
        statement = only_statement(connection.place, sql)
        self.verb = statement.verb
        self.sql, self.parameters, self._types = bind(statement.sql, parameters)
        self.found = False
        """Whether there was a row, once some have been asked for."""
        self.changed = -1
        """How many rows it inserted, updated or deleted; -1 for any other statement."""
        self.columns: list[str] | None = None
        """The names of the result's columns; None for a statement that has no result."""
        self.types: list[int] = []
        """The types of the columns, by their numbers in PostgreSQL's catalogue."""
        self.numbers: Sequence[bool] | None = []
        self.wrappable = statement.opening in _WRAPPABLE
        self._finished: Any = None
        self._own = not connection.in_transaction
        if self._own:
            connection.begin(read_only=not write)
        with ExitStack() as undo:
            undo.callback(self._give_up)
            self._start(statement)
            undo.pop_all()

    def _start(self, statement: Statement) -> None:
        self._describe()
        change = None
        if self.columns is None and self.wrappable:
            # The server says the same of a result without columns and of none: SELECT INTO, WITH ... UPDATE.
            change = self._find_change((*_CHANGING, "INTO"))
            self.columns = [] if change is None else None
        reads = self.columns is not None and (self.wrappable or only_tells(statement))
        if not self._write and not reads:
            raise self.connection.refuse_write("SELECT INTO" if change == "INTO" else change or self.verb)
        if self.columns is None or not (self.wrappable or not self._write):
            self._run_whole()
        elif self._write and self.verb == "WITH" and self._find_change():
            # What changes rows cannot stand in another statement.
            self.wrappable = False
            self._run_whole()

    def _describe(self) -> None:
        try:
            self._prepare()
        except DatabaseError as error:
            loose = [BYTEA if kind == BYTEA else 0 for kind in self._types]
            if state_of(error) not in MISTYPED or loose == self._types or not self._own:
                raise
            # A number or a boolean may stand for what its place wants: a text, or a value of JSON.
            self.connection.roll_back()
            self.connection.begin(read_only=not self._write)
            self._types = loose
            try:
                self._prepare()
            except DatabaseError:
                raise error from error.__cause__

    def _prepare(self) -> None:
        connection = self.connection
        connection.pgconn.send_prepare(b"", connection.encode(self.sql), self._types or None)
        connection.flush()
        connection.next_result()
        connection.drain()
        connection.pgconn.send_describe_prepared(b"")
        connection.flush()
        result = connection.next_result()
        connection.drain()
        if result is not None and result.nfields:
            self.columns = [
                (result.fname(number) or b"").decode("utf-8", "replace") for number in range(result.nfields)
            ]
            self.types = [result.ftype(number) for number in range(result.nfields)]
            self.numbers = [kind in NUMBERS for kind in self.types]

    def _find_change(self, words: Collection[str] = _CHANGING) -> str | None:
        """Return the first of some words that stands in the statement, in capitals."""
        found = (token.text.upper() for token in tokens(self.sql) if token.kind == "word")
        return next((word for word in found if word in words), None)

    def _run_whole(self) -> None:
        """Run it to its end, and keep its rows; what it has changed is committed."""
        connection = self.connection
        try:
            result = connection.execute(self.sql, self.parameters, self._types)
        except DatabaseError as error:
            if state_of(error) != IN_TRANSACTION_BLOCK or not self._own or not self._write:
                raise
            # VACUUM, CREATE DATABASE and their like are transactions by themselves.
            connection.roll_back()
            result = connection.execute(self.sql, self.parameters, self._types)
        if (result.command_status or b"").split(b" ")[0].decode() in _CHANGING:
            self.changed = int(result.command_tuples or 0)
        self._finished = result
        self._finish()

    def _finish(self) -> None:
        if self._own and self.connection.in_transaction:
            self.connection.commit(keep=self._write)

    def _give_up(self) -> None:
        if self._own:
            self.connection.roll_back()
        else:
            self.connection.stop()

    # -- Rows

    def blocks(self, limit: int | None = None, undecoded: bool = False) -> Iterator[Rows]:
        """The rows, at most `limit`, some at a time; text is str, and if `undecoded` so are numbers."""
        if self.columns is None:
            return
        copies = self._finished is None and self.wrappable and not self.parameters
        if undecoded and copies and self.columns and BYTEA not in self.types:
            for block in self.copied(None, limit):
                yield _split_text(block, len(self.types))
            return
        convert = [converter(kind) for kind in self.types]
        for rows in self.texts(limit):
            columns = [make(column) for make, column in zip(convert, zip(*rows, strict=True), strict=True)]
            yield list(zip(*columns, strict=True)) if columns else [()] * len(rows)

    def texts(self, limit: int | None = None) -> Iterator[Sequence[Sequence[bytes | None]]]:
        """The rows as the texts of their values, some at a time; None for NULL."""
        if self._finished is not None:
            yield from self._kept_rows(limit)
        elif self.wrappable and not self.parameters:
            for block in self.copied(None, limit):
                yield decode_rows(block) if self.columns else [()] * block.count(b"\n")
        else:
            yield from self.streamed(self.sql if not self.wrappable else self.wrap(None, limit), limit)

    def _kept_rows(self, limit: int | None) -> Iterator[Sequence[Sequence[bytes | None]]]:
        result = self._finished
        count = result.ntuples if limit is None else min(limit, result.ntuples)
        columns = range(result.nfields)
        for first in range(0, count, BLOCK):
            self.found = True
            yield [
                [result.get_value(row, column) for column in columns]
                for row in range(first, min(count, first + BLOCK))
            ]

    def wrap(self, cells: "Mapping[int, str] | str | None", limit: int | None) -> str:
        """Return a statement around this one; `cells` says what becomes of columns, `c1` and so on.

        A text is the whole list. The statement has been understood by itself before: nothing in it can
        end the parentheses. The newline ends a comment at its end.
        """
        count = len(self.columns or [])
        names = [f"c{number}" for number in range(1, count + 1)]
        if isinstance(cells, str):
            wanted = cells
        else:
            wanted = ", ".join([(cells or {}).get(number, name) for number, name in enumerate(names)])
        most = "" if limit is None else f" LIMIT {limit}"
        named = f"({', '.join(names)})" if names else ""
        return f"SELECT {wanted} FROM (\n{self.sql}\n) AS q{named}{most}"  # noqa: S608 - the user's

    def wrap_named(self, expressions: Mapping[int, str], limit: int | None) -> str:
        """Return a statement that gives each row as a JSON object, with different names for the columns."""
        names = unique_names(self.columns or [])
        cells = [
            f"{expressions.get(number, f'c{number + 1}')} AS {quote_identifier(name)}"
            for number, name in enumerate(names)
        ]
        inner = self.wrap(", ".join(cells), limit)
        # A column of that name would be taken for the row.
        row = "whole_row"
        while row in names:
            row += "_"
        return f"SELECT pg_catalog.row_to_json({row}) FROM ({inner}) AS {row}"  # noqa: S608 - the user's

    def copied(self, sql: str | None, limit: int | None = None, eager: bool = False) -> Iterator[bytes]:
        """The rows by COPY, as lines of its text format, some at a time.

        If it is `eager` rows are handed on as soon as the server takes its time for the next ones.
        """
        connection = self.connection
        copy = f"COPY ({sql or self.wrap(None, limit)}) TO STDOUT"
        count = 0
        complete = False
        try:
            connection.send(copy)
            connection.next_result()
            get = connection.pgconn.get_copy_data
            block = bytearray()
            rows, size = 0, 1
            while size >= 0:
                # Each is a view of libpq's own memory, which is let go with it.
                for rows in range(rows + 1, BLOCK + 1):  # noqa: B020 - it goes on where it was
                    size, line = get(1)
                    if size <= 0:
                        rows -= 1
                        break
                    block += line
                if size == 0 and not (eager and rows):
                    connection.receive()
                elif size == 0 and connection.arrives_within(_PATIENCE):
                    connection.take_in()
                elif rows:
                    count += rows
                    self.found = True
                    yield bytes(block)
                    block.clear()
                    rows = 0
            connection.next_result()
            connection.drain()
            connection.narrate(copy, rows=count)
            self._finish()
            complete = True
        finally:
            if not complete:
                self._give_up()

    def streamed(self, sql: str, limit: int | None = None) -> Iterator[Sequence[Sequence[bytes | None]]]:
        """The rows of a statement with parameters, as they come."""
        connection = self.connection
        complete = False
        left = limit
        try:
            connection.pgconn.send_query_params(
                connection.encode(sql), self.parameters or None, self._types or None
            )
            if hasattr(connection.pgconn, "set_chunked_rows_mode") and pq.version() >= 170000:
                connection.pgconn.set_chunked_rows_mode(BLOCK)
            else:
                connection.pgconn.set_single_row_mode()
            connection.flush()
            count = 0
            while (result := connection.next_result()) is not None:
                columns = range(result.nfields)
                rows = [
                    [result.get_value(row, column) for column in columns] for row in range(result.ntuples)
                ]
                rows = rows if left is None else rows[:left]
                if rows:
                    count += len(rows)
                    self.found = True
                    yield rows
                if left is not None:
                    left -= len(rows)
            connection.narrate(sql, rows=count)
            self._finish()
            complete = True
        finally:
            if not complete:
                self._give_up()

    def text_blocks(self, form: Any, limit: int | None = None, null: str = "") -> Iterator[bytes]:
        """The rows in a format; see `export`, which is imported only for this."""
        from pynetdb.db.postgresql import export

        if form in ("json", "jsonl"):
            return export.json_blocks(self, form == "jsonl", limit)
        if form in ("csv", "tsv"):
            return export.csv_blocks(self, "," if form == "csv" else "\t", limit, null)
        return export.raw_blocks(self, limit)


def _split_text(block: bytes, width: int) -> Rows:
    """The rows of a block of text without decoding each by itself."""
    nulls = has_only_nulls(block)
    if b"\\" in block and not nulls:
        return [
            tuple([None if cell is None else cell.decode("utf-8", "surrogateescape") for cell in row])
            for row in decode_rows(block)
        ]
    cells: list[str | None] = [*block.decode("utf-8", "surrogateescape")[:-1].replace("\n", "\t").split("\t")]
    if nulls:
        cells = [None if cell == "\\N" else cell for cell in cells]
    flat = iter(cells)
    return list(zip(*[flat] * width, strict=True))
