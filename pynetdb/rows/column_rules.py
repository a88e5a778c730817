"""Type rules for columns of text of which more is known: what is null, what decimals look like."""

import re
from collections.abc import Sequence
from typing import Any

from pynetdb.rows.batch import Rule
from pynetdb.rows.text_types import (
    EMPTY,
    INTEGER,
    NUMBERS,
    NUMERIC,
    REAL,
    TEXT,
    TextRule,
    Values,
    merge_numbers,
    parse_integer,
    parse_integers,
)

# A number as people and programs write it; no spaces, no infinities.
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
# With a comma before the fraction a point may stand between groups of three digits.
_COMMA_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]*)(?:,[0-9]+)?")
_DIGITS = b"0123456789"
_WITHOUT_DIGITS = (b"\n.\n", b"\n-\n", b"\n+\n", b"\n-.\n", b"\n+.\n")
# Texts that are shorter and have no exponent are within the range of a double.
_SURELY_FINITE = 300
_MAX_NUMBER = 400
"""Characters of a number: a longer one is data of another kind, and takes long to read."""


def parse_number(text: str) -> int | float | None:
    """Return the number that a text means, however it is written; None if it is none or beyond a double."""
    if _INTEGER.fullmatch(text):
        return int(text)
    if len(text) > _MAX_NUMBER or not _NUMBER.fullmatch(text):
        return None
    exact = parse_integer(text)
    if exact is not None:
        return exact
    number = float(text)
    return number if number - number == 0 else None


def is_number(text: str) -> bool:
    """Whether a database makes a number of a text: blanks around it are nothing, and it may be any large."""
    return _NUMBER.fullmatch(text.strip(" \t\n\r\f\v")) is not None


def are_numbers(texts: Sequence[str]) -> bool:
    """Whether every text means a number, as `parse_number` says; none is empty."""
    data = ("\n" + "\n".join([*texts, ""])).encode("utf-8", "surrogatepass")
    points = data.translate(None, _DIGITS + b"+-")
    others = points.translate(None, b".\n")
    if others.strip(b"eE") or data.count(b"\n") != len(texts) + 1:
        return False
    if others or max(map(len, texts), default=0) > _SURELY_FINITE:
        return None not in map(parse_number, texts)
    # All at once: signs stand in front, no text has two points, and each has a digit.
    return (
        data.count(b"-") == data.count(b"\n-")
        and data.count(b"+") == data.count(b"\n+")
        and b".." not in points
        and not any(wrong in data for wrong in _WITHOUT_DIGITS)
    )


def are_comma_numbers(texts: Sequence[str]) -> bool:
    """Whether every text is a number if a comma stands before the fraction; none is empty."""
    data = "\n".join(texts)
    if not any(mark in data for mark in ",.eE"):
        # Integers are the same in both, and judged all at once.
        return are_numbers(texts)
    return all(_COMMA_NUMBER.fullmatch(text) and text[-1].isdigit() for text in texts)


def find_decimal_comma(texts: Sequence[str]) -> str | None:
    """Return the first of such numbers that has a decimal comma.

    `1,234` alone may be a thousand, as it is written elsewhere: then it is None.
    """
    if "," not in "".join(texts):
        return None
    parts = (text.partition(",") for text in texts)
    return next(
        (text for text, (_, comma, part) in zip(texts, parts, strict=True) if comma and len(part) != 3), None
    )


class NumericRule(TextRule):
    """Makes numbers of all texts that mean one, even if they would come back in another form."""

    @staticmethod
    def infer(column: Values) -> tuple[str, Values]:
        if not any(column):
            return EMPTY, column
        values = _parse_all(column)
        if values is None:
            return TEXT, column
        types = set(map(type, values)) - {type(None)}
        return (INTEGER if types == {int} else REAL if types == {float} else NUMERIC), values

    @staticmethod
    def merge_kinds(kind: str, other: str) -> str:
        return merge_numbers(kind, other, NUMERIC)

    @staticmethod
    def convert(column: Values, kind: str) -> Values | None:
        if kind not in NUMBERS:
            return TextRule.convert(column, kind)
        values = _parse_all(column)
        types: set[type] = set(map(type, values or ())) - {type(None)}
        wanted: set[type] = {int} if kind == INTEGER else {float} if kind == REAL else {int, float}
        return values if types <= wanted else None

    @staticmethod
    def adapt(column: Values, kind: str) -> Values:
        if kind not in NUMBERS:
            return column
        return [None if not text else _or_text(parse_number(text), text) for text in column]


def _or_text(number: int | float | None, text: str) -> Any:
    return text if number is None else number


def _parse_all(column: Sequence[str]) -> Values | None:
    plain = parse_integers(column)
    if plain is not None:
        return plain
    values: Values = []
    for text in column:
        value = parse_number(text) if text else None
        if value is None and text:
            return None
        values.append(value)
    return values


class DecimalCommaRule(NumericRule):
    """Reads `1.234,5` as 1234.5, in columns in which nothing but such numbers stands."""

    @staticmethod
    def infer(column: Values) -> tuple[str, Values]:
        points = _with_points(column)
        if points is None:
            return (TEXT if any(column) else EMPTY), column
        kind, values = NumericRule.infer(points)
        return (kind, column) if kind == TEXT else (kind, values)

    @staticmethod
    def convert(column: Values, kind: str) -> Values | None:
        if kind not in NUMBERS:
            return TextRule.convert(column, kind)
        points = _with_points(column)
        return None if points is None else NumericRule.convert(points, kind)

    @staticmethod
    def adapt(column: Values, kind: str) -> Values:
        if kind not in NUMBERS:
            return column
        return [(NumericRule.adapt(_with_points([text]) or [text], kind))[0] for text in column]


def _with_points(column: Sequence[str]) -> list[str] | None:
    texts = []
    for text in column:
        if text and not (_COMMA_NUMBER.fullmatch(text) and text[-1].isdigit()):
            return None
        texts.append(text.replace(".", "").replace(",", "."))
    return texts


class NullRule:
    """Another rule, for a column in which some texts mean that there is no value; None means it as well."""

    def __init__(self, rule: Rule, nulls: Sequence[str]) -> None:
        self._rule = rule
        self._nulls = {None, *nulls}

    def keeps(self, kind: str) -> bool:
        return False

    def infer(self, column: Values) -> tuple[str, Values]:
        kind, values = self._rule.infer(self._as_empty(column))
        return kind, values if kind in NUMBERS else self._as_none(column)

    def merge_kinds(self, kind: str, other: str) -> str:
        return self._rule.merge_kinds(kind, other)

    def convert(self, column: Values, kind: str) -> Values | None:
        values = self._rule.convert(self._as_empty(column), kind)
        return values if values is None or kind in NUMBERS else self._as_none(column)

    def adapt(self, column: Values, kind: str) -> Values:
        if kind in NUMBERS:
            return self._rule.adapt(self._as_empty(column), kind)
        return self._as_none(column)

    def _as_empty(self, column: Values) -> Values:
        nulls = self._nulls
        return ["" if text in nulls else text for text in column]

    def _as_none(self, column: Values) -> Values:
        nulls = self._nulls
        return [None if text in nulls else text for text in column]
