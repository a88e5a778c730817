"""A schema's tables in a database of a server: made, checked and written to from many machines at once."""

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import psycopg

from pynetdb.db.postgresql.command_line import hide
from pynetdb.db.postgresql.connection import Connection
from pynetdb.db.postgresql.identifiers import quote_identifier, quote_text
from pynetdb.db.postgresql.store_rows import (
    encode_value,
    is_of_a_row,
    make_storable,
    write_rows,
    write_what_fits,
)
from pynetdb.db.postgresql.store_sql import create_statements, insert_sql, number_values
from pynetdb.db.postgresql.types import converter
from pynetdb.db.postgresql.url import ConnectionUrl
from pynetdb.db.store import Insert, Row, Statement, StoreSchema
from pynetdb.errors import DatabaseError, DeadlineError, NetworkError

# Others who make the same tables, or alter them, hold their locks for a moment.
_LOCK_TIMEOUT = 5.0

# Seconds for everything that is asked at once. A server that is cut off answers nothing, and says nothing.
_TIMEOUT = 20.0
_CLOSE_TIMEOUT = 1.0

# A server that is cut off in the middle of a batch must let go of it by itself: until then the same batch,
# given again, waits for the first one to end. Over Unix sockets keepalives mean nothing and do no harm.
_SETTINGS = (
    f"SET LOCAL idle_in_transaction_session_timeout = {int(_TIMEOUT * 1000)}; "
    "SET LOCAL tcp_keepalives_idle = 10; SET LOCAL tcp_keepalives_interval = 5; "
    "SET LOCAL tcp_keepalives_count = 2"
)

# Which batch was the last of each writer; its comment says whose the tables beside it are. Writers that end
# take their row away, and that of a writer that was killed goes with somebody else's, some days later.
_BATCHES = "pynetdb_batches"
_CREATE_BATCHES = f"""
CREATE TABLE {_BATCHES} (
    writer uuid PRIMARY KEY, number bigint NOT NULL, written timestamptz NOT NULL DEFAULT now()
)"""
_BEGIN_BATCH = f"""
INSERT INTO {_BATCHES} AS b (writer, number) VALUES ($1, $2)
ON CONFLICT (writer) DO UPDATE SET number = excluded.number, written = excluded.written
WHERE b.number < excluded.number"""  # noqa: S608 - a constant
_END_BATCHES = f"DELETE FROM {_BATCHES} WHERE writer = $1 OR written < now() - interval '7 days'"  # noqa: S608

_FIND = """
SELECT n.nspname, pg_catalog.obj_description(c.oid, 'pg_class')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = pg_catalog.to_regclass($1)"""
_TAKEN = """
SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = pg_catalog.current_schema() AND c.relname = ANY ($1::text[]) ORDER BY 1"""


class PostgresqlStore:
    """See `db.store.Store`. Its tables are made in the first schema of the search path, which is `public`.

    Tables of somebody else may stand beside them; those of the same names are refused, and stay as they
    were. A batch is one transaction, which also notes its number: one that is given again because the answer
    to its COMMIT was lost is known by that, and is not written twice.
    """

    def __init__(self, url: str, schema: StoreSchema) -> None:
        self._url = ConnectionUrl(url)
        hide(self._url.secrets)
        self.place = self._url.place
        self._schema = schema
        self._mark = f"pynetdb {schema.name}, version {schema.version}"
        self._home = ""
        """The schema, in the server's meaning of it, that holds the tables."""
        self._writer = str(uuid.uuid4())
        self._number = 1
        self._connection: Connection | None = None
        with self._asking():
            pass  # They are there now, or there is an error.

    def insert_row(self, statement: Insert, values: Row) -> int:
        with self._asking() as connection, self._transaction(connection):
            result = connection.execute(insert_sql(statement, self._schema), list(map(encode_value, values)))
            return int(result.get_value(0, 0) or b"0")

    def write(self, statements: Mapping[Statement, Sequence[Row]]) -> int:
        try:
            refused = self._write(statements, careful=False)
        except DatabaseError as error:
            if not is_of_a_row(error):
                raise
            storable = {
                statement: [tuple(map(make_storable, row)) for row in rows]
                for statement, rows in statements.items()
            }
            refused = self._write(storable, careful=True)
        self._number += 1
        return refused

    def fetch(self, sql: str, values: Row = ()) -> list[Row]:
        with self._asking() as connection, self._transaction(connection):
            result = connection.execute(number_values(sql), list(map(encode_value, values)))
            columns = [
                converter(result.ftype(column))(
                    [result.get_value(row, column) for row in range(result.ntuples)]
                )
                for column in range(result.nfields)
            ]
            return list(zip(*columns, strict=True))

    def close(self) -> None:
        connection = self._connection
        if connection is None:
            return
        if self._number > 1 and connection.is_open:
            # What is left then is a row that nobody needs.
            with suppress(DatabaseError, NetworkError, DeadlineError, psycopg.Error):
                connection.within(_CLOSE_TIMEOUT)
                with self._transaction(connection):
                    connection.execute(_END_BATCHES, [self._writer.encode()])
        self._drop()

    def _write(self, statements: Mapping[Statement, Sequence[Row]], careful: bool) -> int:
        with self._asking() as connection, self._transaction(connection):
            key = [self._writer.encode(), str(self._number).encode()]
            if not connection.execute(_BEGIN_BATCH, key).command_tuples:
                return 0  # It was written, and we did not hear of it.
            if careful:
                return sum(
                    write_what_fits(connection, statement, rows, self._schema)
                    for statement, rows in statements.items()
                    if rows
                )
            for statement, rows in statements.items():
                if rows:
                    write_rows(connection, statement, rows, self._schema)
            return 0

    # -- The server

    @contextmanager
    def _asking(self) -> Iterator[Connection]:
        """A connection for the block, the one that is there or a new one. One that fails is let go of."""
        try:
            if self._connection is not None and not _is_usable(self._connection):
                self._drop()
            if self._connection is None:
                self._connection = self._connect()
            self._connection.within(_TIMEOUT)
            yield self._connection
        except DatabaseError as error:
            if error.hint:  # Its words are for the statements of users.
                raise DatabaseError(str(error)) from error.__cause__
            raise
        except DeadlineError as error:
            self._drop()
            raise NetworkError(str(error)) from error
        except NetworkError:
            self._drop()
            raise
        except psycopg.Error as error:
            self._drop()
            words = " ".join(str(error).split())
            raise NetworkError(f"{self.place}: the connection is lost: {words}") from error

    def _connect(self) -> Connection:
        """A new connection, to a database in which the tables are."""
        connection = Connection(self._url, lock_timeout=_LOCK_TIMEOUT)
        with ExitStack() as undo:
            undo.callback(connection.close)
            connection.within(_TIMEOUT)
            self._find_or_make(connection)
            undo.pop_all()
        return connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def _transaction(self, connection: Connection) -> Iterator[None]:
        """A transaction in which names are those of our tables, whatever schemas somebody adds meanwhile."""
        with connection.transaction():
            connection.execute_several(
                f"SET LOCAL search_path TO {quote_identifier(self._home)}; {_SETTINGS}"
            )
            yield

    # -- Whose it is

    def _find_or_make(self, connection: Connection) -> None:
        if self._find(connection):
            return
        with connection.transaction():
            # Several commands may begin at once; one makes the tables, the others wait for it.
            connection.rows("SELECT pg_catalog.pg_advisory_xact_lock($1)", self._schema.application_id)
            if not self._find(connection):
                self._make(connection)

    def _find(self, connection: Connection) -> bool:
        """Whether the tables are there. Raises DatabaseError for those of somebody else, or of later ones."""
        found = connection.rows(_FIND, _BATCHES)
        if not found:
            return False
        home, mark = found[0]
        match = re.fullmatch(rf"pynetdb {self._schema.name}, version (\d+)", mark or "")
        if match is None:
            raise self._not_ours(_BATCHES)
        if int(match[1]) > self._schema.version:
            name, version = self._schema.name, self._schema.version
            message = f"a {name} of a later pynetdb, version {match[1]}, expected {version}"
            raise DatabaseError(f"{self.place}: {message}")
        self._home = str(home)
        return True

    def _make(self, connection: Connection) -> None:
        schema = self._schema
        names = [table.name for table in schema.tables] + [index.name for index in schema.indexes]
        taken = connection.rows(_TAKEN, "{" + ",".join([*names, *schema.views]) + "}")
        if taken:
            raise self._not_ours(*(str(name) for (name,) in taken))
        sql: list[Any] = [*create_statements(schema), _CREATE_BATCHES]
        sql.append(f"COMMENT ON TABLE {_BATCHES} IS {quote_text(self._mark)}")
        connection.execute_several(";".join(sql))
        ((home,),) = connection.rows("SELECT pg_catalog.current_schema()")
        self._home = str(home)

    def _not_ours(self, *names: str) -> DatabaseError:
        return DatabaseError(
            f"{self.place}: {', '.join(names)}: there already, and somebody else's, "
            f"expected a {self._schema.name} or a database without these names"
        )


def _is_usable(connection: Connection) -> bool:
    """Whether the server is still there: what it says unasked is that it goes."""
    try:
        return connection.is_open and not connection.has_news()
    except NetworkError:
        return False
