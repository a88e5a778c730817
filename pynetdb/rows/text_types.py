"""The lossless type rule: which column of a data file is INTEGER, which REAL, and which must stay TEXT.

A column is INTEGER only if each of its values that is not empty is exactly the text of a 64-bit integer,
and REAL only if each is exactly the text that Python gives the nearest double (the shortest that reads
back as the same number). `01234`, `+1`, `1_000`, `1e5`, `1.10`, `-0` and `2**63` are therefore TEXT: as
numbers they would come back as something else. Empty values are NULL in a column of numbers.
"""

from collections.abc import Callable, Sequence
from typing import Any

INTEGER = "INTEGER"
REAL = "REAL"
NUMERIC = "NUMERIC"
"""Integers and reals together: a database keeps each as what it is."""
FRACTION = "FRACTION"
"""Reals of which none is a whole number: REAL, and NUMERIC as soon as there are integers as well."""
DECIMAL = "DECIMAL"
"""Plain decimals of any length, each with its own number of digits: what a database with exact ones has."""
PARSED = "PARSED"
"""Values whose text the database reads itself, such as its dates: an empty one is no value."""
TEXT = "TEXT"
EMPTY = ""
"""The kind of a column in which every value so far is empty. It ends as TEXT."""

Values = list[Any]

# Fifteen digits and a point: every decimal of at most fifteen significant digits survives the way through
# a double (IEEE 754; C's DBL_DIG), so that its canonical text is what comes back.
_EXACT_REAL = 16
_DIGITS = b"0123456789"
# What has no more than seven digits on either side of its point needs no closer look at its length.
_AS_ZEROS = bytes.maketrans(_DIGITS, b"0" * 10)
_LONG_PART = b"0" * 8
_LONG_INTEGER = b"0" * 19
SMALLEST, LARGEST = -(2**63), 2**63 - 1


def parse_integer(text: str) -> int | None:
    """Return the integer whose text is exactly `text`, if it is one of 64 bits."""
    # 19 digits and a sign. A longer text would take a time that grows with its square.
    if len(text) > 20:
        return None
    try:
        number = int(text)
    except ValueError:
        return None
    return number if str(number) == text and SMALLEST <= number <= LARGEST else None


def parse_real(text: str) -> float | None:
    """Return the double whose shortest text is exactly `text`.

    Infinities and NaN have none in SQL, and -0.0 is stored as 0.0.
    """
    if len(text) > 25 or text == "-0.0":  # -2.2250738585072014e-308 is the longest.
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if repr(number) == text and number - number == 0 else None


def parse_integers(column: Sequence[str]) -> Values | None:
    """Return a column's values as integers and None, or None if one of them is not exactly an integer."""
    data = ("\n" + "\n".join(column) + "\n").encode("utf-8", "surrogatepass")
    # All at once: nothing but digits, none of them leading zeros, no value empty or too long.
    if (
        not data.translate(None, _DIGITS + b"\n")
        and b"\n0" not in data
        and b"\n\n" not in data
        and _LONG_INTEGER not in data.translate(_AS_ZEROS)
    ):
        try:
            return list(map(int, column))
        except ValueError:
            return None  # A newline inside a value.
    return _convert_each(column, parse_integer)


def parse_reals(column: Sequence[str]) -> Values | None:
    """Return a column's values as floats and None, or None if one of them is not exactly a real."""
    data = ("\n" + "\n".join(column) + "\n").encode("utf-8", "surrogatepass")
    zeros = data.translate(_AS_ZEROS)
    if (
        not data.translate(None, _DIGITS + b".-\n")
        # One point in each value, with digits on both sides: with as many points as values, one that has
        # two leaves one without, and float() refuses the one with two. A minus anywhere but in front it
        # refuses as well.
        and zeros.count(b"0.0") == data.count(b".") == len(column)
        and (_LONG_PART not in zeros or max(map(len, column)) <= _EXACT_REAL)
        # No zero in front but alone, none at the end but alone, no minus zero.
        and data.count(b"\n0") == data.count(b"\n0.")
        and data.count(b"0\n") == data.count(b".0\n")
        and b"\n\n" not in data
        and (b"-" not in data or b"-0" not in data)
        # Below 0.0001 the shortest text is 1e-05.
        and b"\n0.0000" not in data
    ):
        try:
            return list(map(float, column))
        except ValueError:
            return None
    return _convert_each(column, parse_real)


def parse_numbers(column: Sequence[str]) -> Values | None:
    """Return a column's values as integers, floats and None, or None if one of them is not exactly a number.

    Nor may one be a real that is a whole number: where both are kept, `5.0` comes back as `5`.
    """
    return _convert_each(column, _parse_mixed)


def _parse_mixed(text: str) -> int | float | None:
    number = parse_integer(text)
    if number is not None:
        return number
    exact = parse_real(text)
    return None if exact is None or loses_point(exact) else exact


def loses_point(number: float) -> bool:
    """Whether a real comes back as an integer from a column that has both: none beyond 64 bits does."""
    return number.is_integer() and SMALLEST < number < LARGEST


def any_loses_point(numbers: Sequence[float]) -> bool:
    """Whether one of them does; it is a quick look if none is a whole number."""
    return any(map(float.is_integer, numbers)) and any(map(loses_point, numbers))


def _convert_each(column: Sequence[str], convert: Callable[[str], Any]) -> Values | None:
    values = []
    for text in column:
        value = convert(text) if text else None
        if value is None and text:
            return None
        values.append(value)
    return values


def make_text_rule(numbers: str, exact: bool) -> "TextRule":
    """Return the rule of texts; `numbers` and `exact` are as in a DataFile."""
    if numbers == "numeric":
        from pynetdb.rows.column_rules import NumericRule

        return NumericRule()
    if exact:
        from pynetdb.rows.exact_types import ExactRule

        return ExactRule()
    return TextRule()


def merge_numbers(kind: str, other: str, mixed: str) -> str:
    """Return the kind of a column whose parts are of these two, where numbers of two kinds are `mixed`."""
    if kind == other or not other:
        return kind
    return other if not kind else TEXT if TEXT in (kind, other) else mixed


def _without_none(values: Values) -> Values:
    return [value for value in values if value is not None] if None in values else values


NUMBERS = (INTEGER, REAL, FRACTION, NUMERIC, DECIMAL, PARSED)
"""The kinds of a table's columns in which an empty text is no value."""


_PARSERS: dict[str, Callable[[Sequence[str]], Values | None]] = {
    INTEGER: parse_integers,
    REAL: parse_reals,
    NUMERIC: parse_numbers,
}


class TextRule:
    """The rule for files of text, in which only the text can say what a value is."""

    @staticmethod
    def keeps(kind: str) -> bool:
        """Whether a value of that kind is the text that was read."""
        return kind == TEXT

    @staticmethod
    def infer(column: Values) -> tuple[str, Values]:
        """Return the narrowest kind that holds all values of a column exactly, and the values in it."""
        if not any(column):
            return EMPTY, column
        for kind, parse in _PARSERS.items():
            values = parse(column)
            if values is not None:
                if kind == REAL and not any_loses_point(_without_none(values)):
                    kind = FRACTION
                return kind, values
        return TEXT, column

    @staticmethod
    def merge_kinds(kind: str, other: str) -> str:
        """Return the kind of a column whose parts are of these two kinds."""
        if kind == other or not other:
            return kind
        both = {kind, other}
        if not kind or both == {REAL, FRACTION}:
            return other if not kind else REAL
        # A real that is a whole number would come back as an integer where there are integers.
        return TEXT if both & {REAL, TEXT} else NUMERIC

    @staticmethod
    def convert(column: Values, kind: str) -> Values | None:
        """Return a column's values as that kind keeps them; None if one is not exactly of it."""
        if kind == FRACTION:
            kind = REAL
        if kind in _PARSERS:
            return _PARSERS[kind](column)
        return None if kind == EMPTY and any(column) else column

    @staticmethod
    def adapt(column: Values, kind: str) -> Values:
        """Return a column's values for a table that is there, whose declared types are its maker's.

        What is exactly a number is one; what is not is left to the database's own conversion.
        """
        if kind == PARSED:
            return column if all(column) else [text or None for text in column]
        return [_parse_number(text) for text in column] if kind in NUMBERS else column


def _parse_number(text: str) -> Any:
    if not text:
        return None
    number = parse_integer(text)
    if number is None:
        exact = parse_real(text)
        return text if exact is None else exact
    return number
