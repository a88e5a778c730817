"""Where a value of JSON stands, and in which words what is wrong with it is told."""

from typing import Any

from pynetdb.errors import DatabaseError
from pynetdb.rows.json_values import DuplicateKeyError

Row = dict[str, Any]

MAX_OBJECT = 1 << 28
"""An object of more characters than this is no row of a table."""


class Places:
    """The lines of a text of JSON and, unless each of its `lines` is a value, the items of its array."""

    def __init__(self, name: str, lines: bool) -> None:
        self.name = name
        self.lines = lines

    def describe(self, line: int, item: int | None = None) -> str:
        """Say where a value is, as messages begin."""
        return f"{self.name} line {line}" if item is None else f"{self.name} item {item}, line {line}"

    def error(self, line: int, message: str, item: int | None = None) -> DatabaseError:
        """Return the error for what is wrong there."""
        return DatabaseError(f"{self.describe(line, item)}: {message}")

    def require_row(self, value: Any, line: int, item: int | None = None) -> Row:
        """Return a value that is an object. Raises DatabaseError for any other."""
        if not isinstance(value, dict):
            expected = 'expected an object such as {"name": "Ann"}'
            raise self.error(line, f"{expected}, got {describe_kind(value)}", item)
        return value

    def bound(self, held: int, line: int) -> None:
        """Raise DatabaseError for a value of so many characters, if it is too long for any."""
        if held > MAX_OBJECT:
            raise self.error(line, "a value of more than 256 million characters")


def describe_error(error: ValueError) -> str:
    """Say why a text is not JSON, or not a row."""
    if isinstance(error, DuplicateKeyError):
        return str(error)
    message = str(getattr(error, "msg", error))
    if "Exceeds the limit" in message:
        return "is not JSON (an integer of thousands of digits)"
    column = getattr(error, "colno", None)
    # The module begins with a capital letter, our messages go on in the middle of a sentence.
    reason = message.replace("Expecting", "expecting") + (f" at column {column}" if column else "")
    return f"is not JSON ({reason})"


def describe_kind(value: Any) -> str:
    """Say what a value that is no object is."""
    names: dict[type, str] = {list: "an array", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
