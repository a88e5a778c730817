"""GeoJSON (RFC 7946): the features of a collection are rows."""

from collections.abc import Callable, Sequence

from pynetdb.rows.json_places import Places, Row, describe_kind
from pynetdb.rows.names import casefold_ascii, free_name

# What says what an object is, and what is taken apart.
_OF_COLLECTION = ("type", "features")
_OF_FEATURE = ("type", "properties")


def is_collection(value: Row) -> bool:
    """Whether an object is a FeatureCollection (RFC 7946 section 3.3)."""
    return value.get("type") == "FeatureCollection" and isinstance(value.get("features"), list)


def read_features(collection: Row, places: Places, line: int, tell: Callable[[str], None]) -> list[Row]:
    """Return each feature as a row: its identifier, its properties, its geometry, what else it has.

    A member that is called like a property of any of them gets a name that is free, of which `tell` is told,
    as of members of the collection itself. Raises DatabaseError for an item that is no Feature.
    """
    features = collection["features"]
    properties = [_check(feature, places, line, item) for item, feature in enumerate(features, 1)]
    others = [member for member in collection if member not in _OF_COLLECTION]
    if others:
        tell(f"{places.name}: left out what the collection says of itself ({', '.join(others[:20])})")
    names = _name_members(features, properties, lambda note: tell(f"{places.name}: {note}"))
    rows = []
    for feature, found in zip(features, properties, strict=True):
        row = {names["id"]: feature["id"]} if "id" in feature else {}
        row |= found
        row[names["geometry"]] = feature.get("geometry")
        row |= {names[key]: feature[key] for key in feature if key not in (*_OF_FEATURE, "id", "geometry")}
        rows.append(row)
    return rows


def _check(feature: object, places: Places, line: int, item: int) -> Row:
    """Return the properties of a feature."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        told = "another object" if isinstance(feature, dict) else describe_kind(feature)
        raise places.error(line, f'expected a feature, {{"type": "Feature", ...}}, got {told}', item)
    properties = feature.get("properties")
    if properties is None:
        return {}
    if not isinstance(properties, dict):
        told = describe_kind(properties)
        raise places.error(line, f"expected an object or null for the 'properties', got {told}", item)
    return properties


def _name_members(
    features: Sequence[Row], properties: Sequence[Row], tell: Callable[[str], None]
) -> dict[str, str]:
    """Return the names of the columns of the features' own members."""
    taken = {casefold_ascii(name) for found in properties for name in found}
    members = dict.fromkeys(key for feature in features for key in feature if key not in _OF_FEATURE)
    names = {}
    for member in {**members, "geometry": None}:
        names[member] = member
        if casefold_ascii(member) in taken:
            names[member] = name = free_name(member, taken | set(map(casefold_ascii, members)), first=2)
            taken.add(casefold_ascii(name))
            tell(f"two columns are called {member}, the one that is no property is {name}")
    return names
