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
        ("a,b\n1,2,3\n4\n", ["a", "b", "_rest"], [["1", "2", "3"], ["4", None, None]], [2, 3]),
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


HEAD = "id,name,price\n1,Ann,2.5\n2,Bob,3.5\n"
ROWS = [["1", "Ann", "2.5"], ["2", "Bob", "3.5"]]


@pytest.mark.parametrize(
    ("text", "more", "told"),
    [
        ("\nregion,total\nnorth,5\n", [], "line 5: another table begins (region, total)"),
        ("region,total\nnorth,5\n", [], "line 4: another table begins"),
        ("\nid,who,when\n9,Zed,2020\n\nmore\n", [], "line 5: another table begins (id, who, when)"),
        ("\na,b,c,d\n1,2,3,4\n", [], "line 5: another table begins"),
        ("\na,b\n1,2\n\nx,y,z\n3,Cid,4.5\n", [], "line 8: left out"),
        # The table goes on, under its own header or without one.
        ("\nid,name,price\n3,Cid,4.5\n", [["3", "Cid", "4.5"]], "line 5: left out, it repeats the header"),
        ("id,name,price\n3,Cid,4.5\n", [["3", "Cid", "4.5"]], "line 4: left out, it repeats the header"),
        ("\na,b\n1,2\n\n3,Cid,4.5\n", [["3", "Cid", "4.5"]], "2 rows left out"),
        ("\n3,Cid,4.5\n", [["3", "Cid", "4.5"]], ""),
        # What may be a row is kept, and told.
        ("x,Cid,y\n", [["x", "Cid", "y"]], "line 4: like the header of another table"),
        ("\nx,Cid,n/a\n3,Cid,4.5\n", [["x", "Cid", "n/a"], ["3", "Cid", "4.5"]], ""),
        # Spreadsheets fill what is shorter than the table.
        (",,\nTotal,,6\n", [], "line 5: left out"),
        (",,\n3,Cid,4.5\n", [["", "", ""], ["3", "Cid", "4.5"]], ""),
        (",,\nregion,total,\nnorth,5,\n", [], "line 5: left out"),
        ("Cid,x\n3,Cid,4.5\n", [["Cid", "x", None], ["3", "Cid", "4.5"]], "line 4: filled"),
    ],
)
def test_other_tables_are_not_mixed_in(tmp_path: Path, text: str, more: list[Any], told: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(HEAD + text)
    columns, rows, notes = read(path, tell_all=True)
    assert (columns, rows) == (["id", "name", "price"], ROWS + more)
    assert told in "\n".join(notes) and bool(notes) == bool(told)


def test_a_title_that_is_as_long_as_the_table(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("Report,,\nof 2026-01-01,,\n,,\n" + HEAD)
    columns, rows, told = read(path)
    assert (columns, rows) == (["id", "name", "price"], ROWS)
    assert " line 1: left out" in told[0] and told[-1].endswith("3 rows left out")
    path.write_text("id,,\n1,a,b\n2,,c\n")
    assert read(path)[0] == ["id", "c2", "c3"]


def test_a_quote_behind_a_space(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('id, name\n1, "Ann, A"\n2,  b\n')
    _, rows, told = read(path)
    assert rows == [["1", "Ann, A"], ["2", "  b"]] and " line 2: with a stray quote" in told[0]


def test_a_table_of_names_and_another_one(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("city,country\nRome,Italy\n\nname,job\nAnn,cook\n")
    _, rows, told = read(path)
    assert len(rows) == 3 and " line 4: like the header of another table" in told[0]


def test_a_long_other_table_is_not_held(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(HEAD * 100 + "\n" + "1,2\n" * 300 + "\n4,Dan,5.5\n")
    _, rows, told = read(path)
    assert len(rows) == 201 and rows[-1][1] == "Dan"
    assert told[-1].endswith("399 rows left out")
    path.write_text(HEAD * 100 + "x,y\n" + "z\n" * 300)
    assert len(read(path)[1]) == 501


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
    assert read(path, delimiter=",")[1] == rows or ["a", "b"] in rows
