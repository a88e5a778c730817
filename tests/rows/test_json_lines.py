"""JSON lines: each is what JSON says of it, and those that are alike are known again."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readers import make_source, relaxed, rows_of

from pynetdb.errors import DatabaseError
from pynetdb.rows.batch import UnknownColumnError
from pynetdb.rows.json_lines import JsonLines
from pynetdb.rows.json_places import Places
from pynetdb.rows.json_reader import JsonReader
from pynetdb.rows.json_values import RowDecoder


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
            places = Places("x", True)
            lines = JsonLines(data, RowDecoder(), places, as_written=False)
            found = [row for rows, _ in lines.groups() for row in rows]
        except DatabaseError:
            found = None
    assert found == wanted


def test_two_lines_that_are_json_only_together(tmp_path: Path) -> None:
    text = '{"a": [{}\n{}]}\n{"x": 1},{"y": 2}\n'
    with make_source(tmp_path, text) as data, pytest.raises(DatabaseError, match="line 1: is not JSON"):
        JsonReader(data, True)


def kinds_of_batches(folder: Path, text: str) -> list[bool]:
    """Of each batch whether it was taken as it is written."""
    with make_source(folder, text) as data:
        reader = JsonReader(data, True, exact=True)
        return [batch.kinds is not None for batch in reader.batches()]


def test_a_pattern_learns_and_gives_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pynetdb.rows.source.PIECE", 10)
    plain, null, real = '{"a": 1}\n', '{"a": null}\n', '{"a": 12.5}\n'
    assert kinds_of_batches(tmp_path, plain * 50).count(False) == 1
    # What else a column may be is learned once.
    assert kinds_of_batches(tmp_path, plain * 20 + (null + real + plain) * 20).count(False) == 3
    # Where most is otherwise nothing is tried any more.
    odd = '{"a": 1.50}\n'
    assert kinds_of_batches(tmp_path, plain + odd * 60 + plain * 40)[-40:] == [False] * 40
    assert sum(kinds_of_batches(tmp_path, (plain * 9 + odd) * 20)) > 150


def test_a_key_that_comes_later_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pynetdb.rows.source.PIECE", 10)
    text = '{"a": 1}\n' * 20 + '{"a": 1, "b": 2}\n'
    with make_source(tmp_path, text, keep=True) as data:
        reader = JsonReader(data, True, exact=True)
        with pytest.raises(UnknownColumnError) as caught:
            list(reader.batches())
        assert (caught.value.name, caught.value.line) == ("b", 21)
        reader.rewind()
        reader.learn_columns()
        assert reader.columns == ["a", "b"]


@relaxed
@given(
    st.lists(
        st.sampled_from(['{"a": [0.10]}', '{"a": {"b": 1e5}}', '{"a": 0.5}', '{"a": "{["}', "", " "]),
        max_size=6,
    )
)
@pytest.mark.usefixtures("piece")
def test_digits_in_lines_stay_wherever_they_stand(tmp_path: Path, lines: list[str]) -> None:
    kept = {
        '{"a": [0.10]}': "[0.10]",
        '{"a": {"b": 1e5}}': '{"b":1e5}',
        '{"a": 0.5}': 0.5,
        '{"a": "{["}': "{[",
    }
    with make_source(tmp_path, "\n".join(lines)) as data:
        found = [row for (row,) in rows_of(JsonReader(data, True))]
    assert found == [kept[line] for line in lines if line.strip()]
