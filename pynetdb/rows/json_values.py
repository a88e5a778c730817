"""JSON, strictly (RFC 8259), and what of it a column of a table can hold."""

import json
from collections.abc import Callable
from typing import Any, NoReturn

from pynetdb.rows.text_types import LARGEST, SMALLEST

Value = str | int | float | bytes | None


class UnfitValueError(ValueError):
    """A value that is JSON and that no column can hold."""


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON's")


# NaN and Infinity are accepted by the module unless it is told what to do with them.
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


class DuplicateKeyError(ValueError):
    """An object has a key twice: one of the two values would be lost."""


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise DuplicateKeyError(f"the key {twice!r} is there twice")
    return found


class NumberText(str):
    """A number as it is written."""

    __slots__ = ()


def make_row_decoder(
    keep_numbers: bool = False, tell_inexact: Callable[[str], None] | None = None
) -> json.JSONDecoder:
    """Return what decodes rows. An object with a key twice raises DuplicateKeyError.

    JSON leaves open what such an object means (RFC 8259 section 4). With `keep_numbers` a number is its text;
    `tell_inexact` is told of one that has more digits than a double.
    """

    def parse_float(text: str) -> float:
        # Any decimal of fifteen digits survives.
        number = float(text)
        if len(text) > 16 and tell_inexact is not None and not _is_exact(text, number):
            tell_inexact(text)
        return number

    return json.JSONDecoder(
        parse_constant=_refuse_constant,
        object_pairs_hook=_refuse_duplicates,
        parse_float=NumberText if keep_numbers else parse_float if tell_inexact else None,
        parse_int=NumberText if keep_numbers else None,
    )


def _is_exact(text: str, number: float) -> bool:
    from decimal import Decimal

    # What is beyond a double is an error of its own.
    return number - number != 0 or Decimal(text) == Decimal(repr(number))


def decode_row(decoder: json.JSONDecoder, text: str) -> Any:
    """Return the value of a JSON text as `parse_json` does. Raises DuplicateKeyError as well."""
    return _decode(decoder, text)


# What a number is written with; a run of more of these may be one that a double does not hold exactly.
_AS_DIGITS = bytes.maketrans(b"0123456789+-.eE", b"0" * 15)
_LONG_NUMBER = b"0" * 17


def may_be_inexact(text: str) -> bool:
    """Whether a text may hold a number with more digits than a double: a quick look."""
    return _LONG_NUMBER in text.encode("utf-8", "surrogatepass").translate(_AS_DIGITS)


def decode_plain_rows(text: str) -> list[Any] | None:
    """Return the array that a text is, of which every second item is an object; None if it is not plain.

    It costs a third of what a row decoder does. In what it returns no object holds another, and none has a
    key twice; numbers are not looked at.
    """
    try:
        values: list[Any] = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None
    rows = values[::2]
    if set(map(type, rows)) != {dict}:
        return None
    # A pair has a colon, and there are as many pairs as keys unless one is there twice. Where texts hold
    # colons as well a pair still has a quote in front of its own, if no space stands between them.
    keys = sum(map(len, rows))
    if text.count(":") == keys:
        return values
    spaced = " :" in text or "\t:" in text or "\r:" in text
    return None if spaced or text.count('":') != keys else values


def parse_json(text: str) -> Any:
    """Return the value of a JSON text. Raises ValueError, in words, for anything else.

    Nesting is bounded by the interpreter (about a thousand levels).
    """
    return _decode(_DECODER, text)


def _decode(decoder: json.JSONDecoder, text: str) -> Any:
    try:
        return decoder.decode(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def to_storable(value: Any, texts: bool = False) -> Value:
    """Return what a table keeps of a JSON value.

    true and false are 1 and 0, arrays and objects are their JSON text, `{"base64": "..."}` is a BLOB, as we
    write one; with `texts` a number may be a NumberText. Raises UnfitValueError for
    integers beyond 64 bits, numbers beyond a double and lone surrogates, which would be changed.
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        if not SMALLEST <= value <= LARGEST:
            raise UnfitValueError("an integer beyond 64 bits")
        return value
    if isinstance(value, float):
        if value - value != 0:
            raise UnfitValueError("a number beyond a double")
        return value
    if isinstance(value, dict) and (blob := _decode_blob(value)) is not None:
        return blob
    text = str(value) if isinstance(value, str) else encode_nested(value, texts)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UnfitValueError("a lone surrogate, which is not Unicode text") from error
    return text


def _decode_blob(value: dict[str, Any]) -> bytes | None:
    text = value.get("base64")
    if len(value) != 1 or not isinstance(text, str):
        return None
    from base64 import b64decode

    try:
        return b64decode(text, validate=True)
    except ValueError:
        return None


def _with_numbers(value: Any) -> Any:
    """Return an array or object in which numbers are numbers again."""
    if isinstance(value, NumberText):
        return json.loads(value)
    if isinstance(value, list):
        return [_with_numbers(item) for item in value]
    if isinstance(value, dict):
        return {key: _with_numbers(item) for key, item in value.items()}
    return value


def encode_nested(value: Any, texts: bool = False) -> str:
    """Return the JSON text of an array or object, as compact as can be."""
    try:
        value = _with_numbers(value) if texts else value
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (RecursionError, ValueError) as error:
        raise UnfitValueError("nested too deeply, or a number beyond a double") from error
