"""Rows found inside of a JSON object, and objects inside of rows made flat."""

from collections.abc import Sequence
from typing import Any

from pynetdb.errors import DatabaseError
from pynetdb.rows.json_values import DuplicateKeyError

Row = dict[str, Any]


def find_rows(value: Row, at: Sequence[str] | None, place: str) -> list[Any]:
    """Return the rows that an object holds.

    `at` are the keys that lead to them; without, the features of GeoJSON are rows (RFC 7946 section 3.3), and
    any other object is one itself. Raises DatabaseError, which `place` begins, where `at` leads nowhere.
    """
    if at is None:
        features = value.get("features")
        if value.get("type") == "FeatureCollection" and isinstance(features, list):
            return [_feature(feature) for feature in features]
        return [value]
    found: Any = value
    for key in at:
        if not isinstance(found, dict) or key not in found:
            known = ", ".join(list(found)[:20]) if isinstance(found, dict) else "no object"
            raise DatabaseError(f"{place}: there is no {key!r} in it (it has {known})")
        found = found[key]
    if not isinstance(found, list):
        found = [found]
    return list(found)


def _feature(feature: Any) -> Any:
    """Return a feature as a row: its identifier, its properties, its geometry as JSON."""
    if not isinstance(feature, dict):
        return feature
    row = {"id": feature["id"]} if "id" in feature else {}
    row |= feature.get("properties") or {}
    # A property may be called like a member of the feature; the property is what the data are about.
    row.setdefault("geometry", feature.get("geometry"))
    return row


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
