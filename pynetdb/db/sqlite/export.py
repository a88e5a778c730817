"""Rows as JSON and CSV text, which SQLite builds itself where the result is large.

Python takes several microseconds to make a line of a row; SQLite's json_object and json_array take less
than one. The statement is wrapped in another that makes one text of each row. Where SQLite's own text
would not be exact (a REAL has 15 digits there before version 3.43) or possible (a BLOB), the text comes
from Python, cell by cell. For every other row it is a matter of whole blocks at the speed of C.
"""

import codecs
import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain, islice
from typing import Any

from pynetdb.db.engine import Rows
from pynetdb.db.sqlite.identifiers import quote_identifier, quote_text
from pynetdb.db.sqlite.pace import Pace
from pynetdb.db.sqlite.query import BLOCK, Query, take_rows
from pynetdb.errors import DatabaseError
from pynetdb.rows.csv_writer import csv_text

# A statement that takes so many seconds for its first rows is not run a second time.
_PATIENCE = 0.25

# Bytes of the rows that SQLite makes one text of, and of those that are asked for together.
_MAX_BLOCK = 32 * 1024
_MAX_BYTES = 1024 * 1024

# A function, or a statement in brackets, among the columns; or what is another value each time, anywhere.
_CALL = r"(?i)\A(?:(?!\bfrom\b)[^(])*\(|random"

_JSON = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


def _escaped_bytes(error: Any) -> tuple[str, int]:
    """Text in a database need not be UTF-8; in JSON its bytes are shown as `\\xff`, the backslash doubled."""
    return "".join(f"\\\\x{byte:02x}" for byte in error.object[error.start : error.end]), error.end


codecs.register_error("pynetdb-json", _escaped_bytes)


def json_blocks(query: Query, lines: bool, limit: int | None = None) -> Iterator[bytes]:
    """The rows as an array of objects, or as an object a line, in pieces that end at the end of a row."""
    from pynetdb.rows.names import unique_names

    names = unique_names(query.columns or [])
    between = b"\n" if lines else b",\n"
    keys = [_JSON(name) + ":" for name in names]

    def write(rows: Rows) -> bytes:
        return between.join([_object(keys, row) for row in rows])

    texts = _either_way(
        query, limit, write, lambda rows, size: _json_texts(query, names, between, limit, rows, size)
    )
    if lines:
        for text in texts:
            yield text + b"\n"
        return
    begun = False
    for text in texts:
        yield (b",\n" if begun else b"[") + text
        begun = True
    yield b"]\n" if begun else b"[]\n"


def csv_blocks(query: Query, delimiter: str, limit: int | None = None, null: str = "") -> Iterator[bytes]:
    """The rows as CSV (RFC 4180, with LF), the header first, in pieces that end at the end of a row.

    Bytes of text that are not UTF-8 are written as they are, and `null` where there is no value.
    """
    columns = query.columns or []
    yield _delimited([columns], delimiter)

    def write(rows: Rows) -> bytes:
        return _delimited(
            [[null if cell is None else _field(cell) for cell in row] for row in rows], delimiter
        )

    def make(rows: Rows, size: int) -> Iterator[bytes] | None:
        # A line of one empty field needs its quotes, which the fast way takes off.
        return _csv_texts(query, delimiter, limit, null, rows, size) if len(columns) > 1 else None

    yield from _either_way(query, limit, write, make)


def raw_blocks(query: Query, limit: int | None = None) -> Iterator[bytes]:
    """The rows as exact bytes: columns with tabs between, rows ended by newlines; a single value alone.

    Text is written as the bytes that it is stored in.
    """
    # Whether there is a second row says how the first is written.
    blocks = take_rows(query.fetch(bytes, Pace(BLOCK, 2)), limit)
    first = next(blocks, [])
    if len(first) == 1 and len(first[0]) == 1:
        yield _raw(first[0][0])
        first = []
    for rows in chain((first,), blocks):
        yield b"".join([b"\t".join(map(_raw, row)) + b"\n" for row in rows])


def _either_way(
    query: Query,
    limit: int | None,
    write: Callable[[Rows], bytes],
    make: Callable[[Rows, int], Iterator[bytes] | None],
) -> Iterator[bytes]:
    """The rows as text that `write` makes of some, or `make` of the first ones and the length of a row.

    The second runs the statement again, which has to pay: there are many rows, and they come quickly.
    """
    blocks = take_rows(query.fetch(pace=Pace(BLOCK)), limit)
    first: Rows = []
    for rows in blocks:
        first += rows
        if len(first) >= BLOCK or time.monotonic() - query.asked > _PATIENCE:
            break
    if not first:
        return
    text = write(first)
    if len(first) >= BLOCK and _can_wrap_in_subquery(query):
        texts = make(first, len(text) // len(first))
        if texts is not None:
            query.close()
            yield from texts
            return
    yield text
    for rows in blocks:
        yield write(rows)


def _raw(cell: Any) -> bytes:
    if cell is None:
        return b""
    return cell if isinstance(cell, bytes) else str(cell).encode()


def _object(keys: Sequence[str], row: Sequence[Any]) -> bytes:
    cells = [key + _json_cell(cell) for key, cell in zip(keys, row, strict=True)]
    text = "{" + ",".join(cells) + "}"
    return text.encode("utf-8", "backslashreplace")


def _json_cell(cell: Any) -> str:
    if isinstance(cell, bytes):
        from base64 import b64encode

        return f'{{"base64":"{b64encode(cell).decode()}"}}'
    if isinstance(cell, float):
        # JSON has no infinities; SQLite makes NULL of a NaN by itself.
        return repr(cell) if cell - cell == 0 else "null"
    if isinstance(cell, str) and not cell.isascii():
        # As text that is not UTF-8 arrives from sqlite3 here.
        cell = cell.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return _JSON(cell)


def _field(cell: Any) -> str:
    return f"x'{cell.hex().upper()}'" if isinstance(cell, bytes) else str(cell)


def _delimited(rows: Sequence[Sequence[str]], delimiter: str) -> bytes:
    return csv_text(rows, delimiter).encode("utf-8", "surrogateescape")


def _can_wrap_in_subquery(query: Query) -> bool:
    """Whether the statement can stand in another: a plain SELECT that nobody wants to see explained."""
    # json_object takes 127 arguments at most, SQLITE_MAX_FUNCTION_ARG.
    if query.db.narrator or not query.columns or len(query.columns) > 60:
        return False
    return query.sql.lstrip().lower().startswith(("select", "with", "values"))


def _wrap_in_query(query: Query, row: str) -> str:
    """Return the statement with another around it, which makes one text of each row."""
    # The names in the list make the columns different, whatever they are called; the newline ends a
    # comment at the end of the statement.
    sql = query.sql
    if re.search(_CALL, sql):
        # SQLite puts an expression wherever its column is named, and would work it out each time, to
        # another value if it is random(). An OFFSET keeps it from that.
        sql = f"SELECT * FROM (\n{sql}\n) LIMIT -1 OFFSET 0"  # noqa: S608 - the user's own
    head = f"WITH pynetdb_rows({', '.join(_cells(query))}) AS ("
    return "\n".join([head, sql, f") SELECT {row} FROM pynetdb_rows"])  # noqa: S608 - our own


def _cells(query: Query) -> list[str]:
    return [f"c{number}" for number in range(len(query.columns or []))]


def _texts(
    query: Query, sqls: Iterable[tuple[str, int]], limit: int | None
) -> tuple[Iterator[list[bytes]], bool] | None:
    """The texts that the first of some statements has that SQLite takes, which come in so many at most.

    And whether each is the text of several rows.
    """
    for sql, most in sqls:
        # What has a name that is no column, or rows that come from an INSERT, cannot be asked for so.
        with suppress(DatabaseError):
            cursor = query.run(sql)
            blocks = _fetch_texts(query, cursor, Pace(most, most), limit)
            return chain((next(blocks, []),), blocks), most < BLOCK
    return None


def _fetch_texts(
    query: Query, cursor: sqlite3.Cursor, pace: Pace, limit: int | None
) -> Iterator[list[bytes]]:
    left = limit
    while True:
        with pace, query.db.errors(), query.db.text_as(bytes):
            rows = [row[0] for row in cursor.fetchmany(pace.size)]
        if left is not None:
            rows = list(islice(rows, left))
            left -= len(rows)
        if not rows:
            break
        if sum(map(len, rows)) > _MAX_BYTES:
            pace.slow_down()
        yield rows


def _statements(
    query: Query, limit: int | None, size: int, make_row: Callable[[Sequence[str]], str], between: str
) -> Iterator[tuple[str, int]]:
    """The statements that have the rows as texts, the fastest first, and how many texts to ask for."""
    # Here and below: a result of a few rows does without.
    from pynetdb.db.sqlite.table_blocks import find_plain_table, in_blocks

    columns = query.columns or []
    if limit is None and (table := find_plain_table(query.db, query.sql, columns)):
        row = make_row([quote_identifier(column) for column in columns])
        rows = max(1, min(BLOCK // 4, _MAX_BLOCK // size))
        aggregate = f"group_concat({row}, {quote_text(between)})"
        yield in_blocks(*table, aggregate, rows), max(1, BLOCK // rows)
    yield _wrap_in_query(query, make_row(_cells(query))), BLOCK


def _provide(query: Query, name: str, function: Callable[[Any], str]) -> None:
    # It is there already, and SQLite does not replace one while a statement runs.
    with suppress(sqlite3.OperationalError):
        query.db.connection.create_function(name, 1, function, deterministic=True)


def _json_texts(
    query: Query, names: Sequence[str], between: bytes, limit: int | None, first: Rows, size: int
) -> Iterator[bytes] | None:
    from base64 import b64encode

    from pynetdb.db.sqlite.row_text import json_row

    def exact(cell: float) -> str:
        return repr(cell) if cell - cell == 0 else "null"

    def base64(cell: bytes) -> str:
        return b64encode(cell).decode()

    _provide(query, "pynetdb_json_real", exact)
    _provide(query, "pynetdb_base64", base64)
    make_row = partial(json_row, names, rows=first)
    found = _texts(query, _statements(query, limit, size, make_row, between.decode()), limit)
    return None if found is None else map(_valid_json, map(between.join, filter(None, found[0])))


def _valid_json(block: bytes) -> bytes:
    try:
        block.decode()
    except UnicodeDecodeError:
        return block.decode("utf-8", "pynetdb-json").encode()
    return block


def _csv_texts(
    query: Query, delimiter: str, limit: int | None, null: str, first: Rows, size: int
) -> Iterator[bytes] | None:
    from pynetdb.db.sqlite.convert_ahead import convert_ahead
    from pynetdb.db.sqlite.json_to_csv import CsvMaker
    from pynetdb.db.sqlite.row_text import Marks, csv_row
    from pynetdb.threads import count_processors

    _provide(query, "pynetdb_real", repr)
    marks = Marks(delimiter)
    make_row = partial(csv_row, marks=marks, rows=first, null=null)
    found = _texts(query, _statements(query, limit, size, make_row, "\n"), limit)
    if found is None:
        return None
    texts, several = found
    maker = CsvMaker(len(first[0]), delimiter, marks.used)

    def convert(block: list[bytes]) -> bytes:
        return maker.convert(b"\n".join(block) + b"\n")

    return convert_ahead(filter(None, texts), convert, count_processors() if several else 1)
