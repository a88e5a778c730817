"""A script of several statements, all of it or nothing."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pynetdb.db.sqlite.database import Database
from pynetdb.errors import DatabaseError

_TRANSACTION = re.compile(r"(begin|commit|end|rollback(?!\b.*\bto\b))\b", re.IGNORECASE | re.DOTALL)

# What a transaction cannot hold.
_ALONE = re.compile(r"(?:vacuum|attach|detach)\b", re.IGNORECASE)

# Settings that a transaction ignores or refuses: a script begins with them.
_SETTING = re.compile(r"pragma\s+(?:foreign_keys|journal_mode|synchronous|temp_store)\b", re.IGNORECASE)

_SAVEPOINT = '"pynetdb script"'


class _Statement(NamedTuple):
    sql: str
    line: int
    """The line on which it begins."""
    bare: str
    """The statement without what stands in front of it."""


def run_script(db: Database, text: str, name: str, within: bool = False) -> int:
    """Run every statement of `text`, and return how many there were.

    All of them are one transaction, also where the script begins and ends its own, as `.dump` of the
    sqlite3 shell does; but one that does so and has a VACUUM, ATTACH or DETACH is run as it is. Raises
    DatabaseError with the line of the statement that is refused; then none has happened, or of a script
    that is run as it is what it has committed. `within` says that the caller has begun a transaction.
    """
    if "\0" in text:
        raise DatabaseError(f"{name}: SQL text ends at a NUL, so a script cannot hold one")
    statements = list(_statements(text))
    if within:
        _run_as_one(db, statements, name)
    elif _has(_TRANSACTION, statements) and _has(_ALONE, statements):
        _run(db, statements, name)
        if db.connection.in_transaction:
            db.execute("ROLLBACK")
            raise DatabaseError(f"{name}: the transaction that it begins is never committed")
    else:
        settings = 0
        while settings < len(statements) and _SETTING.match(statements[settings].bare):
            settings += 1
        _run(db, statements[:settings], name)
        with db.transaction():
            _run_as_one(db, statements, name, settings)
    return len(statements)


def ends_transactions(statements: Sequence[str]) -> bool:
    """Whether the statements begin and end transactions so that they cannot be a part of another one."""
    found = [_Statement(sql, 0, without_comments(sql)) for sql in statements]
    return _has(_TRANSACTION, found) and (_has(_ALONE, found) or _has(_SETTING, found))


def _has(pattern: re.Pattern[str], statements: Sequence[_Statement]) -> bool:
    return any(pattern.match(statement.bare) for statement in statements)


def _run(db: Database, statements: list[_Statement], name: str) -> None:
    for number, statement in enumerate(statements):
        try:
            db.execute(statement.sql).fetchall()
        except DatabaseError as error:
            if db.connection.in_transaction and _TRANSACTION.match(statement.bare):
                db.execute("ROLLBACK")
            raise _explain(db, statements, number, name, error) from error


def _run_as_one(db: Database, statements: list[_Statement], name: str, start: int = 0) -> None:
    """Run statements within a transaction; those that they begin themselves are savepoints in it."""
    is_open = False
    for number, statement in enumerate(statements[start:], start):
        match = _TRANSACTION.match(statement.bare)
        try:
            if match is None:
                db.execute(statement.sql).fetchall()
                continue
            is_open = _carry_out(db, match[1].lower(), is_open)
        except DatabaseError as error:
            raise _explain(db, statements, number, name, error, "; nothing was changed") from error
    if is_open:
        raise DatabaseError(f"{name}: the transaction that it begins is never committed; nothing was changed")


def _carry_out(db: Database, word: str, is_open: bool) -> bool:
    """Begin or end a savepoint as the word would a transaction; return whether one is open then."""
    if word == "begin":
        if is_open:
            raise DatabaseError("cannot start a transaction within a transaction")
        db.execute(f"SAVEPOINT {_SAVEPOINT}")
        return True
    if not is_open:
        word = "rollback" if word == "rollback" else "commit"
        raise DatabaseError(f"cannot {word} - no transaction is active")
    if word == "rollback":
        db.execute(f"ROLLBACK TO {_SAVEPOINT}")
    db.execute(f"RELEASE {_SAVEPOINT}")
    return False


def _explain(
    db: Database, statements: list[_Statement], number: int, name: str, error: DatabaseError, rest: str = ""
) -> DatabaseError:
    """Return an error about a statement with its place, and with what would help."""
    statement = statements[number]
    if isinstance(error.__cause__, sqlite3.Error):
        from pynetdb.db.sqlite.suggestions import explain_error

        error = explain_error(db, statement.bare, error.__cause__) or error
    if [other.line for other in statements].count(statement.line) > 1:
        rest = f"; that is statement {number + 1}{rest.replace(';', ',')}"
    message = str(error).removeprefix(f"{db.path}: ")
    return error.reworded(f"{name} line {statement.line}: {message}{rest}")


def _statements(text: str) -> Iterator[_Statement]:
    """Cut a script where SQLite says that a statement is complete; give each the line on which it begins."""
    start = 0
    at = text.find(";")
    while at >= 0:
        if sqlite3.complete_statement(text[start : at + 1]):
            yield from _one(text, start, at + 1)
            start = at + 1
        at = text.find(";", at + 1)
    yield from _one(text, start, len(text))


def _one(text: str, start: int, end: int) -> Iterator[_Statement]:
    sql = text[start:end]
    bare = without_comments(sql)
    if bare.strip("; \t\r\n"):
        yield _Statement(sql, text.count("\n", 0, end - len(bare)) + 1, bare)


def split_statements(text: str) -> list[str]:
    """Return the statements of a text, each with its semicolon."""
    return [statement.sql for statement in _statements(text)]


_NO_CODE = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?(?:\*/|\Z)""", re.DOTALL
)


def find_named_parameter(sql: str) -> str | None:
    """Return the name of the first parameter of a statement that has one (`:name`, `@name`, `$name`)."""
    match = re.search(r"(?<![\w$])[:@$]([A-Za-z_]\w*)", _NO_CODE.sub(" ", sql))
    return match[1] if match else None


def without_comments(sql: str) -> str:
    """Return a statement without the comments in front of it."""
    return re.sub(r"\A(?:\s+|--[^\n]*(?:\n|\Z)|/\*.*?(?:\*/|\Z))+", "", sql, flags=re.DOTALL)
