"""Columns as they are written on a command line: `id:int:pk`, `price:real:default=0`."""

import re
from collections.abc import Sequence

from pynetdb.db.constraints import Constraint, Default, NotNull, References, Unique
from pynetdb.db.schema import NewColumn
from pynetdb.errors import CommandLineError
from pynetdb.rows.names import casefold_ascii
from pynetdb.rows.text_types import parse_integer, parse_real

_EXPECTED = "expected NAME[:TYPE[:pk|notnull|unique|default=VALUE|references=TABLE.COLUMN]...]"

# A type is words and perhaps one or two numbers (https://sqlite.org/lang_createtable.html, type-name).
# Anything else would be SQL of the user's in the middle of ours.
_TYPE = r"[A-Za-z_][A-Za-z0-9_]*(?: +[A-Za-z_][A-Za-z0-9_]*)*(?: *\( *[+-]?[0-9]+ *(?:, *[+-]?[0-9]+ *)?\))?"

# Words that begin a constraint, and so end a type.
_NO_TYPE = {
    "always", "as", "autoincrement", "check", "collate", "constraint", "default", "foreign", "generated",
    "key", "not", "null", "primary", "references", "unique",
}  # fmt: skip

_WORDS = {"null", "current_timestamp", "current_date", "current_time", "true", "false"}
_SIMPLE: dict[str, Constraint] = {"notnull": NotNull(), "unique": Unique()}


def parse_column_spec(text: str) -> NewColumn:
    """Return the column that a COLUMN argument describes. Raises CommandLineError for one it cannot read."""
    name, *parts = text.split(":")
    if not name:
        raise CommandLineError(f"column {text!r} has no name: {_EXPECTED}")
    declared = ""
    if parts and not _is_constraint(parts[0]):
        declared = parts.pop(0).strip()
        if declared:
            _check_type(name, declared, _EXPECTED)
    key = False
    constraints: list[Constraint] = []
    for part in _join_defaults(parts):
        word, equals, value = part.partition("=")
        word = word.lower()
        if word == "pk" and not equals:
            key = True
        elif word in _SIMPLE and not equals:
            constraints.append(_SIMPLE[word])
        elif word == "default" and equals:
            constraints.append(_parse_default(value))
        elif word == "references" and value:
            constraints.append(_parse_reference(value))
        else:
            raise CommandLineError(f"column {name!r}: {part!r} is not understood: {_EXPECTED}")
    return NewColumn(name, declared, key=key, constraints=tuple(constraints))


def parse_column_types(texts: Sequence[str]) -> dict[str, str]:
    """Return types by column, of what `COLUMN=TYPE` says. Raises CommandLineError for what it cannot read."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, declared = text.partition("=")
        declared = declared.strip()
        if not (name and equals and declared):
            raise CommandLineError(f"{text!r}: expected COLUMN=TYPE", hint="column type")
        if casefold_ascii(name) in map(casefold_ascii, found):
            raise CommandLineError(f"{name}: is given twice", hint="column type")
        _check_type(name, declared, "expected COLUMN=TYPE")
        found[name] = declared
    return found


def _check_type(name: str, declared: str, expected: str) -> None:
    if not re.fullmatch(_TYPE, declared):
        raise CommandLineError(f"column {name!r}: {declared!r} is not a type: {expected}")
    words = set(re.findall(r"[a-z]+", declared.lower())) & _NO_TYPE
    if words:
        raise CommandLineError(
            f"column {name!r}: {declared!r} holds {sorted(words)[0]!r}, which is no type: {expected}"
        )


def _is_constraint(part: str) -> bool:
    word, equals, _ = part.partition("=")
    return word.lower() in ({"default", "references"} if equals else {"pk", *_SIMPLE})


def _join_defaults(parts: list[str]) -> list[str]:
    """Put a default that holds colons together again: `default=12:30`."""
    whole: list[str] = []
    for part in parts:
        if whole and whole[-1].lower().startswith("default=") and not _is_constraint(part):
            whole[-1] += ":" + part
        else:
            whole.append(part)
    return whole


def _parse_default(value: str) -> Default:
    # Only a number whose text comes back exactly is one: `007` and `1e5` are text.
    number = parse_integer(value)
    exact = parse_real(value) if number is None else number
    if exact is not None:
        return Default(exact)
    if value.lower() in _WORDS:
        return Default(value.upper(), keyword=True)
    return Default(value)


def _parse_reference(value: str) -> References:
    table, dot, column = value.rpartition(".")
    return References(table, column) if dot and table and column else References(value)
