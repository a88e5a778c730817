"""Values as they are written on a command line: NAME=VALUE is text, NAME:=JSON has JSON's type."""

from collections.abc import Sequence
from typing import NamedTuple

from pynetdb.errors import CommandLineError

Value = str | int | float | bytes | None


class Assignment(NamedTuple):
    """A name and its value."""

    name: str
    value: Value
    typed: bool
    """Whether the value was JSON, and so has a type."""


def parse_assignment(text: str, what: str = "", *, keep_booleans: bool = False) -> Assignment:
    """Return what `NAME=VALUE` or `NAME:=JSON` says. Raises CommandLineError, which `what` begins.

    What a table keeps of true and false is 1 and 0; with `keep_booleans` they stay what they are, for a
    statement may make a difference between them.
    """
    name, equals, value = text.partition("=")
    if not equals or not name or name == ":":
        raise CommandLineError(f"{what}{text!r}: expected NAME=VALUE, or NAME:=JSON for a number or null")
    if not name.endswith(":"):
        return Assignment(name, _utf8(value, f"{what}{name}"), False)
    name = name[:-1]
    return Assignment(name, _parse_typed(name, value, what, keep_booleans), True)


def _parse_typed(name: str, value: str, what: str, keep_booleans: bool) -> Value:
    from pynetdb.rows.json_values import parse_json, to_storable

    try:
        parsed = parse_json(_utf8(value, f"{what}{name}"))
        return parsed if keep_booleans and isinstance(parsed, bool) else to_storable(parsed)
    except ValueError as error:
        raise CommandLineError(f"{what}{name}:={value}: is not JSON for one value ({error})") from error


def parse_parameters(texts: Sequence[str], what: str) -> dict[str, Value]:
    """Return values by name, for `:name` in SQL; the colon may be written. Raises as parse_assignment."""
    found: dict[str, Value] = {}
    for text in texts:
        given = parse_assignment(text, what, keep_booleans=True)
        name = given.name.removeprefix(":")
        if name in found:
            raise CommandLineError(f"{what}{name}: is given twice")
        found[name] = given.value
    return found


def parse_value(text: str, what: str) -> Value:
    """Return the value for a `?`: the text itself, or what `:=JSON` says. Raises CommandLineError."""
    return _parse_typed("", text[2:], what, True) if text.startswith(":=") else _utf8(text, what.strip())


def _utf8(value: str, what: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise CommandLineError(f"{what}: the value is not UTF-8") from error
    return value
