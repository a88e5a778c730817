"""JSON, strictly (RFC 8259), and what of it a column of a table can hold."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

from pynetdb.rows.json_numbers import (
    NumberText,
    keep_number,
    may_be_inexact,
    may_be_rewritten,
    may_hold_nested,
    parse_number,
    parse_real,
)
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


class RowDecoder:
    """Decodes rows. An object with a key twice raises DuplicateKeyError.

    JSON leaves open what such an object means (RFC 8259 section 4). Where a number may stand in an array or
    object, and would be written otherwise, numbers are NumberText; with `keep_numbers` they always are.
    `tell_inexact` is told of a number that has more digits than a double, unless it is a NumberText.
    """

    def __init__(self, keep_numbers: bool = False, tell_inexact: Callable[[str], None] | None = None) -> None:
        self.written = _make_decoder(keep_number, keep_number)
        """What decodes numbers as they are written."""
        self.plain = _make_decoder()
        """What makes numbers of them, of which none is to be told."""
        self._tell_inexact = tell_inexact
        self._telling = self.plain
        if tell_inexact is not None:
            self._telling = _make_decoder(partial(parse_real, tell_inexact))
        self.keep_numbers = keep_numbers
        # Whether there may have been a NumberText.
        self._written_used = keep_numbers

    def choose(self, text: str, inexact: bool | None = None) -> json.JSONDecoder:
        """Return what decodes a text of rows, or one that holds some.

        `inexact` is what `may_be_inexact` says of it, if it has been asked.
        """
        if self.keep_numbers:
            return self.written
        if inexact is None:
            inexact = may_be_inexact(text)
        if may_hold_nested(text) and (inexact or may_be_rewritten(text)):
            self._written_used = True
            return self.written
        return self._telling if inexact else self.plain

    def to_storable(self, value: Any) -> Value:
        """Return what a table keeps of a value that was decoded, as the function of that name does."""
        return to_storable(value, self.keep_numbers, self._written_used, self._tell_inexact)


def _make_decoder(
    parse_float: Callable[[str], Any] | None = None, parse_int: Callable[[str], Any] | None = None
) -> json.JSONDecoder:
    return json.JSONDecoder(
        parse_constant=_refuse_constant,
        object_pairs_hook=_refuse_duplicates,
        parse_float=parse_float,
        parse_int=parse_int,
    )


def decode_row(decoder: json.JSONDecoder, text: str) -> Any:
    """Return the value of a JSON text as `parse_json` does. Raises DuplicateKeyError as well."""
    return _decode(decoder, text)


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
    """Return the value of a JSON text, in which numbers are NumberText.

    Raises ValueError for anything else, and DuplicateKeyError. Nesting is bounded by the interpreter (about a
    thousand levels).
    """
    return _decode(_make_decoder(keep_number, keep_number), text)


def _decode(decoder: json.JSONDecoder, text: str) -> Any:
    try:
        return decoder.decode(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def to_storable(
    value: Any,
    keep_numbers: bool = False,
    written: bool = True,
    tell_inexact: Callable[[str], None] | None = None,
) -> Value:
    """Return what a table keeps of a JSON value.

    true and false are 1 and 0, arrays and objects are their JSON text, `{"base64": "..."}` is a BLOB, as we
    write one. A NumberText is its number, of which `tell_inexact` is told if it has more digits than a
    double; inside of arrays and objects, and with `keep_numbers`, it stays as it is. Where there is none,
    and `written` is false, that costs less. Raises UnfitValueError for integers beyond 64 bits, numbers
    beyond a double and lone surrogates, which would be changed.
    """
    if value is None:
        return None
    if isinstance(value, NumberText):
        value = value.decode() if keep_numbers else parse_number(value, tell_inexact)
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
    text = value if isinstance(value, str) else _encode_nested(value, written)
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


def _encode_nested(value: Any, written: bool) -> str:
    """Return the JSON text of an array or object, as compact as can be."""
    try:
        return _write(value) if written else _encode(value)
    except (RecursionError, ValueError) as error:
        raise UnfitValueError("nested too deeply, or a number beyond a double") from error


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def _write(value: Any) -> str:
    """Return the JSON text of a value that may hold a NumberText."""
    kind = type(value)
    if kind is NumberText:
        return str(value, "ascii")
    if kind is list:
        if set(map(type, value)) == {NumberText}:
            return f"[{b','.join(value).decode()}]"
        return f"[{','.join(map(_write, value))}]"
    if kind is dict:
        pairs = zip(map(_encode, value), map(_write, value.values()), strict=True)
        return "{" + ",".join(map(":".join, pairs)) + "}"
    return _encode(value)
