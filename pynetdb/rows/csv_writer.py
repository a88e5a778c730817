"""CSV, written (RFC 4180, with LF).

Python's own writer leaves a lone carriage return without quotes before version 3.13 (its line terminator
alone decides what needs them), and what it wrote then cannot be read back.
"""

import re
from collections.abc import Iterable, Sequence


def csv_text(rows: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    """Return rows as lines. Only fields that need quotes have them; so does the empty one of a row of one."""
    return "".join(csv_lines(rows, delimiter))


def csv_lines(rows: Iterable[Sequence[str]], delimiter: str = ",") -> list[str]:
    """Return each row as `csv_text` writes it, with its newline."""
    needs_quotes = re.compile(f'[{re.escape(delimiter)}"\r\n]').search
    lines = []
    for row in rows:
        cells = ['"' + cell.replace('"', '""') + '"' if needs_quotes(cell) else cell for cell in row]
        lines.append(f"{delimiter.join(cells)}\n" if cells != [""] else '""\n')
    return lines
