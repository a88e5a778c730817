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

    None unless every text is a bytearray of printable ASCII and fits; widths and `null` are characters.
    """
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    formats = []
    nothing = null.encode()
    for number, column in enumerate(columns):
        types = set(map(type, column))
        if NoneType in types:
            types.discard(NoneType)
            column = [nothing if cell is None else cell for cell in column]
            if types <= {int, float}:
                column = [cell if cell is nothing else b"%a" % cell for cell in column]
                types = {bytearray}
            columns[number] = column
        if types == {bytearray}:
            sign = "s"
        elif types <= {int, float}:
            sign = "a"
        else:
            return None
        formats.append(f"%{'' if rights[number] else '-'}{widths[number]}{sign}")
    room = sum(widths) + 2 * (len(widths) - 1)
    last, size = columns[-1], room * len(rows)
    if not rights[-1]:
        if sign == "a":
            return None
        # No line ends in blanks.
        formats[-1] = "%s"
        size += sum(map(len, last)) - widths[-1] * len(rows)
    row_format = "  ".join(formats).encode() + b"\n"
    drawn = b"".join([row_format % row for row in zip(*columns, strict=True)])
    # Whatever was wider than its column, or more than one line, made it longer than that.
    if len(drawn) != size + len(rows) or not drawn.isascii() or drawn.count(b"\n") != len(rows):
        return None
    if len(drawn.translate(None, CONTROLS)) != len(drawn):
        return None
    if b"" in last:
        drawn = b"".join([line.rstrip(b" ") + b"\n" for line in drawn.split(b"\n")[:-1]])
    return drawn.decode("ascii")
