"""Polluted files load, and what was done to them is told by its line."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readers import relaxed, rows_of

from pynetdb.errors import PynetdbError
from pynetdb.rows.batch import UnknownColumnError
from pynetdb.rows.csv_writer import csv_text
from pynetdb.rows.data_file import DataFile
from pynetdb.rows.dialect import Dialect


def read(path: Path, *, tell_all: bool = False, **dialect: Any) -> tuple[list[str], list[Any], list[str]]:
    told: list[str] = []
    data = DataFile(
        (str(path),), dialect=Dialect(lenient=True, **dialect), tell_row=told.append, tell_all=tell_all
    )
    sources, reader = data.open(keep=True)
    with sources:
        try:
            rows = rows_of(reader)
        except UnknownColumnError:
            reader.rewind()
            reader.learn_columns()
            reader.rewind()
            rows = rows_of(reader)
    return reader.columns, rows, told


@pytest.mark.parametrize(
    ("text", "columns", "rows", "lines"),
    [
        ("a,b\n1,2\n", ["a", "b"], [["1", "2"]], []),
        ("a,b,c\n1,2\n", ["a", "b", "c"], [["1", "2", None]], [2]),
        ("a,b\n1,2,3,4\n5,6\n", ["a", "b", "_rest"], [["1", "2", "3,4"], ["5", "6", None]], [2]),
        ('a,b\nx "q",2\n', ["a", "b"], [['x "q"', "2"]], [2]),
        ('a,b\n"say "hi" now",2\n', ["a", "b"], [['say "hi" now', "2"]], [2]),
        ('a,b\n"open,2\n3,4\n', ["a", "b"], [['"open', "2"], ["3", "4"]], [2]),
        ('a,b\n"x\ny",2\n', ["a", "b"], [["x\ny", "2"]], []),
        ("Report\n\na,b\n1,2\n", ["a", "b"], [["1", "2"]], [1]),
        ("a,b\n1,2\n\nTotal 1\n", ["a", "b"], [["1", "2"]], [4]),
        ("a,b\n1,2\n\n3\n4,5\n", ["a", "b"], [["1", "2"], ["3", None], ["4", "5"]], [4]),
        ("a,b\r\n1,2\n3,4\r5,6\r\n", ["a", "b"], [["1", "2"], ["3", "4"], ["5", "6"]], []),
        ("a;b\n1;2\n3\n", ["a", "b"], [["1", "2"], ["3", None]], [3]),
    ],
)
def test_what_is_made_to_fit(
    tmp_path: Path, text: str, columns: list[str], rows: list[Any], lines: list[int]
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode())
    found, loaded, told = read(path)
    assert (found, loaded) == (columns, rows)
    assert [line for line in lines if not any(f" line {line}: " in note for note in told)] == []
    assert bool(told) == bool(lines)


def test_few_are_told_unless_all_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n" + "1,2\n" * 20 + "3\n" * 10)
    assert len(read(path)[2]) == 6 and read(path)[2][-1].endswith("10 rows filled")
    assert len(read(path, tell_all=True)[2]) == 11


def test_without_a_header_and_without_quotes(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('1,"2\n3\n4,5\n')
    assert read(path, header=False, quote="none")[:2] == (
        ["c1", "c2"],
        [["1", '"2'], ["3", None], ["4", "5"]],
    )
    path.write_text("")
    with pytest.raises(PynetdbError, match="is empty"):
        read(path)


@relaxed
@given(st.text('a,;"\n\r x', max_size=40))
def test_any_text_loads(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode())
    if text.strip("\r\n"):
        read(path, delimiter=",")


CLEAN = st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1, max_size=5)


@relaxed
@given(st.lists(st.lists(CLEAN, min_size=2, max_size=2), min_size=1, max_size=5))
def test_what_is_right_stays_as_it_is(tmp_path: Path, rows: list[list[str]]) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(csv_text([["a", "b"], *rows]).encode())
    assert read(path, delimiter=",")[1] == rows
