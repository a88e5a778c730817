"""The SQL that makes one JSON text of a row: exact for any row, and cheap for rows like those seen first.

To ask each cell for its type costs more than to write it. So the first rows say what is to be expected of
a column, and one condition says of a row whether it is so; where it is not, each cell is asked.
"""

import math
import os
import re
from collections.abc import Sequence
from typing import Any

from pynetdb.db.sqlite.identifiers import quote_text

# A double that is a whole number of ten-thousandths below 1e11 has at most fifteen digits, which are
# exactly its shortest text: dividing by 1e4 is correctly rounded. Zero may be minus zero.
_SHORT_REAL = "{0} BETWEEN -1e11 AND 1e11 AND round({0} * 1e4) / 1e4 = {0} AND {0} <> 0"

# The same, of numbers that are greater than zero: it asks less.
_SHORT_POSITIVE = "{0} BETWEEN 1e-4 AND 1e11 AND round({0} * 1e4) / 1e4 = {0}"

# In SQLite's order numbers are less than texts, and texts less than BLOBs; no valid text is greater.
_TEXT = "{0} BETWEEN '' AND '\U0010ffff'"

_INTEGER = "typeof({0}) = 'integer'"

# Rows of a hundred from which on it pays to have SQLite look for a character in all of them.
_MANY = 0.05

_LETTERS = "abcdefgh"


class Marks:
    """What stands in a text for characters that JSON or CSV would write in another way.

    They hold a random number of 64 bits, which no data can know.
    """

    def __init__(self, delimiter: str) -> None:
        nonce = os.urandom(8).hex()
        self.delimiter = delimiter
        self.by_character = {
            character: nonce + letter for character, letter in zip('",\n\r\\[]\t', _LETTERS, strict=True)
        }
        self.used: dict[str, str] = {}

    def value(self, cell: str, characters: Sequence[str]) -> str:
        """Return SQL for a text that may hold these characters, with quotes where CSV needs them."""
        quote = quote_text(self._mark('"'))
        plain = full = cell
        needs = []
        for character in characters:
            mark = self._mark(character)
            if character in ('"', "\n", "\r", self.delimiter):
                needs.append(f"instr({cell}, {quote_text(character)})")
            else:
                plain = f"replace({plain}, {quote_text(character)}, {quote_text(mark)})"
            doubled = mark * 2 if character == '"' else mark
            full = f"replace({full}, {quote_text(character)}, {quote_text(doubled)})"
        if not needs:
            return plain
        return f"CASE WHEN {' OR '.join(needs)} THEN {quote}||{full}||{quote} ELSE {plain} END"

    def _mark(self, character: str) -> str:
        mark = self.by_character[character]
        self.used[mark] = character
        return mark


def json_row(names: Sequence[str], cells: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return SQL for the rows' JSON objects; `cells` is SQL for the cells, `rows` are the first ones.

    It wants the functions `pynetdb_json_real` and `pynetdb_base64`.
    """
    keys = [quote_text(name) for name in names]
    safe = [
        _careful(
            cell, "NULL", f"json_object('base64', pynetdb_base64({cell}))", f"json(pynetdb_json_real({cell}))"
        )
        for cell in cells
    ]
    checks, values = [], []
    for cell, careful, column in zip(cells, safe, zip(*rows, strict=True), strict=True):
        check = _check(cell, column)
        values.append(careful if check is None else cell)
        checks.append(check)

    def wrap(texts: Sequence[str]) -> str:
        pairs = [f"{key}, {text}" for key, text in zip(keys, texts, strict=True)]
        return f"json_object({', '.join(pairs)})"

    return _choose(checks, wrap(values), wrap(safe))


def csv_row(cells: Sequence[str], marks: Marks, rows: Sequence[Sequence[Any]], null: str) -> str:
    """Return SQL for the rows' cells as JSON arrays; `cells` is SQL for the cells, `rows` are the first ones.

    It wants the function `pynetdb_real`, and writes `null` where there is no value.
    """
    missing = quote_text(null)
    safe = [_careful(cell, missing, f"'x'''||hex({cell})||''''", f"pynetdb_real({cell})") for cell in cells]
    checks, values = [], []
    for cell, careful, column in zip(cells, safe, zip(*rows, strict=True), strict=True):
        check = _check(cell, column)
        value = cell
        if check is None:
            value = careful
        else:
            texts = [text for text in column if isinstance(text, str)]
            if frequent := _frequent(texts, len(column)):
                value = marks.value(cell, frequent)
            if any(text is None for text in column):
                value = f"ifnull({value}, {missing})"
        values.append(value)
        checks.append(check)
    return _choose(checks, f"json_array({', '.join(values)})", f"json_array({', '.join(safe)})")


def _careful(cell: str, missing: str, blob: str, real: str) -> str:
    """Return SQL for a cell of any type: what stands for NULL, a blob, a real that is not short."""
    return (
        f"CASE typeof({cell}) WHEN 'text' THEN {cell} WHEN 'integer' THEN {cell} "
        f"WHEN 'null' THEN {missing} WHEN 'blob' THEN {blob} "
        f"ELSE CASE WHEN {_SHORT_REAL.format(cell)} THEN {cell} ELSE {real} END END"
    )


def _choose(checks: Sequence[str | None], quick: str, careful: str) -> str:
    # Measured: it is quickest to ask first for texts, and last for what a function is asked.
    wanted = sorted(filter(None, checks), key=_order)
    return f"CASE WHEN {' AND '.join(wanted)} THEN {quick} ELSE {careful} END" if wanted else careful


def _order(check: str) -> int:
    return ("typeof(" in check) * 2 + ("round(" in check)


def _check(cell: str, column: Sequence[Any]) -> str | None:
    """Return on what condition a cell is what its column has, and exact as JSON; None where there is none."""
    types = set(map(type, column))
    some = types - {type(None)}
    if not some:
        return f"{cell} IS NULL"
    if some == {int}:
        check = _INTEGER.format(cell)
    elif some == {str}:
        check = _TEXT.format(cell)
    elif some <= {int, float} and _are_short([number for number in column if number is not None]):
        least = min(number for number in column if number is not None)
        check = (_SHORT_POSITIVE if least > 0 else _SHORT_REAL).format(cell)
    else:
        return None
    return check if some == types else f"({cell} IS NULL OR {check})"


def _are_short(numbers: Sequence[float]) -> bool:
    """Whether most numbers are written quickly, as `_SHORT_REAL` says."""
    short = sum(
        math.isfinite(number) and 0 < abs(number) <= 1e11 and round(number * 1e4) / 1e4 == number
        for number in numbers
    )
    return short > 0.8 * len(numbers)


def _frequent(texts: Sequence[str], rows: int) -> list[str]:
    """Which characters that are in the way are in many of the texts."""
    found = []
    for character in '"\\,\n\r[]\t':
        search = re.compile(re.escape(character)).search
        if sum(search(text) is not None for text in texts) > _MANY * rows:
            found.append(character)
    return found
