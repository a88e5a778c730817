"""Lines of a table whose cells need nothing but padding, by one format for all columns of a row."""

from collections.abc import Sequence
from types import NoneType
from typing import Any

# C0 without newline, and DEL.
CONTROLS = bytes(byte for byte in (*range(32), 127) if byte != 10)


def pad_rows(
    rows: Sequence[Sequence[Any]], widths: Sequence[int], rights: Sequence[bool], null: str
) -> str | None:
    """Return rows as lines, each cell as wide as its column and two blanks between them.

    None unless all texts are printable ASCII and fit, in bytearrays or all in str; widths are characters.
    """
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    kinds = [set(map(type, column)) for column in columns]
    text: type = bytearray if bytearray in set().union(*kinds) else str
    nothing, number = (null, "%a") if text is str else (null.encode(), b"%a")
    formats = []
    for place, (column, types) in enumerate(zip(columns, kinds, strict=True)):
        if NoneType in types:
            types.discard(NoneType)
            column = [nothing if cell is None else cell for cell in column]
            if types <= {int, float}:
                column = [cell if cell is nothing else number % cell for cell in column]
                types = {text}
            columns[place] = column
        if types == {text}:
            sign = "s"
        elif types <= {int, float}:
            sign = "a"
        else:
            return None
        formats.append(f"%{'' if rights[place] else '-'}{widths[place]}{sign}")
    size = (sum(widths) + 2 * (len(widths) - 1) + 1) * len(rows)
    last = columns[-1]
    if not rights[-1]:
        if sign == "a":
            return None
        # No line ends in blanks.
        formats[-1] = "%s"
        size += sum(map(len, last)) - widths[-1] * len(rows)
    drawn = _draw("  ".join(formats) + "\n", columns, text)
    # Whatever is wider than its column, or more than one line, makes it longer than that.
    if len(drawn) != size or not drawn.isascii() or drawn.count(b"\n") != len(rows):
        return None
    if len(drawn.translate(None, CONTROLS)) != size:
        return None
    if text() in last:
        drawn = b"".join([line.rstrip(b" ") + b"\n" for line in drawn.split(b"\n")[:-1]])
    return drawn.decode("ascii")


def _draw(row_format: str, columns: Sequence[Sequence[Any]], text: type) -> bytes:
    rows = zip(*columns, strict=True)
    if text is str:
        return "".join([row_format % row for row in rows]).encode("utf-8", "surrogatepass")
    encoded = row_format.encode()
    return b"".join([encoded % row for row in rows])
