"""The lossless type rule for JSON, whose values say themselves what they are.

A column is INTEGER if all its values are integers, REAL if all are numbers that a double holds exactly,
otherwise TEXT, in which numbers become their text. null is NULL everywhere.
"""

from collections.abc import Sequence
from typing import Any

from pynetdb.rows.text_types import EMPTY, INTEGER, REAL, TEXT, Values

# Beyond this not every integer is a double.
_EXACT = 2**53

# Integers of which some are not exactly doubles: with reals in the same column they must be TEXT.
LONG = "BIGINT"

BLOB = "BLOB"


class ValueRule:
    """The rule for values that have types: text, int, float and None."""

    @staticmethod
    def keeps(kind: str) -> bool:
        """Whether a value of that kind is whatever was read."""
        return False

    @classmethod
    def infer(cls, column: Values) -> tuple[str, Values]:
        """Return the narrowest kind that holds all values of a column exactly, and the values in it."""
        kind = cls._kind_of(column)
        return kind, cls.adapt(column, kind)

    @staticmethod
    def _kind_of(column: Sequence[Any]) -> str:
        types = set(map(type, column)) - {type(None)}
        if not types:
            return EMPTY
        if types == {bytes}:
            return BLOB
        if not types <= {int, float}:
            return TEXT
        whole = [value for value in column if type(value) is int]
        long = bool(whole) and not (min(whole) >= -_EXACT and max(whole) <= _EXACT)
        if float in types:
            return TEXT if long else REAL
        return LONG if long else INTEGER

    @staticmethod
    def merge_kinds(kind: str, other: str) -> str:
        """Return the kind of a column whose parts are of these two kinds."""
        both = {kind, other} - {EMPTY}
        if len(both) < 2:
            return kind or other
        if both == {INTEGER, REAL}:
            return REAL
        return LONG if both == {INTEGER, LONG} else TEXT

    @classmethod
    def convert(cls, column: Values, kind: str) -> Values | None:
        """Return a column's values as that kind keeps them; None if one is not exactly of it."""
        if kind == TEXT:
            return cls.adapt(column, kind)
        return column if cls.merge_kinds(kind, cls._kind_of(column)) == kind else None

    @staticmethod
    def adapt(column: Values, kind: str) -> Values:
        """Return a column's values for a table that is there. Numbers become their exact text in TEXT."""
        if kind != TEXT or set(map(type, column)) <= {str, bytes, type(None)}:
            return column
        return [
            value if value is None or isinstance(value, (str, bytes)) else repr(value) for value in column
        ]
