"""Names of tables and columns, and the few texts that cannot be bound, quoted for PostgreSQL."""

from collections.abc import Iterable

from pynetdb.errors import CommandLineError

MAX_NAME = 63
"""Bytes of a name (NAMEDATALEN - 1). The server cuts a longer one and says nothing that anybody sees."""


def check_name(name: str) -> None:
    """Raise CommandLineError for a name that PostgreSQL cannot have as it is."""
    if not name:
        raise CommandLineError("a name of a table or column cannot be empty")
    if "\0" in name:
        raise CommandLineError(f"{name!r}: no name in PostgreSQL can hold a NUL")
    try:
        size = len(name.encode())
    except UnicodeEncodeError as error:
        raise CommandLineError(f"{name!r}: a name must be UTF-8") from error
    if size > MAX_NAME:
        raise CommandLineError(f"{name!r}: a name of {size} bytes, PostgreSQL has {MAX_NAME} at most")


def quote_identifier(name: str) -> str:
    """Return a name in double quotes, each quote doubled. Raises CommandLineError as `check_name` does."""
    check_name(name)
    return '"' + name.replace('"', '""') + '"'


def join_identifiers(names: Iterable[str]) -> str:
    """Return several names as a list for SQL."""
    return ", ".join(map(quote_identifier, names))


def quote_text(text: str) -> str:
    """Return a text as a literal (backslashes mean nothing in it). Where a value can be bound, bind it."""
    return "'" + text.replace("'", "''") + "'"
