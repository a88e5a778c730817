"""Rows found inside of a JSON object, and objects inside of rows made flat."""

from collections.abc import Sequence
from typing import Any

from pynetdb.rows.json_places import Places, Row
from pynetdb.rows.json_values import DuplicateKeyError


def find_rows(value: Row, at: Sequence[str], places: Places, line: int) -> list[Row]:
    """Return the rows to which some keys lead in an object on a line.

    Raises DatabaseError where they lead nowhere, and for what is not an object.
    """
    found: Any = value
    for key in at:
        if not isinstance(found, dict) or key not in found:
            known = ", ".join(list(found)[:20]) if isinstance(found, dict) else "no object"
            raise places.error(line, f"there is no {key!r} in it (it has {known})")
        found = found[key]
    rows = found if isinstance(found, list) else [found]
    return [places.require_row(row, line, item) for item, row in enumerate(rows, 1)]


def flatten_row(row: Row) -> Row:
    """Return a row in which `address.city` is `address_city`; arrays, and what is a BLOB, stay as they are.

    Raises DuplicateKeyError if two members come to have one name.
    """
    flat: Row = {}
    _flatten(row, "", flat)
    return flat


def _flatten(value: Row, prefix: str, flat: Row) -> None:
    for key, item in value.items():
        if isinstance(item, dict) and item and list(item) != ["base64"]:
            _flatten(item, f"{prefix}{key}_", flat)
        elif prefix + key in flat:
            raise DuplicateKeyError(f"two members of a row are called {prefix + key!r} when it is flat")
        else:
            flat[prefix + key] = item
