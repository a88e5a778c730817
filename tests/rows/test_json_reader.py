"""JSON taken apart: any pieces, any text, the same objects or one clear error."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readers import make_source, relaxed, rows_of

from pynetdb.errors import DatabaseError
from pynetdb.rows.batch import UnknownColumnError
from pynetdb.rows.json_reader import JsonReader
from pynetdb.rows.json_values import make_row_decoder

JSON_VALUE = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text(st.characters(codec="utf-8"), max_size=5)
    | st.floats(allow_nan=False, allow_infinity=False)
)
JSON_ROWS = st.lists(
    st.dictionaries(st.text('abc"\n', max_size=2), JSON_VALUE, min_size=1, max_size=3), min_size=1, max_size=6
)


@relaxed
@given(JSON_ROWS, st.booleans(), st.none() | st.integers(0, 3))
@pytest.mark.usefixtures("piece")
def test_any_objects_come_back(
    tmp_path: Path, rows: list[dict[str, Any]], lines: bool, indent: int | None
) -> None:
    text = "\n".join(map(json.dumps, rows)) if lines else json.dumps(rows, indent=indent)
    with make_source(tmp_path, text) as data:
        reader = JsonReader(data, lines)
        try:
            found = rows_of(reader)
        except UnknownColumnError:
            reader.rewind()
            reader.learn_columns()
            reader.rewind()
            found = rows_of(reader)
        names = reader.columns
    assert set(names) == {name for row in rows for name in row}
    assert found == [[row.get(name) for name in names] for row in rows]


@relaxed
@given(st.text('{}[]",:10a\n \\u', max_size=30))
def test_lines_are_what_json_says_line_by_line(tmp_path: Path, text: str) -> None:
    wanted: list[Any] | None = []
    for line in text.split("\n"):
        if not line.strip(" \t\r\n"):
            continue
        try:
            value = json.loads(line, parse_constant=int)
        except ValueError:
            value = None
        if wanted is not None and isinstance(value, dict):
            wanted.append(value)
        else:
            wanted = None
            break
    with make_source(tmp_path, text) as data:
        try:
            found = [row for rows, _ in JsonReader(data, True)._read() for row in rows]
        except DatabaseError:
            found = None
    with make_source(tmp_path, text) as data:
        try:
            reader = JsonReader(data, True)
            found = [dict(row) for rows, _ in [reader._first or ([], []), *reader._rows] for row in rows]
        except DatabaseError:
            found = None
    assert found == wanted


def test_two_lines_that_are_json_only_together(tmp_path: Path) -> None:
    text = '{"a": [{}\n{}]}\n{"x": 1},{"y": 2}\n'
    with make_source(tmp_path, text) as data, pytest.raises(DatabaseError, match="line 1: is not JSON"):
        JsonReader(data, True)


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


@pytest.mark.parametrize("lines", [True, False])
def test_an_object_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: bool) -> None:
    monkeypatch.setattr("pynetdb.rows.json_reader.MAX_OBJECT", 100_000)
    with (
        make_source(tmp_path, '{"a": "' + "x" * 300_000) as data,
        pytest.raises(DatabaseError, match="256 million"),
    ):
        JsonReader(data, lines)


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


def test_the_keys_of_each_row(tmp_path: Path) -> None:
    with make_source(tmp_path, '{"a": 1}\n{"b": 2}\n{"b": 3, "a": null}\n') as data:
        (batch,) = JsonReader(data, True).batches()
    assert batch.cells == [1, None, None, 2, None, 3]
    assert batch.present == [(0,), (1,), (0, 1)]


@pytest.mark.parametrize(
    ("text", "lines", "place"),
    [
        ('{"a": 1}\n{"a": 1, "b": 2, "a": 3}\n', True, "line 2: the key 'a' is there twice"),
        ('[{"a": 1}, {"a": 1, "a": 1}]', False, "item 2, line 1: the key 'a' is there twice"),
        ('{"x": {"a": 1, "a": 2}}', False, "line 1: the key 'a' is there twice"),
    ],
)
def test_no_value_is_lost_behind_another(tmp_path: Path, text: str, lines: bool, place: str) -> None:
    with make_source(tmp_path, text) as data, pytest.raises(DatabaseError, match=place):
        rows_of(JsonReader(data, lines))
