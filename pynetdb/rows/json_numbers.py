"""Numbers of JSON as they are written: where their digits count, and what a column makes of them."""

import re
from collections.abc import Callable

# What a number is written with; a run of more of these may be one that a double does not hold exactly.
_AS_DIGITS = bytes.maketrans(b"0123456789+-.eE", b"0" * 15)
_LONG_NUMBER = b"0" * 17

# A row that holds an array or object names it, and so has a colon in front of it.
_NESTED = re.compile(r":[ \t\r\n]*+[\[{]")
# Numbers that Python writes otherwise: 0.10 and 0.00001, -0; 1e5 and 1.5E+3.
_OTHERWISE = [
    re.compile(pattern) for pattern in (r"\.(?:(?<=[^0-9]0\.)0000|[0-9]{2,}+(?<=0))", r"-0(?![0-9.])")
]
_TO_FIND_EXPONENTS = bytes.maketrans(b"0123456789E", b"0" * 10 + b"e")
_EXPONENT = b"0e"
# An integer of 64 bits has no more characters; to read a much longer one takes a time that is refused.
_MAX_INTEGER = 20
_BEYOND = 1 << 64


NumberText = bytes
"""A number as it is written: nothing else that is decoded is bytes, and no other type is made as fast."""

keep_number = str.encode
"""Makes a NumberText, for a decoder."""


def may_be_inexact(text: str) -> bool:
    """Whether a text may hold a number with more digits than a double: a quick look."""
    return _LONG_NUMBER in text.encode("utf-8", "surrogatepass").translate(_AS_DIGITS)


def may_hold_nested(text: str) -> bool:
    """Whether one of the rows in a text may hold an array or object."""
    return _NESTED.search(text) is not None


def may_be_rewritten(text: str) -> bool:
    """Whether a text may hold a number, if not a long one, that would be written otherwise: a quick look."""
    if any(pattern.search(text) for pattern in _OTHERWISE):
        return True
    return _EXPONENT in text.encode("utf-8", "surrogatepass").translate(_TO_FIND_EXPONENTS)


def parse_number(written: NumberText, tell_inexact: Callable[[str], None] | None) -> int | float:
    """Return the number that is written: an integer beyond 64 bits in place of any of those, a double.

    `tell_inexact` is told of one that has more digits than a double.
    """
    text = written.decode()
    if text.lstrip("-").isdigit():
        return int(text) if len(text) <= _MAX_INTEGER else _BEYOND
    return parse_real(tell_inexact, text)


def parse_real(tell_inexact: Callable[[str], None] | None, text: str) -> float:
    """Return the nearest double; `tell_inexact` is told if it is another number."""
    number = float(text)
    # Any decimal of fifteen digits survives.
    if len(text) > 16 and tell_inexact is not None and not _is_exact(text, number):
        tell_inexact(text)
    return number


def _is_exact(text: str, number: float) -> bool:
    from decimal import Decimal

    # What is beyond a double is an error of its own.
    return number - number != 0 or Decimal(text) == Decimal(repr(number))
