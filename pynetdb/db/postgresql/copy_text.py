"""Rows in the text format of COPY: a line a row, tabs between columns, a backslash before what is special.

https://www.postgresql.org/docs/current/sql-copy.html, "Text Format"
"""

import re
from collections.abc import Sequence
from typing import Any

_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_NULL = r"\N"


def encode_rows(cells: Sequence[Any], width: int) -> bytes:
    """Return rows, given as a flat list of their cells, as lines. Raises UnicodeEncodeError.

    A NUL stays in it, which the server cannot take; `find_unfit` finds its row.
    """
    nulls = blobs = 0
    try:
        # What is read from CSV is nothing but text.
        data = _join([cells[number::width] for number in range(width)])
    except TypeError:
        columns: list[Sequence[str]] = []
        for number in range(width):
            column = cells[number::width]
            types = set(map(type, column))
            if types <= {int, float}:
                columns.append(list(map(repr, column)))
            elif types == {str}:
                columns.append(column)
            else:
                nulls += column.count(None)
                blobs += bytes in types
                columns.append([cell if type(cell) is str else _text(cell) for cell in column])
        data = _join(columns)
    # As many separators as there must be, and a backslash for each NULL: then nothing was special.
    rows = len(cells) // width
    if (
        data.count(b"\n") == rows
        and data.count(b"\t") == rows * (width - 1)
        and data.count(b"\\") == nulls
        and b"\r" not in data
        and not blobs
    ):
        return data
    return _join([list(map(_escape, cells[number::width])) for number in range(width)])


def _join(columns: Sequence[Sequence[str]]) -> bytes:
    lines = columns[0] if len(columns) == 1 else map("\t".join, zip(*columns, strict=True))
    return ("\n".join(lines) + "\n").encode()


def _text(cell: Any) -> str:
    if cell is None:
        return _NULL
    return (
        rf"\x{cell.hex()}" if isinstance(cell, bytes) else str(cell) if isinstance(cell, str) else repr(cell)
    )


def _escape(cell: Any) -> str:
    if cell is None:
        return _NULL
    return (cell if type(cell) is str else _text(cell)).translate(_ESCAPES)


def find_unfit(cells: Sequence[Any], width: int) -> tuple[int, str] | None:
    """Return the first row with a text that PostgreSQL cannot hold, and why; None if there is none."""
    for number, cell in enumerate(cells):
        if not isinstance(cell, str):
            continue
        if "\0" in cell:
            return number // width, "a text with a NUL, which PostgreSQL cannot hold"
        try:
            cell.encode()
        except UnicodeEncodeError:
            return number // width, "text that is not Unicode"
    return None


_SEQUENCE = re.compile(rb"\\(.)", re.DOTALL)
_MEANINGS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


def _meaning(match: "re.Match[bytes]") -> bytes:
    return _MEANINGS.get(match[1], match[1])


def unescape(data: bytes) -> bytes:
    """Return what a text stands for; several of them at once, if what separates them is told apart after."""
    return _SEQUENCE.sub(_meaning, data) if b"\\" in data else data


def decode_row(line: bytes) -> list[bytes | None]:
    """Return the cells of a line; None for NULL."""
    return [None if cell == b"\\N" else unescape(cell) for cell in line.split(b"\t")]


def decode_rows(block: bytes) -> list[Sequence[bytes | None]]:
    """Return the cells of each line of a block."""
    lines = block.split(b"\n")
    lines.pop()
    if b"\\" not in block:
        return [line.split(b"\t") for line in lines]
    return [decode_row(line) if b"\\" in line else line.split(b"\t") for line in lines]


def has_only_nulls(block: bytes) -> bool:
    """Whether there are NULLs in lines, and beside them nothing that is escaped.

    A backslash of a text is doubled, so that the first of them is before no N.
    """
    return b"\\" in block and block.count(b"\\") == block.count(b"\\N")
