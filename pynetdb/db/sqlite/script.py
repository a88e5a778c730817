"""A script of several statements, all of it or nothing."""

import re
import sqlite3
from collections.abc import Iterator, Sequence

from pynetdb.db.sqlite.database import Database
from pynetdb.errors import DatabaseError

_TRANSACTION = re.compile(r"\s*(?:begin|commit|end|rollback|savepoint|release)\b", re.IGNORECASE)


def run_script(db: Database, text: str, name: str, within: bool = False) -> int:
    """Run every statement of `text`, and return how many there were.

    They are one transaction, unless the script begins and ends its own, as `.dump` of the sqlite3 shell
    does. Raises DatabaseError with the line of the statement that is refused; then none has happened,
    or what the script itself has committed. `within` says that the caller has begun a transaction.
    """
    if "\0" in text:
        raise DatabaseError(f"{name}: SQL text ends at a NUL, so a script cannot hold one")
    statements = list(_statements(text))
    if within:
        _run(db, statements, name)
    elif ends_transactions([sql for sql, _ in statements]):
        _run(db, statements, name)
        if db.connection.in_transaction:
            db.execute("ROLLBACK")
            raise DatabaseError(f"{name}: the transaction that it begins is never committed")
    else:
        with db.transaction():
            _run(db, statements, name)
    return len(statements)


def ends_transactions(statements: Sequence[str]) -> bool:
    """Whether one of the statements begins or ends a transaction."""
    return any(_TRANSACTION.match(without_comments(sql)) for sql in statements)


def _run(db: Database, statements: list[tuple[str, int]], name: str) -> None:
    for sql, line in statements:
        try:
            db.execute(sql).fetchall()
        except DatabaseError as error:
            if db.connection.in_transaction and _TRANSACTION.match(sql):
                db.execute("ROLLBACK")
            message = str(error).removeprefix(f"{db.path}: ")
            raise DatabaseError(f"{name} line {line}: {message}") from error


def _statements(text: str) -> Iterator[tuple[str, int]]:
    """Cut a script where SQLite says that a statement is complete; give each the line on which it begins."""
    start = 0
    at = text.find(";")
    while at >= 0:
        if sqlite3.complete_statement(text[start : at + 1]):
            yield from _one(text, start, at + 1)
            start = at + 1
        at = text.find(";", at + 1)
    yield from _one(text, start, len(text))


def _one(text: str, start: int, end: int) -> Iterator[tuple[str, int]]:
    sql = text[start:end]
    bare = without_comments(sql).strip("; \t\r\n")
    if bare:
        begins = start + len(sql) - len(sql.lstrip())
        yield sql, text.count("\n", 0, begins) + 1


def split_statements(text: str) -> list[str]:
    """Return the statements of a text, each with its semicolon."""
    return [sql for sql, _ in _statements(text)]


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
