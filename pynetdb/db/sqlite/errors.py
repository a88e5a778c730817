"""What SQLite complains about, turned into our errors: the only place that catches sqlite3's."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from pynetdb.errors import DatabaseError

# By SQLite's extended result names (https://sqlite.org/rescode.html); the first that fits is said
# instead of SQLite's own words, which do not say what to do.
_WORDS = {
    "SQLITE_NOTADB": "not a SQLite database",
    "SQLITE_CORRUPT": "the database is damaged",
    "SQLITE_BUSY": "locked by another program for longer than we wait",
    "SQLITE_LOCKED": "locked by another statement",
    "SQLITE_READONLY_ROLLBACK": "a writer was interrupted, and what it left must be rolled back",
    "SQLITE_READONLY_DBMOVED": "the file was removed or replaced by another program, nothing was written",
    "SQLITE_READONLY_DIRECTORY": "the folder is read-only, and SQLite writes its journal there",
    "SQLITE_READONLY": "the database is read-only",
    "SQLITE_FULL": "no space left, nothing was changed",
    "SQLITE_IOERR": "the disk failed, nothing was changed",
    "SQLITE_CANTOPEN": "cannot be opened",
    "SQLITE_PERM": "no permission",
    "SQLITE_NOMEM": "out of memory",
}


_HINTS = {"SQLITE_READONLY_ROLLBACK": "interrupted", "SQLITE_NOTADB": "data file"}

# How files end that people take for databases.
_DATA = (".csv", ".tsv", ".json", ".jsonl", ".gz", ".zip")

# What SQLite says of a statement in its schema that it does not understand: a newer one's, or damage.
_BAD_DEFINITION = re.compile(r"malformed database schema \((.+?)\)(?: - (.+))?", re.DOTALL)


@contextmanager
def translate_errors(where: str) -> Iterator[None]:
    """Raise what sqlite3 raises in the block as DatabaseError, in one line that begins with `where`."""
    try:
        yield
    except (sqlite3.Error, sqlite3.Warning) as error:
        hint = _HINTS.get(error_name(error))
        if hint == "data file" and not where.lower().endswith(_DATA):
            hint = None
        raise DatabaseError(f"{where}: {describe(error)}", hint=hint, about=where) from error


def error_name(error: Exception) -> str:
    """Return the name of SQLite's extended result code, or an empty text where Python made the error."""
    return getattr(error, "sqlite_errorname", None) or ""


def is_bad_definition(error: DatabaseError) -> bool:
    """Whether SQLite does not understand a statement of the schema, which keeps it from all tables."""
    return _BAD_DEFINITION.match(str(error.__cause__)) is not None


def describe(error: Exception) -> str:
    """Say what went wrong in words for the user."""
    name = error_name(error)
    if match := _BAD_DEFINITION.match(str(error)):
        return f"the definition of {match[1]} cannot be read" + (f": {match[2]}" if match[2] else "")
    for known, message in _WORDS.items():
        if name == known or name.startswith(known + "_"):
            return message
    return " ".join(str(error).split()) or type(error).__name__
