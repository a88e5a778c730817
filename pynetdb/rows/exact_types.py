"""The lossless type rule of a database whose decimals are exact: numbers stay the text that they are.

A column is INTEGER if each of its values that is not empty is exactly the text of a 64-bit integer, DECIMAL
if each is a plain decimal (`5`, `5.0`, `1.10`, thirty digits), which such a database gives back with all
its digits. `01234`, `+1`, `.5`, `1e5` and `-0` would come back as something else: they are TEXT.
"""

import re
from collections.abc import Sequence

from pynetdb.rows.text_types import (
    DECIMAL,
    EMPTY,
    INTEGER,
    TEXT,
    TextRule,
    Values,
    merge_numbers,
    parse_integer,
)

# What `numeric` of PostgreSQL takes at most: 131,072 digits before the point and 16,383 behind it.
_MAX_WHOLE, _MAX_FRACTION = 131_072, 16_383

_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(?:\.([0-9]+))?")
# The same for a whole column, a value a line, none of them a zero with a minus. Nothing is tried twice.
_DECIMALS = re.compile(rb"(?:(?:(?!-0(?:\.0*+)?+\n)-?+(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+)?+\n)*+")
# A column whose longest value is not longer is decided as a whole.
_SHORT = 1000
_DIGITS = b"0123456789"


class ExactRule(TextRule):
    """The rule for files of text; values are handed on as they are written, and empty ones as None."""

    @staticmethod
    def infer(column: Values) -> tuple[str, Values]:
        if not any(column):
            return EMPTY, column
        for kind in (INTEGER, DECIMAL):
            if _are_all(column, kind):
                return kind, _with_nulls(column)
        return TEXT, column

    @staticmethod
    def merge_kinds(kind: str, other: str) -> str:
        return merge_numbers(kind, other, DECIMAL)

    @staticmethod
    def convert(column: Values, kind: str) -> Values | None:
        if kind in (INTEGER, DECIMAL):
            return _with_nulls(column) if _are_all(column, kind) else None
        return TextRule.convert(column, kind)


def _with_nulls(column: Values) -> Values:
    return column if all(column) else [text or None for text in column]


def _are_all(column: Sequence[str], kind: str) -> bool:
    """Whether each value that is not empty is exactly of a kind."""
    data = ("\n" + "\n".join(column) + "\n").encode("utf-8", "surrogatepass")
    # All at once: nothing but digits, none of them leading zeros, no value empty or too long, and no
    # newline inside of one.
    plain = not data.translate(None, _DIGITS + b"\n") and b"\n0" not in data and b"\n\n" not in data
    longest = max(map(len, column))
    one_a_line = data.count(b"\n") == len(column) + 1
    if plain and one_a_line and longest < (19 if kind == INTEGER else _SHORT):
        return True
    if kind == DECIMAL and one_a_line and longest < _SHORT:
        return _DECIMALS.fullmatch(data) is not None
    check = _is_integer if kind == INTEGER else _is_decimal
    return all(not text or check(text) for text in column)


def _is_integer(text: str) -> bool:
    return parse_integer(text) is not None


def _is_decimal(text: str) -> bool:
    match = _DECIMAL.fullmatch(text)
    if match is None or (text[0] == "-" and not text.strip("-0.")):
        return False  # The minus of a zero is lost.
    whole, fraction = match.groups()
    return len(whole) <= _MAX_WHOLE and len(fraction or "") <= _MAX_FRACTION
