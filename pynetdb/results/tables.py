"""Rows as a table for people, or for Markdown; the only importer of tabulate."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from pynetdb.terminal import decoded, safe_line

Row = Sequence[Any]
"""Text is str, or a bytearray where nobody has decoded it yet; bytes are bytes."""

# C0 without newline, and DEL.
_CONTROLS = bytes(byte for byte in (*range(32), 127) if byte != 10)


class TableStyle(NamedTuple):
    """How a table looks."""

    markdown: bool = False

    @property
    def tabulate_name(self) -> str:
        return "pipe" if self.markdown else "simple"

    def cell(self, text: str) -> str:
        """Return a text as it stands in a cell: one line, safe for a terminal."""
        text = safe_line(text)
        return text.replace("|", "\\|") if self.markdown else text

    def row(self, cells: Sequence[str]) -> str:
        """Return a line of the table."""
        return f"| {' | '.join(cells)} |\n" if self.markdown else "  ".join(cells) + "\n"


def drawn(style: TableStyle, columns: Sequence[str], rows: Sequence[Row]) -> str:
    """Return a whole table, by tabulate. Numbers are to the right, missing values are blank."""
    from tabulate import tabulate

    cells = [["" if cell is None else style.cell(_text(cell)) for cell in row] for row in rows]
    headers = [style.cell(column) for column in columns]
    sides = ["right" if right else "left" for right in _numbers(columns, rows)]
    more = {"colalign": sides} if cells else {}
    text: str = tabulate(cells, headers, tablefmt=style.tabulate_name, disable_numparse=True, **more)
    return text


def streamed(style: TableStyle, columns: Sequence[str], blocks: Iterable[Sequence[Row]]) -> Iterator[str]:
    """Draw a table block by block, in the look of `drawn`.

    Columns are as wide as what has come so far; a later block may make them wider from there on.
    """
    headers = [style.cell(column) for column in columns]
    # So much more than its header does a column get from tabulate.
    widths = [_width(header) + 2 for header in headers]
    rights: list[bool] | None = None
    for rows in blocks:
        if not rows:
            continue
        begins = rights is None
        if rights is None:
            rights = _numbers(columns, rows)
        cells = []
        formats = []
        for number, column in enumerate(zip(*rows, strict=True)):
            texts, plain = _texts(style, column)
            widest = max(map(len, texts)) if plain else max(map(_width, texts))
            widths[number] = max(widths[number], widest)
            if plain:
                cells.append(texts)
                formats.append(f"%{'' if rights[number] else '-'}{widths[number]}s")
            else:
                cells.append([_padded(text, widths[number], rights[number]) for text in texts])
                formats.append("%s")
        row_format = style.row(formats)
        if begins:
            yield _head(style, headers, widths, rights)
        yield "".join([row_format % row for row in zip(*cells, strict=True)])


def _text(cell: Any) -> str:
    if isinstance(cell, bytes):
        return f"x'{cell.hex().upper()}'"
    return decoded(bytes(cell)) if isinstance(cell, bytearray) else str(cell)


def _texts(style: TableStyle, column: Sequence[Any]) -> tuple[list[str], bool]:
    """Return a column as texts, and whether each is as wide as it has characters."""
    types = set(map(type, column))
    if types <= {int, float}:
        return list(map(repr, column)), True
    if types == {bytearray} and not style.markdown:
        # All at once, if it is plain text: ASCII without control characters, and no newline inside.
        joined = b"\n".join(column)
        if joined.isascii() and len(joined.translate(None, _CONTROLS)) == len(joined):
            texts = joined.decode().split("\n")
            if len(texts) == len(column):
                return texts, True
    return ["" if cell is None else style.cell(_text(cell)) for cell in column], False


def _numbers(columns: Sequence[str], rows: Sequence[Row]) -> list[bool]:
    """Which columns hold nothing but numbers and missing values."""
    if not rows:
        return [False] * len(columns)
    found = []
    for column in zip(*rows, strict=True):
        types = set(map(type, column)) - {type(None)}
        found.append(bool(types) and types <= {int, float})
    return found


def _head(style: TableStyle, headers: Sequence[str], widths: Sequence[int], rights: Sequence[bool]) -> str:
    cells = [_padded(text, width, right) for text, width, right in zip(headers, widths, rights, strict=True)]
    if not style.markdown:
        return style.row(cells) + style.row(["-" * width for width in widths])
    rules = [
        "-" * (width + 1) + ":" if right else ":" + "-" * (width + 1)
        for width, right in zip(widths, rights, strict=True)
    ]
    return style.row(cells) + f"|{'|'.join(rules)}|\n"


def _padded(text: str, width: int, right: bool) -> str:
    space = " " * max(0, width - _width(text))
    return space + text if right else text + space


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes (Unicode TR 11; combining marks take none)."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )
