"""The numbers of the built-in types, which never change, and what the text of a value is in Python."""

from typing import Any

# https://www.postgresql.org/docs/current/catalog-pg-type.html: the types that never change their numbers.
BOOL, BYTEA, INT8, INT2, INT4, JSON, FLOAT4, FLOAT8, NUMERIC, JSONB = (
    16, 17, 20, 21, 23, 114, 700, 701, 1700, 3802,
)  # fmt: skip
OID = 26
NUMBERS = (INT8, INT2, INT4, OID, FLOAT4, FLOAT8, NUMERIC)


def _exact_number(text: str) -> int | float | str:
    """Return a number, or its text where that has more digits than a number of Python's would show."""
    if text.lstrip("-").isdigit():
        return int(text) if len(text) < 4000 else text
    number = float(text)
    return number if repr(number) == text and number - number == 0 else text


def converter(kind: int) -> Any:
    """Return what makes values of a column of texts of a type."""
    if kind in (INT2, INT4, INT8, OID):
        return lambda column: [None if cell is None else int(cell) for cell in column]
    if kind in (FLOAT4, FLOAT8):
        return lambda column: [None if cell is None else float(cell) for cell in column]
    if kind == NUMERIC:
        return lambda column: [None if cell is None else _exact_number(cell.decode()) for cell in column]
    if kind == BYTEA:
        return lambda column: [None if cell is None else bytes.fromhex(cell[2:].decode()) for cell in column]
    return lambda column: [
        None if cell is None else cell.decode("utf-8", "surrogateescape") for cell in column
    ]
