"""GeoJSON: nothing of a feature is lost, and what is no feature is refused by its place."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readers import rows_of

from pynetdb.errors import DatabaseError
from pynetdb.rows.data_file import DataFile
from pynetdb.rows.geojson import is_collection, read_features
from pynetdb.rows.json_places import Places
from pynetdb.rows.names import casefold_ascii

POINT = {"type": "Point", "coordinates": [1, 2]}


def read(features: list[Any], **others: Any) -> tuple[list[dict[str, Any]], list[str]]:
    told: list[str] = []
    collection = {"type": "FeatureCollection", "features": features, **others}
    assert is_collection(collection)
    return read_features(collection, Places("x", False), 1, told.append), told


def test_features_are_rows() -> None:
    rows, told = read(
        [
            {"type": "Feature", "id": 7, "properties": {"mag": 1.5}, "geometry": POINT},
            {"type": "Feature", "properties": None, "geometry": None},
            {"type": "Feature", "bbox": [1, 2, 1, 2], "title": "t"},
        ]
    )
    assert rows == [
        {"id": 7, "mag": 1.5, "geometry": POINT},
        {"geometry": None},
        {"geometry": None, "bbox": [1, 2, 1, 2], "title": "t"},
    ]
    assert list(rows[0]) == ["id", "mag", "geometry"] and told == []


def test_a_member_called_like_a_property_of_any_feature_has_one_name_in_all_of_them() -> None:
    rows, told = read(
        [
            {"type": "Feature", "id": 1, "properties": {"a": 1}, "geometry": POINT},
            {
                "type": "Feature",
                "id": 2,
                "properties": {"ID": "mine", "geometry": "g", "id_2": 0},
                "geometry": None,
            },
        ]
    )
    assert rows == [
        {"id_3": 1, "a": 1, "geometry_2": POINT},
        {"id_3": 2, "ID": "mine", "geometry": "g", "id_2": 0, "geometry_2": None},
    ]
    assert told == [
        "x: two columns are called id, the one that is no property is id_3",
        "x: two columns are called geometry, the one that is no property is geometry_2",
    ]


NAMES = st.sampled_from(["id", "ID", "geometry", "Geometry_2", "bbox", "a", "id_2"])
MEMBERS = st.dictionaries(NAMES, st.integers(), max_size=4)


@given(st.lists(st.tuples(MEMBERS, MEMBERS), min_size=1, max_size=3))
def test_nothing_of_a_feature_is_lost(parts: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    features = [{"type": "Feature", **own, "properties": properties} for own, properties in parts]
    rows, _ = read(features)
    known = {casefold_ascii(name) for _, properties in parts for name in properties}
    for row, (own, properties) in zip(rows, parts, strict=True):
        assert row.items() >= properties.items()
        others = {name: value for name, value in row.items() if name not in properties and value is not None}
        assert sorted(others.values()) == sorted(own.values())
        assert known.isdisjoint(map(casefold_ascii, others))


def test_members_of_the_collection_are_told_once() -> None:
    _, told = read([], crs={}, bbox=[])
    assert told == ["x: left out what the collection says of itself (crs, bbox)"]


@pytest.mark.parametrize("wrong", [[1], [["a", 1]], "abc", "", 5, 0, True, False])
def test_properties_are_an_object_or_null(wrong: Any) -> None:
    with pytest.raises(
        DatabaseError, match="x item 2, line 1: expected an object or null for the 'properties', got"
    ):
        read([{"type": "Feature", "properties": {}}, {"type": "Feature", "properties": wrong}])


@pytest.mark.parametrize(
    "wrong", [{"a": 1}, {"properties": {"a": 1}}, POINT, 3, None, "Feature", ["Feature"]]
)
def test_what_is_no_feature(wrong: Any) -> None:
    with pytest.raises(DatabaseError, match="x item 1, line 1: expected a feature"):
        read([wrong])


@pytest.mark.parametrize(
    "value", [{"features": []}, {"type": "FeatureCollection"}, {"type": "FeatureCollection", "features": 3}]
)
def test_what_is_no_collection(value: dict[str, Any]) -> None:
    assert not is_collection(value)


def test_what_is_told_is_told_once_however_often_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "g.geojson"
    path.write_text(
        '{"type":"FeatureCollection","x":1,"features":[{"type":"Feature","properties":{"id":1},"id":2}]}'
    )
    told: list[str] = []
    sources, reader = DataFile((str(path),), tell_row=told.append).open(keep=False)
    with sources:
        for _ in range(2):
            assert rows_of(reader) == [[2, 1, None]]
            reader.rewind()
    assert len(told) == 2
