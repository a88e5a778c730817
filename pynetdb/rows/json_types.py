"""The lossless type rule for JSON, whose values say themselves what they are.

A column is INTEGER if all its values are integers, REAL if all are numbers that a double holds exactly, and
NUMERIC if integers beyond that stand beside reals. Beside those a real that is a whole number, such as 5.0,
would come back as an integer: then they are MIXED, which is text, as every other column is. In text numbers
become their text. null is NULL everywhere.
"""

from collections.abc import Sequence
from typing import Any

from pynetdb.rows.text_types import EMPTY, FRACTION, INTEGER, NUMERIC, REAL, TEXT, Values, any_loses_point

# Beyond this not every integer is a double.
_EXACT = 2**53

LONG = "BIGINT"
"""Integers of which some are not exactly doubles."""
MIXED = "MIXED"
"""Numbers that are text, since no column of numbers gives all of them back as they were."""

BLOB = "BLOB"

_REALS = (REAL, FRACTION)
_DOUBLES = (EMPTY, INTEGER, *_REALS)
_NUMBERS = (INTEGER, LONG, REAL, FRACTION, NUMERIC, MIXED)


def make_value_rule(numbers: str, exact: bool) -> "ValueRule":
    """Return the rule of JSON's values; `numbers` and `exact` are as in a DataFile."""
    return NumericValueRule() if exact or numbers == "numeric" else ValueRule()


class ValueRule:
    """The rule for values that have types: text, int, float and None."""

    _minds_whole_numbers = True

    @staticmethod
    def keeps(kind: str) -> bool:
        """Whether a value of that kind is whatever was read."""
        return False

    @classmethod
    def infer(cls, column: Values) -> tuple[str, Values]:
        """Return the narrowest kind that holds all values of a column exactly, and the values in it."""
        kind = cls._kind_of(column)
        return kind, cls.adapt(column, kind)

    @classmethod
    def _kind_of(cls, column: Sequence[Any], alike: bool = False) -> str:
        """Return the kind of a column; if all reals are `alike`, it is never FRACTION."""
        types = set(map(type, column)) - {type(None)}
        if not types:
            return EMPTY
        if types == {bytes}:
            return BLOB
        if not types <= {int, float}:
            return TEXT
        kind = real = EMPTY
        if int in types:
            integers = [value for value in column if type(value) is int]
            kind = INTEGER if min(integers) >= -_EXACT and max(integers) <= _EXACT else LONG
        if float in types:
            real = REAL
            if cls._minds_whole_numbers and not alike:
                reals = [value for value in column if type(value) is float]
                real = REAL if any_loses_point(reals) else FRACTION
        return cls.merge_kinds(kind, real)

    @classmethod
    def merge_kinds(cls, kind: str, other: str) -> str:
        """Return the kind of a column whose parts are of these two kinds."""
        both = {kind, other} - {EMPTY}
        if len(both) < 2:
            return kind or other
        if not both <= set(_NUMBERS):
            return TEXT
        if both <= {INTEGER, LONG}:
            return LONG
        if both <= set(_DOUBLES):
            # An integer is as good a double as any: it is the reals that what follows depends on.
            return REAL if REAL in both else FRACTION
        return cls._merge_unlike(both)

    @staticmethod
    def _merge_unlike(both: set[str]) -> str:
        """Return the kind of numbers of which some are integers beyond a double, and some are reals."""
        return MIXED if both & {REAL, MIXED} else NUMERIC

    @classmethod
    def convert(cls, column: Values, kind: str) -> Values | None:
        """Return a column's values as that kind keeps them; None if one is not exactly of it."""
        if kind == TEXT:
            return cls.adapt(column, kind)
        if kind in _REALS:
            # Both are the same column.
            return column if cls._kind_of(column, alike=True) in _DOUBLES else None
        return cls.adapt(column, kind) if cls.merge_kinds(kind, cls._kind_of(column)) == kind else None

    @staticmethod
    def adapt(column: Values, kind: str) -> Values:
        """Return a column's values for a table that is there. Numbers become their exact text in text."""
        if kind not in (TEXT, MIXED) or set(map(type, column)) <= {str, bytes, type(None)}:
            return column
        return [
            value if value is None or isinstance(value, (str, bytes)) else repr(value) for value in column
        ]


class NumericValueRule(ValueRule):
    """Makes one column of all numbers, even if 5.0 comes back as 5."""

    _minds_whole_numbers = False

    @staticmethod
    def _merge_unlike(both: set[str]) -> str:
        return NUMERIC
