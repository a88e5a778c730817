"""Polluted files load, and what was done to them is told by its line."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readers import relaxed, rows_of

from pynetdb.errors import PynetdbError
from pynetdb.rows.batch import UnknownColumnError
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


@pytest.mark.parametrize(
    ("header", "rest"),
    [("a,b", "_rest"), ("a,_rest", "_rest_2"), ("_Rest_2,_REST", "_rest_3"), ("_rest,_rest", "_rest_3")],
)
def test_the_column_of_what_is_too_much_has_a_name_of_its_own(tmp_path: Path, header: str, rest: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"{header}\n1,2\n3,4,5\n")
    sources, reader = DataFile((str(path),), dialect=Dialect(lenient=True)).open(keep=True)
    with sources:
        with pytest.raises(UnknownColumnError) as caught:
            rows_of(reader)
        assert (caught.value.name, caught.value.line) == (rest, 3)
        reader.rewind()
        reader.learn_columns()
        assert reader.find_column(rest) == f"{path} line 3" and reader.find_column("a") == f"{path} line 1"
        reader.rewind()
        assert reader.columns[2:] == [rest] and rows_of(reader)[1] == ["3", "4", "5"]


def strict(path: Path, form: str = "csv", **dialect: Any) -> tuple[list[str], list[Any]]:
    sources, reader = DataFile((str(path),), form, Dialect(**dialect)).open(keep=True)
    with sources:
        return reader.columns, rows_of(reader)


# What makes fields difficult, and what is text in any language.
CELL = st.text("a1,;|'\" \t\n\r", max_size=8) | st.text(st.characters(codec="utf-8"), max_size=6)
# The number in front shows that a row is one; that nothing but rows looks like a header is for other tests.
TABLES = st.integers(0, 3).flatmap(
    lambda width: st.lists(
        st.tuples(st.integers(0, 99).map(str), *[CELL] * width).map(list), min_size=1, max_size=8
    )
)


@relaxed
@given(
    TABLES,
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(['"', "'"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    st.booleans(),
    st.integers(0, 150),
)
@pytest.mark.usefixtures("piece")
def test_what_the_strict_reader_loads_gives_the_same_cells(
    tmp_path: Path,
    rows: list[list[str]],
    delimiter: str,
    quote: str,
    end: str,
    quoting: Any,
    header: bool,
    lines: int,
) -> None:
    names = [f"name {number}" for number in range(len(rows[0]))]
    rows = [*rows, [*rows[0][:-1], "1" + "x\n" * lines]]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, quotechar=quote, lineterminator=end, quoting=quoting)
    writer.writerows([names, *rows] if header else rows)
    path = tmp_path / "x.csv"
    path.write_bytes(text.getvalue().encode())
    settings: dict[str, Any] = {"delimiter": delimiter, "quote": quote, "header": header}
    try:
        wanted = strict(path, **settings)
    except PynetdbError:
        # Before Python 3.13 the writer leaves a carriage return without quotes.
        return
    assert read(path, **settings) == (*wanted, [])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.csv", "a\n1\n\n2\n"),
        ("x.csv", "\n\na\n1\n"),
        ("x.csv", 'a,b\n\n1,"x\n\n\ny"\n'),
        # Quotes of tab-separated text that come late.
        ("x.tsv", "a\tb\n" + "1\tx\n" * 20_000 + '2\t"x\t""y\n"\n3\tz\n'),
        ("x.tsv", "a\tb\n" + "1\tx\n" * 20_000 + '2\t"x"\n3\tz "y"\n'),
        ("x.csv", 'a;b\n1;"x,y,z\nx,y,z"\n'),
    ],
)
def test_what_else_the_strict_reader_loads(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_bytes(text.encode())
    form = path.suffix.removeprefix(".")
    told: list[str] = []
    sources, reader = DataFile((str(path),), dialect=Dialect(lenient=True), tell_row=told.append).open(True)
    with sources:
        assert (reader.columns, rows_of(reader)) == strict(path, form) and not told


def test_corpora_give_the_same_cells(tmp_path: Path, corpora: Path) -> None:
    same = []
    for path in sorted((corpora / "csv").rglob("*.csv")):
        for header in (False, True):
            try:
                wanted = strict(path, header=header)
            except PynetdbError:
                continue
            assert read(path, header=header) == (*wanted, []), path.name
            same.append(path.name)
    assert len(same) > 50
