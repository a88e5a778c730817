"""Rows as a table for people, or for Markdown; which alone imports tabulate."""

from collections.abc import Iterable, Iterator, Sequence
from types import NoneType
from typing import Any, NamedTuple

from pynetdb.results.plain_rows import CONTROLS, pad_rows
from pynetdb.terminal import decoded, safe_line
from pynetdb.text_width import cut_text, text_width

Row = Sequence[Any]
"""Text is str, or a bytearray where nobody has decoded it yet; bytes are bytes."""


class TableStyle(NamedTuple):
    """How a table looks."""

    markdown: bool = False
    null: str = ""
    """What stands where there is no value."""
    dim: bool = False
    """Whether that is shown dim, which a text that is the same is not."""
    max_cell: int | None = None
    """Columns of a terminal that a cell may take; what is longer is cut, with `…`."""

    @property
    def tabulate_name(self) -> str:
        return "pipe" if self.markdown else "simple"

    @property
    def is_simple(self) -> bool:
        """Whether a cell of plain text is nothing but its text and blanks."""
        return not self.markdown and self.max_cell is None and not (self.dim and self.null)

    def cell(self, value: Any) -> str:
        """Return a value as it stands in a cell: one line, safe for a terminal."""
        if value is None:
            return Null(self.null)
        text = safe_line(_text(value))
        if self.max_cell is not None:
            text = cut_text(text, self.max_cell)
        return text.replace("|", "\\|") if self.markdown else text

    def shade(self, text: str) -> str:
        """Return a cell as it is written, its width being what it was."""
        return f"\x1b[2m{text}\x1b[0m" if self.dim and text and isinstance(text, Null) else text

    def row(self, cells: Sequence[str]) -> str:
        """Return a line of the table."""
        return f"| {' | '.join(cells)} |\n" if self.markdown else "  ".join(cells) + "\n"


class Null(str):
    """What stands in a cell without a value."""

    __slots__ = ()


def drawn(
    style: TableStyle, columns: Sequence[str], rows: Sequence[Row], numbers: Sequence[bool] | None = None
) -> str:
    """Return a whole table, by tabulate. Numbers are to the right, missing values are blank."""
    from tabulate import tabulate

    cells = [[style.shade(style.cell(cell)) for cell in row] for row in rows]
    headers = [style.cell(column) for column in columns]
    sides = ["right" if right else "left" for right in numbers or _numbers(columns, rows)]
    more = {"colalign": sides} if cells else {}
    text: str = tabulate(cells, headers, tablefmt=style.tabulate_name, disable_numparse=True, **more)
    return text


def streamed(
    style: TableStyle,
    columns: Sequence[str],
    blocks: Iterable[Sequence[Row]],
    numbers: Sequence[bool] | None = None,
) -> Iterator[str]:
    """Draw a table block by block, in the look of `drawn`; one without rows is its header.

    Columns are as wide as what has come so far; a later block may make them wider from there on. Blanks
    at the ends of a cell are kept, which tabulate takes away.
    """
    headers = [style.cell(column) for column in columns]
    # So much more than its header does a column get from tabulate.
    widths = [text_width(header) + 2 for header in headers]
    rights: list[bool] | None = None
    simple = style.is_simple and _is_plain(style.null)
    for rows in blocks:
        if not rows:
            continue
        begins = rights is None
        if rights is not None and simple:
            text = pad_rows(rows, widths, rights, style.null)
            if text is not None:
                yield text
                continue
        if rights is None:
            rights = list(numbers or _numbers(columns, rows))
        cells = []
        formats = []
        for number, column in enumerate(zip(*rows, strict=True)):
            texts, plain = _texts(style, column)
            widest = max(map(len, texts)) if plain else max(map(text_width, texts))
            widths[number] = max(widths[number], widest)
            if plain:
                cells.append(texts)
                formats.append(f"%{'' if rights[number] else '-'}{widths[number]}s")
            else:
                cells.append([_padded(style, text, widths[number], rights[number]) for text in texts])
                formats.append("%s")
        ends_blank = not style.markdown and not (plain and "" not in cells[-1])
        if plain and not rights[-1] and not style.markdown:
            formats[-1] = "%s"
        row_format = style.row(formats)
        if begins:
            yield _head(style, headers, widths, rights)
        lines = [row_format % row for row in zip(*cells, strict=True)]
        # As in `drawn`, no line ends in blanks.
        yield "".join([line.rstrip(" \n") + "\n" for line in lines] if ends_blank else lines)
    if rights is None:
        yield _head(style, headers, widths, [False] * len(headers))


def _text(cell: Any) -> str:
    if isinstance(cell, bytes):
        return f"x'{cell.hex().upper()}'"
    return decoded(bytes(cell)) if isinstance(cell, bytearray) else str(cell)


def _texts(style: TableStyle, column: Sequence[Any]) -> tuple[list[str], bool]:
    """Return a column as texts, and whether each is as wide as it has characters."""
    types = set(map(type, column))
    plain = not style.markdown and style.max_cell is None
    cells = column
    if NoneType in types and style.is_simple and _is_plain(style.null):
        types.discard(NoneType)
        if types <= {int, float}:
            return [style.null if cell is None else repr(cell) for cell in column], True
        nothing = style.null.encode() if types == {bytearray} else style.null
        cells = [nothing if cell is None else cell for cell in column]
    if types <= {int, float}:
        return list(map(repr, cells)), True
    if types == {str} and plain and _is_plain("".join(cells)):
        return list(cells), True
    if types == {bytearray} and plain:
        # All at once, if it is plain text: ASCII without control characters, and no newline inside.
        joined = b"\n".join(cells)
        if joined.isascii() and len(joined.translate(None, CONTROLS)) == len(joined):
            texts = joined.decode().split("\n")
            if len(texts) == len(cells):
                return texts, True
    return list(map(style.cell, column)), False


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


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
    cells = [
        _padded(style, text, width, right) for text, width, right in zip(headers, widths, rights, strict=True)
    ]
    if not style.markdown:
        return style.row(cells).rstrip(" \n") + "\n" + style.row(["-" * width for width in widths])
    rules = [
        "-" * (width + 1) + ":" if right else ":" + "-" * (width + 1)
        for width, right in zip(widths, rights, strict=True)
    ]
    return style.row(cells) + f"|{'|'.join(rules)}|\n"


def _padded(style: TableStyle, text: str, width: int, right: bool) -> str:
    space = " " * max(0, width - text_width(text))
    shown = style.shade(text)
    return space + shown if right else shown + space


def measure(style: TableStyle, columns: Sequence[str], rows: Sequence[Row]) -> int:
    """Return how wide a table is drawn."""
    widths = [text_width(style.cell(column)) + 2 for column in columns]
    for number, column in enumerate(zip(*rows, strict=True)):
        widths[number] = max(widths[number], *map(text_width, _texts(style, column)[0]))
    return sum(widths) + 2 * (len(widths) - 1)


def vertical(style: TableStyle, columns: Sequence[str], blocks: Iterable[Sequence[Row]]) -> Iterator[str]:
    """Draw each row as lines of a column's name and its value, with a line before it that counts the rows."""
    names = [style.cell(column) for column in columns]
    width = max(map(text_width, names), default=0)
    padded = [_padded(style, name, width, right=False) for name in names]
    number = 0
    for rows in blocks:
        lines = []
        for row in rows:
            number += 1
            lines.append(f"-- row {number} --\n")
            for name, value in zip(padded, row, strict=True):
                lines.append(f"{name}  {style.shade(style.cell(value))}".rstrip() + "\n")
        yield "".join(lines)
