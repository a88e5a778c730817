"""Rows as JSON and CSV text, which SQLite builds itself where the result is large.

Python takes several microseconds to make a line of a row; SQLite's json_object and json_array take less
than one. The statement is wrapped in another that makes one text of each row. Where SQLite's own text
would not be exact (a REAL has 15 digits there before version 3.43) or possible (a BLOB), the text comes
from Python, cell by cell. For every other row it is a matter of whole blocks at the speed of C.
"""

import codecs
import json
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from pynetdb.db.sqlite.identifiers import quote_text
from pynetdb.db.sqlite.query import BLOCK, Query, take_rows
from pynetdb.rows.csv_writer import csv_text

_JSON = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


def _escaped_bytes(error: Any) -> tuple[str, int]:
    """Text in a database need not be UTF-8; in JSON its bytes are shown as `\\xff`, the backslash doubled."""
    return "".join(f"\\\\x{byte:02x}" for byte in error.object[error.start : error.end]), error.end


codecs.register_error("pynetdb-json", _escaped_bytes)


def unique_column_names(columns: Sequence[str]) -> list[str]:
    """Return the names with a number behind those that were there before: an object has each key once."""
    names: dict[str, None] = {}
    for column in columns:
        name, number = column, 1
        while name in names:
            number += 1
            name = f"{column}_{number}"
        names[name] = None
    return list(names)


def json_blocks(query: Query, lines: bool, limit: int | None = None) -> Iterator[bytes]:
    """The rows as an array of objects, or as an object a line, in pieces that end at the end of a row."""
    names = unique_column_names(query.columns or [])
    between = b"\n" if lines else b",\n"
    blocks = query.blocks(limit)
    first = next(blocks, [])
    if len(first) == BLOCK and _can_wrap_in_subquery(query):
        query.close()
        texts = _json_texts(query, names, between, limit)
    else:
        keys = [_JSON(name) + ":" for name in names]
        texts = (
            between.join([_object(keys, row) for row in rows]) for rows in chain((first,), blocks) if rows
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
    blocks = query.blocks(limit)
    first = next(blocks, [])
    # A line of one empty field needs its quotes, which the fast way takes off.
    if len(first) == BLOCK and len(columns) > 1 and _can_wrap_in_subquery(query):
        query.close()
        yield from _csv_texts(query, delimiter, limit, null)
        return
    for rows in chain((first,), blocks):
        if rows:
            yield _delimited(
                [[null if cell is None else _field(cell) for cell in row] for row in rows], delimiter
            )


def raw_blocks(query: Query, limit: int | None = None) -> Iterator[bytes]:
    """The rows as exact bytes: columns with tabs between, rows ended by newlines; a single value alone.

    Text is written as the bytes that it is stored in.
    """
    blocks = take_rows(query.fetch(bytes), limit)
    first = next(blocks, [])
    if len(first) == 1 and len(first[0]) == 1:
        yield _raw(first[0][0])
        first = []
    for rows in chain((first,), blocks):
        yield b"".join([b"\t".join(map(_raw, row)) + b"\n" for row in rows])


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


# A double that is a whole number of ten-thousandths below 1e11 has at most fifteen digits, which are
# exactly its shortest text: dividing by 1e4 is correctly rounded. Zero may be minus zero.
_SHORT_REAL = "round({0} * 1e4) / 1e4 = {0} AND {0} BETWEEN -1e11 AND 1e11 AND {0} <> 0"


def _wrap_in_query(query: Query, result: Callable[[Sequence[str]], str]) -> str:
    cells = [f"c{number}" for number in range(len(query.columns or []))]
    # The names in the list make the columns different, whatever they are called; the newline ends a
    # comment at the end of the statement.
    head = f"WITH pynetdb_rows({', '.join(cells)}) AS ("
    return "\n".join([head, query.sql, f") SELECT {result(cells)} FROM pynetdb_rows"])  # noqa: S608 - our own


def _texts(query: Query, sql: str, limit: int | None) -> Iterator[list[bytes]]:
    cursor = query.run(sql)
    left = limit
    while True:
        with query.db.errors(), query.db.text_as(bytes):
            rows = [row[0] for row in cursor.fetchmany(BLOCK)]
        if left is not None:
            rows = list(islice(rows, left))
            left -= len(rows)
        if not rows:
            break
        yield rows


def _json_texts(query: Query, names: Sequence[str], between: bytes, limit: int | None) -> Iterator[bytes]:
    from base64 import b64encode

    def exact(cell: float) -> str:
        return repr(cell) if cell - cell == 0 else "null"

    def base64(cell: bytes) -> str:
        return b64encode(cell).decode()

    connection = query.db.connection
    connection.create_function("pynetdb_real", 1, exact, deterministic=True)
    connection.create_function("pynetdb_base64", 1, base64, deterministic=True)

    def result(cells: Sequence[str]) -> str:
        pairs = []
        for name, cell in zip(names, cells, strict=True):
            short = _SHORT_REAL.format(cell)
            pairs.append(
                f"{quote_text(name)}, CASE typeof({cell}) WHEN 'text' THEN {cell} WHEN 'integer' THEN {cell} "
                f"WHEN 'null' THEN NULL WHEN 'blob' THEN json_object('base64', pynetdb_base64({cell})) "
                f"ELSE CASE WHEN {short} THEN {cell} ELSE json(pynetdb_real({cell})) END END"
            )
        return f"json_object({', '.join(pairs)})"

    for rows in _texts(query, _wrap_in_query(query, result), limit):
        block = between.join(rows)
        if not block.isascii():
            block = block.decode("utf-8", "pynetdb-json").encode()
        yield block


def _csv_texts(query: Query, delimiter: str, limit: int | None, null: str) -> Iterator[bytes]:
    query.db.connection.create_function("pynetdb_real", 1, repr, deterministic=True)
    missing = quote_text(null)

    def result(cells: Sequence[str]) -> str:
        texts = [
            f"CASE typeof({cell}) WHEN 'text' THEN {cell} WHEN 'integer' THEN {cell} "
            f"WHEN 'null' THEN {missing} WHEN 'blob' THEN 'x'''||hex({cell})||'''' "
            f"ELSE CASE WHEN {_SHORT_REAL.format(cell)} THEN {cell} ELSE pynetdb_real({cell}) END END"
            for cell in cells
        ]
        return f"json_array({', '.join(texts)})"

    commas = len(query.columns or []) - 1
    for rows in _texts(query, _wrap_in_query(query, result), limit):
        yield _csv_block(b"\n".join(rows) + b"\n", commas, delimiter)


def _csv_block(block: bytes, commas: int, delimiter: str) -> bytes:
    """Make CSV of JSON arrays, one a line, of which each has so many commas between its values.

    A field needs quotes if it holds a quote, a line end or a delimiter. The first two (and a tab) have a
    backslash in JSON, and a comma in a text is one too many in its row.
    """
    parts = []
    at = 0
    while (slash := block.find(b"\\", at)) >= 0:
        start = max(at, block.rfind(b"\n", at, slash) + 1)
        end = block.index(b"\n", slash) + 1
        parts.append(_csv_lines(block[at:start], commas, delimiter))
        parts.append(_csv_line_via_json(block[start:end], delimiter))
        at = end
    parts.append(_csv_lines(block[at:], commas, delimiter))
    return b"".join(parts)


def _csv_lines(block: bytes, commas: int, delimiter: str) -> bytes:
    if not block:
        return b""
    if block.count(b",") != commas * block.count(b"\n"):
        lines = block.splitlines(keepends=True)
        return b"".join(
            _csv_lines(line, commas, delimiter)
            if line.count(b",") == commas
            else _csv_line_via_json(line, delimiter)
            for line in lines
        )
    # No newline is in JSON text as itself, so `]\n[` is only where two rows meet.
    plain = block[1:-2].replace(b"]\n[", b"\n").translate(None, b'"') + b"\n"
    return plain if delimiter == "," else plain.replace(b",", delimiter.encode())


def _csv_line_via_json(line: bytes, delimiter: str) -> bytes:
    cells = json.loads(line.decode("utf-8", "surrogateescape"), parse_float=str, parse_int=str)
    return _delimited([cells], delimiter)
