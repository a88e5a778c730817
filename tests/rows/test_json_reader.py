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
    ],
)
def test_no_value_is_lost_behind_another(tmp_path: Path, text: str, lines: bool, place: str) -> None:
    with make_source(tmp_path, text) as data, pytest.raises(DatabaseError, match=place):
        rows_of(JsonReader(data, lines))
