"""JSON, strictly (RFC 8259), and what of it a column of a table can hold."""

import json
from typing import Any, NoReturn

from pynetdb.rows.text_types import LARGEST, SMALLEST

Value = str | int | float | None


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


# JSON leaves open what an object with two values for a key means (RFC 8259 section 4); a row is refused.
ROW_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_refuse_duplicates)


def parse_rows(text: str) -> Any:
    """Return the value of a JSON text as `parse_json` does. Raises DuplicateKeyError as well."""
    return _decode(ROW_DECODER, text)


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


def to_storable(value: Any) -> Value:
    """Return what a table keeps of a JSON value.

    true and false are 1 and 0, arrays and objects are their JSON text. Raises UnfitValueError for
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
    text = value if isinstance(value, str) else encode_nested(value)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UnfitValueError("a lone surrogate, which is not Unicode text") from error
    return text


def encode_nested(value: Any) -> str:
    """Return the JSON text of an array or object, as compact as can be."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (RecursionError, ValueError) as error:
        raise UnfitValueError("nested too deeply, or a number beyond a double") from error
