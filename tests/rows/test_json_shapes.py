"""Rows inside of objects, and objects inside of rows."""

from pathlib import Path
from typing import Any

import pytest
from readers import rows_of

from pynetdb.errors import DatabaseError, PynetdbError
from pynetdb.rows.data_file import DataFile
from pynetdb.rows.json_places import Places
from pynetdb.rows.json_shapes import find_rows, flatten_row
from pynetdb.rows.json_values import DuplicateKeyError


def test_where_the_rows_are() -> None:
    places = Places("x", False)
    assert find_rows({"a": {"b": [{"c": 1}]}}, ("a", "b"), places, 1) == [{"c": 1}]
    assert find_rows({"a": {"c": 1}}, ("a",), places, 1) == [{"c": 1}]
    with pytest.raises(DatabaseError, match=r"x line 7: there is no 'z' in it \(it has a\)"):
        find_rows({"a": 1}, ("z",), places, 7)
    with pytest.raises(DatabaseError, match="no object"):
        find_rows({"a": 1}, ("a", "b"), places, 1)
    with pytest.raises(DatabaseError, match="x item 2, line 1: expected an object"):
        find_rows({"a": [{}, 3]}, ("a",), places, 1)


def test_flat_rows() -> None:
    row = {"a": {"b": {"c": 1}, "d": []}, "e": {}, "f": {"base64": "AA=="}}
    assert flatten_row(row) == {"a_b_c": 1, "a_d": [], "e": {}, "f": {"base64": "AA=="}}
    with pytest.raises(DuplicateKeyError, match="'a_b'"):
        flatten_row({"a": {"b": 1}, "a_b": 2})


@pytest.mark.parametrize(
    ("name", "text", "settings", "columns", "rows"),
    [
        ("x", '[{"a":1}]', {}, ["a"], [[1]]),
        ("x.csv", '{"a":1}\n{"a":2}\n', {}, ["a"], [[1], [2]]),
        ("x.json", '{"a":1}\n{"a":2}\n', {}, ["a"], [[1], [2]]),
        ("x.jsonl", '[{"a":1}]', {}, ["a"], [[1]]),
        ("x.geojson", '{"type":"FeatureCollection","features":[]}', {}, [], []),
        ("x.json", '{"n":0,"rows":[{"a":1},{"b":2}]}', {"at": "rows"}, ["a", "b"], [[1, None], [None, 2]]),
        ("x.json", '[{"a":{"b":1}}]', {"flatten": True}, ["a_b"], [[1]]),
        ("x.json", '[{"a":{"base64":"AP8="}},{"a":null}]', {}, ["a"], [[b"\x00\xff"], [None]]),
        ("x.json", '[{"a":{"base64":"!"}}]', {}, ["a"], [['{"base64":"!"}']]),
        ("x.json", '[{"a":12345678901234567890,"b":[1.50]}]', {"numbers": "text"}, ["a", "b"],
         [["12345678901234567890", "[1.50]"]]),
        ("x.jsonl", '{"r":[{"a":1},{"a":2}]}\n{"r":{"b":3}}\n{"r":[]}\n', {"at": "r"}, ["a", "b"],
         [[1, None], [2, None], [None, 3]]),
        ("x.json", '{"r":{"s":{"a":1.5}}}\n{"r":{"s":{"a":[0.10]}}}\n', {"at": "r.s", "exact": True}, ["a"],
         [[1.5], ["[0.10]"]]),
        ("x.json", '[{"a":{"b":0.10,"c":[0.10]}}]', {"flatten": True}, ["a_b", "a_c"], [[0.1, "[0.10]"]]),
        ("x.csv", "[a],b\n1,2\n", {}, ["[a]", "b"], [["1", "2"]]),
    ],
)  # fmt: skip
def test_json_is_recognised(
    tmp_path: Path, name: str, text: str, settings: Any, columns: list[str], rows: list[Any]
) -> None:
    path = tmp_path / name
    path.write_text(text)
    sources, reader = DataFile((str(path),), **settings).open(keep=False)
    with sources:
        assert rows_of(reader) == rows and reader.columns == columns


def test_numbers_with_more_digits_than_a_double_are_told(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('[{"a": 0.1}, {"a": 0.12345678901234567890123}, {"a": 0.98765432109876543219}]')
    told: list[str] = []
    sources, reader = DataFile((str(path),), tell_row=told.append).open(keep=False)
    with sources:
        rows_of(reader)
    assert told == [f"{path}: 0.12345678901234567890123 has more digits than a number can keep"]


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ('[{"a":1}]', {"at": "a"}),
        ('{"a":3}', {"at": "a"}),
        ("a,b\n", {"at": "a"}),
        ("a,b\n", {"flatten": True}),
        ('[{"a":' + '{"a":' * 900 + "1" + "}" * 901 + "]", {"flatten": True}),
        ('[{"a":{"b":1},"a_b":1}]', {"flatten": True}),
        ('[{"a":{"b":1},"A_b":1}]', {"flatten": True}),
        ('{"a":[{"b":1}]}\n{"b":1}\n', {"at": "a"}),
    ],
)
def test_what_does_not_fit(tmp_path: Path, text: str, settings: Any) -> None:
    path = tmp_path / "x"
    path.write_text(text)
    with pytest.raises(PynetdbError):
        sources, reader = DataFile((str(path),), **settings).open(keep=False)
        with sources:
            rows_of(reader)
            raise PynetdbError("deep nesting is fine where it fits")


@pytest.mark.parametrize(
    ("text", "settings", "place"),
    [
        ('[{"a":1},{"a":{"b":1},"a_b":2}]', {"flatten": True}, "item 2, line 1"),
        ('[{"a":1},\n{"a":{"b":1},"A_B":2}]', {"flatten": True}, "item 2, line 2"),
        ('{"a":{"b":1}}\n{"a":{"b":1},"a_b":2}\n', {"flatten": True}, "line 2"),
        ('{"r":[{"a":1}]}\n{"r":[{"a":1},{"a":1,"A":2}]}\n', {"at": "r"}, "line 2"),
        ('{"r":[{"a":1}]}\n{"r":[{},5]}\n', {"at": "r"}, "item 2, line 2"),
        ('{"r":1}\n', {"at": "nope"}, "line 1"),
    ],
)
def test_the_place_of_what_is_wrong(tmp_path: Path, text: str, settings: Any, place: str) -> None:
    path = tmp_path / "x"
    path.write_text(text)
    with pytest.raises(DatabaseError, match=f"x {place}: "):
        sources, reader = DataFile((str(path),), **settings).open(keep=False)
        with sources:
            rows_of(reader)
