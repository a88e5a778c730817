"""Rows as JSON, CSV and raw text, made of what the server sends by COPY, a block at a time.

JSON of plain types is made here (`json_rows`), of others by the server (row_to_json). CSV is the text format
of COPY with other separators; only rows that have something special are taken apart.
"""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pynetdb.db.postgresql import json_rows
from pynetdb.db.postgresql.copy_text import decode_rows, unescape
from pynetdb.db.postgresql.types import BOOL, BYTEA, FLOAT4, FLOAT8, JSON, JSONB, NUMBERS, NUMERIC
from pynetdb.rows.csv_writer import csv_text
from pynetdb.rows.names import unique_names

if TYPE_CHECKING:
    from pynetdb.db.postgresql.query import Query

_JSON = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode

Cells = Sequence[bytes | None]


def json_blocks(query: "Query", lines: bool, limit: int | None = None) -> Iterator[bytes]:
    """The rows as an array of objects, or as an object a line, in pieces that end at the end of a row."""
    texts = _json_lines(query, limit)
    if lines:
        yield from texts
        return
    begun = False
    for text in texts:
        # No newline is in JSON text as itself, so each one is where two rows meet.
        yield (b",\n" if begun else b"[") + text[:-1].replace(b"\n", b",\n")
        begun = True
    yield b"]\n" if begun else b"[]\n"


def _json_lines(query: "Query", limit: int | None) -> Iterator[bytes]:
    if not query.wrappable:
        keys = [_JSON(name) + ":" for name in unique_names(query.columns or [])]
        for rows in query.texts(limit):
            yield "".join([_object(keys, query.types, row) for row in rows]).encode(
                "utf-8", "backslashreplace"
            )
        return
    if json_rows.fits(query.types) and not query.parameters:
        yield from map(
            json_rows.json_maker(unique_names(query.columns or []), query.types),
            query.copied(None, limit, eager=True),
        )
        return
    sql = query.wrap_named(_expressions(query.types), limit)
    # A value of the type `json` is as it was written, which may be over several lines.
    loose = JSON in query.types
    if query.parameters:
        for rows in query.streamed(sql, limit):
            yield b"".join([_one_line(row[0] or b"", loose) + b"\n" for row in rows])
        return
    for block in query.copied(sql, limit, eager=True):
        if b"\\" in block:
            # In JSON nothing but a backslash is special to COPY, unless somebody else has written it.
            block = block.replace(b"\\\\", b"\\") if not loose else _loose_lines(block)
        yield block


def _loose_lines(block: bytes) -> bytes:
    return b"".join([_one_line(unescape(line), True) + b"\n" for line in block.split(b"\n")[:-1]])


def _one_line(text: bytes, loose: bool) -> bytes:
    # Between the values of JSON a newline means nothing, and inside of one there is none.
    return text.replace(b"\r", b" ").replace(b"\n", b" ").replace(b"\t", b" ") if loose else text


def _expressions(types: Sequence[int]) -> dict[int, str]:
    """What becomes of columns whose text in JSON would be another one than ours."""
    found = {}
    for number, kind in enumerate(types):
        cell = f"c{number + 1}"
        if kind in (FLOAT4, FLOAT8, NUMERIC):
            # JSON has no infinities, and none of them minus itself is nothing.
            found[number] = f"CASE WHEN {cell} - {cell} = 0 THEN {cell} END"
        elif kind == BYTEA:
            found[number] = (
                '(\'{"base64":"\' || pg_catalog.translate(pg_catalog.encode('
                f"{cell}, 'base64'), E'\\n', '') || '\"}}')::pg_catalog.json"
            )
    return found


def _object(keys: Sequence[str], types: Sequence[int], row: Cells) -> str:
    cells = [key + _json_cell(cell, kind) for key, kind, cell in zip(keys, types, row, strict=True)]
    return "{" + ",".join(cells) + "}\n"


def _json_cell(cell: bytes | None, kind: int) -> str:
    if cell is None:
        return "null"
    text = cell.decode("utf-8", "surrogateescape")
    if kind in NUMBERS:
        return "null" if text.strip("-") in ("NaN", "Infinity") else text
    if kind in (JSON, JSONB):
        return _one_line(cell, True).decode("utf-8", "surrogateescape")
    if kind == BOOL:
        return "true" if text == "t" else "false"
    if kind == BYTEA:
        return f'{{"base64":"{b64encode(bytes.fromhex(text[2:])).decode()}"}}'
    return _JSON(text)


def csv_blocks(query: "Query", delimiter: str, limit: int | None = None, null: str = "") -> Iterator[bytes]:
    """The rows as CSV (RFC 4180, with LF), the header first, in pieces that end at the end of a row."""
    yield _delimited([query.columns or []], delimiter)
    blobs = [number for number, kind in enumerate(query.types) if kind == BYTEA]
    if not query.wrappable or query.parameters:
        for rows in query.texts(limit):
            yield _rows_as_csv(rows, blobs, delimiter, null)
        return
    make_csv = _csv_maker(len(query.columns or []), blobs, delimiter, null)
    yield from map(make_csv, query.copied(None, limit, eager=True))


def _csv_maker(width: int, blobs: Sequence[int], delimiter: str, null: str) -> Callable[[bytes], bytes]:
    """Return what makes CSV of a block of lines of COPY: of all at once where nothing in them is special."""
    comma, nothing = delimiter.encode(), null.encode("utf-8", "surrogateescape")
    plain = csv_text([[null, ""]], delimiter) == f"{null}{delimiter}\n"
    null_is_plain = plain and "\\" not in null and "\t" not in null
    special = [b'"', b"\\", comma] if comma != b"\t" else [b'"', b"\\"]
    find_special = re.compile(b"|".join(map(re.escape, special))).search

    def make_csv(block: bytes) -> bytes:
        if width == 1:  # An empty line would be no row.
            return _rows_as_csv(decode_rows(block), blobs, delimiter, null)
        if null_is_plain and b"\\" in block:
            # The second of two backslashes is one of a text, and the first one is left.
            without_nulls = block.replace(b"\\N", nothing)
            block = block if b"\\" in without_nulls else without_nulls
        if not any([byte in block for byte in special]):  # noqa: C419 - a list is faster
            return block.replace(b"\t", comma)
        parts = []
        begin = end = 0
        # Lines with something special are taken apart, those between them are not.
        while (found := find_special(block, end)) is not None:
            line = block.rfind(b"\n", end, found.start()) + 1 or end
            if line > end:
                parts.append(_rows_as_csv(decode_rows(block[begin:end]), blobs, delimiter, null))
                parts.append(block[end:line].replace(b"\t", comma))
                begin = line
            end = block.index(b"\n", found.end()) + 1
        parts.append(_rows_as_csv(decode_rows(block[begin:end]), blobs, delimiter, null))
        parts.append(block[end:].replace(b"\t", comma))
        return b"".join(parts)

    return make_csv


def _rows_as_csv(rows: Sequence[Cells], blobs: Sequence[int], delimiter: str, null: str) -> bytes:
    texts = []
    for row in rows:
        cells = [null if cell is None else cell.decode("utf-8", "surrogateescape") for cell in row]
        for number in blobs:
            if row[number] is not None:
                cells[number] = f"x'{cells[number][2:].upper()}'"
        texts.append(cells)
    return _delimited(texts, delimiter)


def _delimited(rows: Sequence[Sequence[str]], delimiter: str) -> bytes:
    return csv_text(rows, delimiter).encode("utf-8", "surrogateescape")


def raw_blocks(query: "Query", limit: int | None = None) -> Iterator[bytes]:
    """The rows as exact bytes: columns with tabs between, rows ended by newlines; a single value alone."""
    blobs = [number for number, kind in enumerate(query.types) if kind == BYTEA]
    held: list[list[Any]] = []
    alone = True
    for rows in query.texts(limit):
        made = [_raw(row, blobs) for row in rows]
        if alone and not held and len(made) == 1 and len(made[0]) == 1:
            held = made
            continue
        alone = False
        yield b"".join([b"\t".join(row) + b"\n" for row in [*held, *made]])
        held = []
    if held:
        yield held[0][0]


def _raw(row: Cells, blobs: Sequence[int]) -> list[bytes]:
    cells = [cell or b"" for cell in row]
    for number in blobs:
        cells[number] = bytes.fromhex(cells[number][2:].decode())
    return cells
