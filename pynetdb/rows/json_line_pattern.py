"""Lines of JSON that are all written alike, taken apart by one pattern and not by a parser.

Programs write JSON lines with the same keys in the same order. What differs are the values, and where they
go on as text a number need not become one in between: it stays what is written, if that is what would be
written again. To take a line apart then costs half of what a parser does.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

from pynetdb.rows.json_places import Row
from pynetdb.rows.json_types import LONG, ValueRule
from pynetdb.rows.text_types import EMPTY, INTEGER, REAL, TEXT

# RFC 8259 section 7: control characters are escaped.
_CHARACTERS = r'[^"\\\x00-\x1f]*+'
_STRING = rf"{_CHARACTERS}(?:\\.{_CHARACTERS})*+"
# Integers that are exactly doubles for certain, and those that 64 bits hold. A zero has no minus.
_SHORT_INTEGER = "0|-?+[1-9][0-9]{0,14}+|-?+[1-8][0-9]{15}+"
_LONG_INTEGER = "0|-?+[1-9][0-9]{0,17}+|-?+[1-8][0-9]{18}+"
# A double gives back fifteen digits as they were written, and Python writes no small number so.
_REAL = r"-?+(?![0-9.]{17})(?!0\.0000)(?:0|[1-9][0-9]*+)\.(?:[0-9]*[1-9]|0)"
_SEPARATORS = ((", ", ": "), (",", ":"), (",", ": "))
_CONSTANTS = {"true": "1", "false": "0", "null": None}

# Of more columns a parser is as fast.
MAX_COLUMNS = 250

Sorts = frozenset[type | str]
"""What the values of a column are: their types, and LONG where integers are beyond a double."""


class WrittenRows(NamedTuple):
    """The cells of rows that stand in lines, in which a number is its text."""

    keys: Sequence[str]
    """The names of the columns, in the order of the cells."""
    cells: list[Any]
    kinds: Sequence[str]
    """What the cells of each column would be."""


class LinePattern:
    """The pattern of lines with these keys, whose values are of these sorts.

    `separators` are what stands between pairs and within them, `written` are the keys as they are written.
    """

    def __init__(
        self, columns: Mapping[str, Sorts], separators: tuple[str, str], written: Sequence[str]
    ) -> None:
        between, within = separators
        self._keys = list(columns)
        self._width = len(columns)
        values = [_describe_column(sorts) for sorts in columns.values()]
        self._kinds = [kind for kind, _, _ in values]
        self._finish = [(number, finish) for number, (_, _, finish) in enumerate(values) if finish]
        self._texts = [number for number, sorts in enumerate(columns.values()) if str in sorts]
        pairs = (re.escape(key + within) + value for key, (_, value, _) in zip(written, values, strict=True))
        self._text = r"^\{" + re.escape(between).join(pairs) + r"\}\r?$"

    @cached_property
    def _line(self) -> "re.Pattern[str]":
        # Not before there is a second block: to compile it takes as long as some thousand rows.
        return re.compile(self._text, re.MULTILINE)

    def read(self, block: str, lines: int) -> WrittenRows | None:
        """Return the rows of a block of so many lines; None if not all of them are as the pattern says."""
        found = self._line.findall(block)
        if len(found) != lines:
            return None
        cells: list[Any] = found if self._width == 1 else list(chain.from_iterable(found))
        width = self._width
        for number, finish in self._finish:
            cells[number::width] = finish(cells[number::width])
        try:
            for number in self._texts if "\\" in block else ():
                cells[number::width] = _unescape(cells[number::width])
        except ValueError:
            return None
        return WrittenRows(self._keys, cells, self._kinds)


def find_pattern(
    first: str, rows: Sequence[Row], known: Mapping[str, Sorts]
) -> tuple[dict[str, Sorts], LinePattern] | None:
    """Return the sorts of the columns of rows, and the pattern of their lines, of which the first is given.

    `known` are the sorts of columns in rows before. None if there is no pattern.
    """
    keys = list(rows[0])
    if not 1 <= len(keys) <= MAX_COLUMNS or any(len(row) != len(keys) for row in rows):
        return None
    try:
        columns = {key: _sort_out([row[key] for row in rows]) | known.get(key, set()) for key in keys}
    except KeyError:
        return None
    if not all(map(_has_pattern, columns.values())):
        return None
    style = _find_style(first, keys)
    return None if style is None else ({**known, **columns}, LinePattern(columns, *style))


def _sort_out(column: Sequence[Any]) -> Sorts:
    sorts: set[type | str] = set(map(type, column))
    if sorts <= {int, type(None)} and ValueRule.infer(list(column))[0] == LONG:
        sorts.add(LONG)
    return frozenset(sorts)


def _has_pattern(sorts: Sorts) -> bool:
    sorts -= {type(None)}
    # Of a mixture of reals and long integers not all could be kept exactly.
    return sorts <= {int, float} or sorts <= {int, LONG} or (len(sorts) == 1 and sorts <= {str, bool})


def _find_style(line: str, keys: Sequence[str]) -> tuple[tuple[str, str], list[str]] | None:
    for ascii_only in (False, True):
        written = [json.dumps(key, ensure_ascii=ascii_only) for key in keys]
        for between, within in _SEPARATORS:
            begins = [("{" if number == 0 else between) + key + within for number, key in enumerate(written)]
            if all(begin in line for begin in begins):
                return (between, within), written
    return None


def _describe_column(sorts: Sorts) -> tuple[str, str, Callable[[list[Any]], list[Any]] | None]:
    """Return the kind of a column with values of these sorts, the pattern of one, and what is left to do."""
    null = type(None) in sorts
    sorts -= {type(None)}
    if not sorts:
        return EMPTY, "(null)", _replace_constants
    if str in sorts:
        if null:
            return TEXT, f'("{_STRING}"|null)', _unquote
        return TEXT, f'"({_STRING})"', None
    if bool in sorts:
        return INTEGER, "(true|false|null)" if null else "(true|false)", _replace_constants
    if float in sorts:
        kind, number = REAL, f"{_REAL}|{_SHORT_INTEGER}" if int in sorts else _REAL
    elif LONG in sorts:
        kind, number = LONG, _LONG_INTEGER
    else:
        kind, number = INTEGER, _SHORT_INTEGER
    return kind, f"({number}|null)" if null else f"({number})", _leave_out_null if null else None


def _replace_constants(column: list[Any]) -> list[Any]:
    return list(map(_CONSTANTS.__getitem__, column))


def _unquote(column: list[Any]) -> list[Any]:
    return [None if text == "null" else text[1:-1] for text in column]


def _leave_out_null(column: list[Any]) -> list[Any]:
    return [None if text == "null" else text for text in column] if "null" in column else column


def _unescape(column: list[Any]) -> list[Any]:
    return [json.loads(f'"{text}"') if text and "\\" in text else text for text in column]
