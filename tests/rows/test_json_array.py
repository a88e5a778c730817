"""An array of objects: long ones, and where in it something is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
from readers import make_source, rows_of

from pynetdb.errors import DatabaseError
from pynetdb.rows.json_reader import JsonReader
from pynetdb.rows.json_values import make_row_decoder


def test_long_objects_in_an_array(tmp_path: Path) -> None:
    rows = [{"a": "x" * 200_000}, {"a": "y" * 70_000}, {"a": "z"}]
    with make_source(tmp_path, json.dumps(rows)) as data:
        assert [row[0] for row in rows_of(JsonReader(data, False))] == [row["a"] for row in rows]


def test_a_long_text_is_looked_at_a_few_times_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read is looked at again when twice as much is there: all in all a few times what there is."""
    looked_at = []

    def make_counting(*arguments: Any) -> json.JSONDecoder:
        decoder = make_row_decoder(*arguments)
        scan = decoder.raw_decode

        def raw_decode(text: str, at: int = 0) -> Any:
            looked_at.append(len(text) - at)
            return scan(text, at)

        decoder.raw_decode = raw_decode  # type: ignore[method-assign]
        return decoder

    monkeypatch.setattr("pynetdb.rows.json_reader.make_row_decoder", make_counting)
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
