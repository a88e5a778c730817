"""JSON lines made of blocks of COPY's text format, a column of a block at a time.

A server makes JSON of its rows in twice the time of the rows themselves. So it is done here, for types whose
text in JSON is their own.
"""

from collections.abc import Callable, Sequence
from json.encoder import encode_basestring

from pynetdb.db.postgresql.copy_text import has_only_nulls, unescape
from pynetdb.db.postgresql.types import BOOL, EXACT_INTEGERS, FLOAT4, FLOAT8, NUMERIC, PLAIN_TEXTS

_INEXACT = (FLOAT4, FLOAT8, NUMERIC)
_NULL = "\\N"
_BOOLS = {"t": "true", "f": "false", _NULL: "null"}
# JSON has no infinities.
_NO_NUMBERS = dict.fromkeys([_NULL, "NaN", "Infinity", "-Infinity"], "null")

# What has to be escaped in JSON, but for the backslash, which COPY escapes too.
_SPECIAL = bytes(byte for byte in range(32) if byte not in b"\t\n") + b'"'


def fits(types: Sequence[int]) -> bool:
    """Whether rows of these types can be made here; all others are left to the server."""
    return bool(types) and all(kind in (BOOL, *EXACT_INTEGERS, *_INEXACT, *PLAIN_TEXTS) for kind in types)


def json_maker(names: Sequence[str], types: Sequence[int]) -> Callable[[bytes], bytes]:
    """Return what makes objects, a line each, of a block of lines of COPY."""
    keys = [encode_basestring(name).replace("%", "%%") + ":" for name in names]
    texts = [kind in PLAIN_TEXTS for kind in types]
    ready = _template([f'{key}"%s"' if text else f"{key}%s" for key, text in zip(keys, texts, strict=True)])
    quoted = _template([f"{key}%s" for key in keys])
    width = len(types)

    def make_json(block: bytes) -> bytes:
        cells = block[:-1].replace(b"\n", b"\t").decode("utf-8", "surrogateescape").split("\t")
        nulls = has_only_nulls(block)
        is_plain = (nulls or b"\\" not in block) and len(block.translate(None, _SPECIAL)) == len(block)
        for number, kind in enumerate(types):
            column = cells[number::width]
            if not texts[number]:
                changed = _change_others(column, kind)
            else:
                changed = None if is_plain else list(map(_encode_text, column))
            if changed is not None:
                cells[number::width] = changed
        made = (ready if is_plain else quoted) * (len(cells) // width) % tuple(cells)
        if is_plain and nulls:
            made = made.replace('"\\N"', "null")
        return made.encode("utf-8", "backslashreplace")

    return make_json


def _template(fields: Sequence[str]) -> str:
    return "{" + ",".join(fields) + "}\n"


def _encode_text(cell: str) -> str:
    if cell == _NULL:
        return "null"
    if "\\" in cell:
        cell = unescape(cell.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")
    return encode_basestring(cell)


def _change_others(column: list[str], kind: int) -> list[str] | None:
    """Return a column of numbers or truth values as JSON; None if it is."""
    if kind == BOOL:
        return [_BOOLS[cell] for cell in column]
    if kind in _INEXACT:
        # A look for two letters: of all that is here they are in the words alone.
        letters = "".join(column)
        if "a" in letters or "y" in letters:
            return [_NO_NUMBERS.get(cell, cell) for cell in column]
    return ["null" if cell == _NULL else cell for cell in column] if _NULL in column else None
