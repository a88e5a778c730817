"""Names of tables and columns, and the few texts that cannot be bound, quoted for SQL."""

from pynetdb.errors import CommandLineError


def quote_identifier(name: str) -> str:
    """Return an identifier in double quotes, each quote in it doubled (https://sqlite.org/lang_keywords.html).

    Any name works but one that SQL text cannot hold: an empty one, and one with NUL or with bytes that
    are not UTF-8. Those raise CommandLineError.
    """
    if not name:
        raise CommandLineError("a name of a table or column cannot be empty")
    if "\0" in name:
        raise CommandLineError(f"{name!r}: SQL text ends at a NUL, so no name can hold one")
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise CommandLineError(f"{name!r}: a name must be UTF-8") from error
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """Return a text as a literal of SQL, each quote in it doubled. Where a value can be bound, bind it."""
    return "'" + text.replace("'", "''") + "'"


def join_identifiers(names: "list[str] | tuple[str, ...]") -> str:
    """Return several identifiers as a list for SQL."""
    return ", ".join(map(quote_identifier, names))
