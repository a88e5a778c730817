"""A script of several statements, all of it or nothing."""

from pynetdb.db.postgresql.connection import Connection
from pynetdb.db.postgresql.lexer import Statement, ends_transaction, split_statements
from pynetdb.errors import DatabaseError

# What an error ends with where all is one transaction.
_NOTHING = "; nothing was changed"


def run_script(connection: Connection, text: str, name: str, within: bool = False) -> int:
    """Run every statement of `text`, and return how many there were.

    They are one transaction, unless the script begins and ends its own. Raises DatabaseError with the line
    of the statement that is refused; then none has happened, or what the script itself has committed.
    `within` says that the caller has begun a transaction.
    """
    if "\0" in text:
        raise DatabaseError(f"{name}: SQL text ends at a NUL, so a script cannot hold one")
    statements = split_statements(text)
    if within:
        _run(connection, statements, name, _NOTHING)
    elif any(map(ends_transaction, statements)):
        try:
            _run(connection, statements, name)
            if connection.in_transaction:
                raise DatabaseError(f"{name}: the transaction that it begins is never committed")
        finally:
            connection.roll_back()
    else:
        with connection.transaction():
            _run(connection, statements, name, _NOTHING)
    return len(statements)


def _run(connection: Connection, statements: list[Statement], name: str, rest: str = "") -> None:
    for statement in statements:
        try:
            connection.execute(statement.sql)
        except DatabaseError as error:
            message = str(error).removeprefix(f"{connection.place}: ")
            place = f"{name} line {statement.line}"
            raise error.reworded(f"{place}: {message}{rest}") from error.__cause__
