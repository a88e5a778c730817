"""The numbers of the built-in types, which never change, and what the text of a value is in Python."""

from typing import Any

# https://www.postgresql.org/docs/current/catalog-pg-type.html: the types that never change their numbers.
BOOL, BYTEA, INT8, INT2, INT4, JSON, FLOAT4, FLOAT8, NUMERIC, JSONB = (
    16, 17, 20, 21, 23, 114, 700, 701, 1700, 3802,
)  # fmt: skip
OID = 26
EXACT_INTEGERS = (INT8, INT2, INT4)
NUMBERS = (*EXACT_INTEGERS, OID, FLOAT4, FLOAT8, NUMERIC)
NAME, TEXT, BPCHAR, VARCHAR, DATE, UUID = 19, 25, 1042, 1043, 1082, 2950
PLAIN_TEXTS = (NAME, TEXT, BPCHAR, VARCHAR, DATE, UUID)
"""Types whose values are the same text everywhere, in JSON too."""


def _exact_number(text: str) -> int | float | str:
    """Return a number, or its text where that has more digits than a number of Python's would show."""
    if text.lstrip("-").isdigit():
        return int(text) if len(text) < 4000 else text
    number = float(text)
    return number if repr(number) == text and number - number == 0 else text


def converter(kind: int) -> Any:
    """Return what makes values of a column of texts of a type."""
    if kind in (*EXACT_INTEGERS, OID):
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
