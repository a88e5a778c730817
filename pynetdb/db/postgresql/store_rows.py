"""Many rows of a store's statements, each kind by the shortest way: COPY, arrays, or a pipeline."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from psycopg import pq

from pynetdb.db.postgresql.connection import Connection
from pynetdb.db.postgresql.copy_text import encode_rows
from pynetdb.db.postgresql.errors import ServerError, state_of
from pynetdb.db.postgresql.store_sql import arrays_sql, copy_sql, number_values
from pynetdb.db.store import Insert, Row, Statement, StoreSchema
from pynetdb.errors import DatabaseError, NetworkError

# Rows that are sent at a time: a body may have 64 KiB.
_ROWS = 500

_LARGEST = 2**63

# The classes of SQLSTATE that say that a row is at fault: the same row twice in one statement, a value that
# does not fit, a constraint, a key that is too long for its index.
_OF_A_ROW = ("21", "22", "23", "54")


def write_rows(
    connection: Connection, statement: Statement, rows: Sequence[Row], schema: StoreSchema
) -> None:
    """Run a statement for each row, in the caller's transaction. Raises DatabaseError for one of them."""
    if not isinstance(statement, Insert):
        _run_each(connection, number_values(statement.sql), rows)
    elif statement.on_conflict:
        arrays = [_array(column) for column in zip(*rows, strict=True)]
        connection.execute(arrays_sql(statement, schema), arrays)
    else:
        _copy(connection, statement, rows)


def write_what_fits(
    connection: Connection, statement: Statement, rows: Sequence[Row], schema: StoreSchema
) -> int:
    """Run a statement for each row but those that are refused; return how many those are.

    They are found by halves, since a statement says nothing of its other rows when it refuses one.
    """
    connection.execute("SAVEPOINT pynetdb")
    try:
        write_rows(connection, statement, rows, schema)
    except DatabaseError as error:
        if not is_of_a_row(error):
            raise
        connection.execute("ROLLBACK TO SAVEPOINT pynetdb")
    else:
        connection.execute("RELEASE SAVEPOINT pynetdb")
        return 0
    connection.execute("RELEASE SAVEPOINT pynetdb")
    if len(rows) == 1:
        return 1
    half = len(rows) // 2
    return sum(write_what_fits(connection, statement, part, schema) for part in (rows[:half], rows[half:]))


def is_of_a_row(error: DatabaseError) -> bool:
    """Whether a row was refused, and not the server at fault."""
    return state_of(error).startswith(_OF_A_ROW)


def make_storable(value: Any) -> Any:
    """Return a value that PostgreSQL can hold: a NUL and a lone surrogate escaped, no number over 64 bits."""
    if isinstance(value, str):
        return value.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()
    if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        return None
    return value


def encode_value(value: Any) -> bytes | None:
    """Return a value as the text of a parameter."""
    value = make_storable(value)
    if value is None:
        return None
    if isinstance(value, bytes):
        return b"\\x" + value.hex().encode()
    return value.encode() if isinstance(value, str) else repr(value).encode()


def _array(values: Sequence[Any]) -> bytes:
    """Return values as the text of an array.

    https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
    """
    cells = []
    for value in values:
        cell = encode_value(value)
        if cell is None:
            cells.append(b"NULL")
        else:
            cells.append(b'"' + cell.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"')
    return b"{" + b",".join(cells) + b"}"


def _copy(connection: Connection, statement: Insert, rows: Sequence[Row]) -> None:
    constants = tuple(text for _, text in statement.constants)
    width = len(statement.columns) + len(constants)
    connection.send(copy_sql(statement))
    connection.next_result()
    connection.copying_in = True
    for at in range(0, len(rows), _ROWS):
        connection.copy(_encode([row + constants for row in rows[at : at + _ROWS]], width))
    connection.end_copy()
    connection.next_result()
    connection.drain()


def _encode(rows: Sequence[Row], width: int) -> bytes:
    cells = list(chain.from_iterable(rows))
    try:
        data = encode_rows(cells, width)
    except UnicodeEncodeError:
        data = b"\0"
    # A peer said something that cannot be kept: it must not cost the others their row.
    return encode_rows(list(map(make_storable, cells)), width) if b"\0" in data else data


def _run_each(connection: Connection, sql: str, rows: Sequence[Row]) -> None:
    """Run a statement for each row without waiting for the answer to the one before."""
    if len(rows) == 1:
        connection.execute(sql, list(map(encode_value, rows[0])))
        return
    pgconn, text = connection.pgconn, connection.encode(sql)
    pgconn.enter_pipeline_mode()
    for row in rows:
        pgconn.send_query_params(text, list(map(encode_value, row)))
    pgconn.pipeline_sync()
    connection.flush()
    failure: ServerError | None = None
    while (result := connection.peek_result()) is None or result.status != pq.ExecStatus.PIPELINE_SYNC:
        if result is not None and result.status == pq.ExecStatus.FATAL_ERROR:
            failure = failure or ServerError(result)
        if not connection.is_open:
            raise NetworkError(f"{connection.place}: the connection is lost")
    pgconn.exit_pipeline_mode()
    if failure is not None:
        raise connection.translate(failure) from failure
