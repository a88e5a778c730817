"""A statement of the user's with the values of its parameters, as the protocol takes them."""

from collections.abc import Mapping
from typing import Any

from pynetdb.db.engine import Parameters
from pynetdb.db.postgresql.lexer import Statement, number_parameters, split_statements
from pynetdb.db.postgresql.types import BOOL, BYTEA, INT4, INT8, NUMERIC
from pynetdb.errors import CommandLineError, DatabaseError
from pynetdb.wording import format_count


def only_statement(place: str, sql: str) -> Statement:
    """Return the statement of a text that has one. Raises DatabaseError for none and for more."""
    statements = split_statements(sql)
    if not statements:
        raise DatabaseError(f"{place}: no statement")
    if len(statements) > 1:
        raise DatabaseError(f"{place}: more than one statement, expected one")
    return statements[0]


def bind(sql: str, parameters: Parameters) -> tuple[str, list[bytes | None], list[int]]:
    """Return the statement with numbers for its parameters, their values as text, and their types."""
    known = number_parameters(sql)
    if isinstance(parameters, Mapping):
        missing = next((name for name in known.names if name not in parameters), None)
        if missing is not None:
            raise _missing(missing)
        unused = sorted(set(parameters) - set(known.names))
        if unused:
            raise CommandLineError(f"{unused[0]}: the statement has no :{unused[0]}", hint="name of a value")
        if known.numbers:
            raise CommandLineError("the statement has a parameter $1", hint="value for $1")
        values = [parameters[name] for name in known.names]
        sql = known.sql
    else:
        values = list(parameters)
        if values and known.names:
            raise _missing(known.names[0])
        if len(values) != known.numbers:
            wanted = format_count(known.numbers, "parameter")
            hint = "question mark" if known.question_mark else "number of numbered values"
            raise CommandLineError(f"the statement has {wanted} and got {len(values)}", hint=hint)
    return sql, [_encode(value) for value in values], [_type_of(value) for value in values]


def _missing(name: str) -> CommandLineError:
    return CommandLineError(f"the statement has a parameter :{name}", hint="value for a name", about=name)


def _encode(value: Any) -> bytes | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        return b"\\x" + value.hex().encode()
    if isinstance(value, bool):
        return b"true" if value else b"false"
    text = value if isinstance(value, str) else repr(value)
    if "\0" in text:
        # The server would take what stands before it, and say nothing.
        raise CommandLineError("a parameter with a NUL, which PostgreSQL cannot hold")
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise CommandLineError("a parameter that is not UTF-8") from error


def _type_of(value: Any) -> int:
    """The type that a value says it has; 0 leaves it to the place where it stands."""
    if value is None or isinstance(value, str):
        return 0
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, int):
        return INT4 if -(2**31) <= value < 2**31 else INT8 if -(2**63) <= value < 2**63 else NUMERIC
    # Of a `double precision` on its way into a `numeric` only fifteen digits are left.
    return BYTEA if isinstance(value, bytes) else NUMERIC
