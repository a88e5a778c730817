"""An array of objects: long ones, and where in it something is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
from readers import make_source, rows_of

from pynetdb.errors import DatabaseError
from pynetdb.rows.json_reader import JsonReader
from pynetdb.rows.json_values import RowDecoder


def test_long_objects_in_an_array(tmp_path: Path) -> None:
    rows = [{"a": "x" * 200_000}, {"a": "y" * 70_000}, {"a": "z"}]
    with make_source(tmp_path, json.dumps(rows)) as data:
        assert [row[0] for row in rows_of(JsonReader(data, False))] == [row["a"] for row in rows]


def test_a_long_text_is_looked_at_a_few_times_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read is looked at again when twice as much is there: all in all a few times what there is."""
    looked_at = []

    def make_counting(*arguments: Any) -> RowDecoder:
        decoder = RowDecoder(*arguments)
        scan, choose = decoder.plain.raw_decode, decoder.choose

        def raw_decode(text: str, at: int = 0) -> Any:
            looked_at.append(len(text) - at)
            return scan(text, at)

        def count_choice(text: str) -> json.JSONDecoder:
            looked_at.append(len(text))
            return choose(text)

        decoder.plain.raw_decode = raw_decode  # type: ignore[method-assign]
        decoder.choose = count_choice  # type: ignore[method-assign,assignment]
        return decoder

    monkeypatch.setattr("pynetdb.rows.json_reader.RowDecoder", make_counting)
    text = json.dumps([{"a": "x" * 20_000_000}])
    with make_source(tmp_path, text) as data:
        assert len(rows_of(JsonReader(data, False))[0][0]) == 20_000_000
    assert len(looked_at) > 5
    assert sum(looked_at) < 10 * len(text)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[{"a": 1}, {"a": }]', "item 2, line 1: is not JSON"),
        ('[{"a": 1},\n\n3]', "item 2, line 3: expected an object"),
        ('[{"a": 1} {"a": 2}]', "item 1, line 1: is not JSON"),
        ('[{"a": 1}, {"a": 1e999}]', "item 2, line 1: 'a' is a number beyond a double"),
    ],
)
def test_an_item_of_an_array_is_told_by_its_number(tmp_path: Path, text: str, place: str) -> None:
    with make_source(tmp_path, text) as data, pytest.raises(DatabaseError, match=place):
        rows_of(JsonReader(data, False))


@pytest.mark.parametrize("before", ["", '{"a": "x", "b": 0},' * 3000])
def test_digits_in_an_array_stay_wherever_they_stand(tmp_path: Path, before: str) -> None:
    rows = '{"a": [0.10], "b": 1.50}, {"a": "0.10", "b": -0}, {"a": {"c": 1e5}, "b": 7}'
    told: list[str] = []
    with make_source(tmp_path, f"[{before}{rows}]") as data:
        found = rows_of(JsonReader(data, False, tell=told.append))[-3:]
    assert found == [["[0.10]", 1.5], ["0.10", 0], ['{"c":1e5}', 7]]
    assert told == []
