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
        ('{"id": 8, "ID": 9}', False, "item 1, line 1: the key 'ID' is there twice"),
        ('[{"id": 8}, {"ID": 9, "id": 8}]', False, "item 2, line 1: the key 'id' is there twice"),
        ('{"id": 8}\n{"b": 1, "id": 8, "B": 2}\n', True, "line 2: the key 'B' is there twice"),
        ('{"id": 8, "ID": 9}\n' * 9000, True, "line 1: the key 'ID' is there twice"),
        (
            '{"id": 8}\n' * 9000 + '{"id": 8, "ID": 9}\n' * 9000,
            True,
            "line 9001: the key 'ID' is there twice",
        ),
    ],
)
def test_no_value_is_lost_behind_another(tmp_path: Path, text: str, lines: bool, place: str) -> None:
    for exact in (False, True):
        with make_source(tmp_path, text, keep=True) as data, pytest.raises(DatabaseError, match=place):
            reader = JsonReader(data, lines, exact=exact)
            reader.learn_columns()
            reader.rewind()
            rows_of(reader)


SPELLINGS = st.lists(
    st.dictionaries(st.sampled_from(["id", "ID", "Id", "b", "B"]), st.integers(0, 9), max_size=3),
    min_size=1,
    max_size=6,
)


@relaxed
@given(SPELLINGS, st.booleans(), st.booleans())
@pytest.mark.usefixtures("piece")
def test_keys_are_one_column_in_any_case(
    tmp_path: Path, rows: list[dict[str, Any]], lines: bool, exact: bool
) -> None:
    text = "\n".join(map(json.dumps, rows)) if lines else json.dumps(rows)
    folded = [{name.lower(): value for name, value in row.items()} for row in rows]
    with make_source(tmp_path, text, keep=True) as data:
        reader = JsonReader(data, lines, exact=exact)
        reader.learn_columns()
        reader.rewind()
        try:
            found = [None if cell is None else int(cell) for row in rows_of(reader) for cell in row]
        except DatabaseError:
            assert any(len(row) < len(before) for row, before in zip(folded, rows, strict=True))
            return
        names = list(map(str.lower, reader.columns))
    assert list(map(len, folded)) == list(map(len, rows))
    assert names == list(dict.fromkeys(name for row in folded for name in row))
    assert found == [row.get(name) for row in folded for name in names]
