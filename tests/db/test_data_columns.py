"""Tables made from data: exact numbers are numbers, and where they are not that is said."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readers import relaxed

from pynetdb.db import open as open_database
from pynetdb.db.data_columns import (
    InexactColumn,
    InexactColumns,
    find_type,
    new_columns,
    survey_columns,
    survey_file,
    watch_guesses,
)
from pynetdb.db.load import load
from pynetdb.db.load_options import LoadOptions
from pynetdb.errors import CommandLineError, DatabaseError
from pynetdb.rows.column_rules import DecimalCommaRule
from pynetdb.rows.data_file import DataFile
from pynetdb.rows.dialect import Dialect
from pynetdb.rows.json_types import ValueRule
from pynetdb.rows.text_types import TextRule

NUMBER = st.integers(-(10**9), 10**9).map(str) | st.decimals(-(10**6), 10**6, places=3).map(
    lambda number: str(number.normalize()) if number % 1 else str(int(number))
)


@relaxed
@given(st.lists(NUMBER, min_size=1, max_size=8))
def test_numbers_are_those_of_decimal(tmp_path: Path, texts: list[str]) -> None:
    path = tmp_path / "x.csv"
    path.write_text("v\n" + "".join(f"{text}\n" for text in texts))
    sources, reader = DataFile((str(path),)).open(keep=True)
    with sources, open_database(":memory:", "create") as engine:
        result = load(engine, reader, LoadOptions("t", create=True))
        table = engine.find_table("t")
        assert table is not None
        if table.columns[0].type == "TEXT":
            assert result.inexact
            return
        query = engine.query("SELECT max(v), min(v), sum(v) FROM t", write=True)
        ((largest, smallest, total),) = next(query.blocks())
        numbers = list(map(Decimal, texts))
        assert (Decimal(str(largest)), Decimal(str(smallest))) == (max(numbers), min(numbers))
        assert abs(Decimal(str(total)) - sum(numbers)) < Decimal("0.001")
        ordered = [row[0] for row in next(engine.query("SELECT v FROM t ORDER BY v", write=True).blocks())]
        assert [Decimal(str(value)) for value in ordered] == sorted(numbers)


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["9.50", "1"], [InexactColumn("v", "9.50", 9.5)]),
        (["007"], [InexactColumn("v", "007", 7)]),
        (["1", "5.0"], [InexactColumn("v", "5.0", 5)]),
        (["1e5"], [InexactColumn("v", "1e5", 100000.0)]),
        (["9.50", "x"], []),
        (["x", "9.50"], []),
        (["", ""], []),
        (["1", "2.5"], []),
        (["1", "1e+300"], []),
    ],
)
def test_why_numbers_are_text(tmp_path: Path, texts: list[str], found: list[InexactColumn]) -> None:
    path = tmp_path / "x.csv"
    path.write_text("v,w\n" + "".join(f"{text},\n" for text in texts))
    assert told_of(DataFile((str(path),))) == [found] * 3


def told_of(data: DataFile) -> list[list[InexactColumn]]:
    """What is told of a table that is made and filled, of columns that are added to one, and of a table made alone."""
    told = []
    for script in ("", "CREATE TABLE t (w)"):
        sources, reader = data.open(keep=True)
        with sources, open_database(":memory:", "create") as engine:
            engine.run_script(script, "here")
            options = LoadOptions("t", create=not script, alter=bool(script)).for_data(data)
            told.append(list(load(engine, reader, options).inexact))
    told.append(survey_file(data, (), {})[1])
    return told


@pytest.mark.parametrize(
    ("values", "numbers", "found"),
    [
        ("9007199254740993 10.5", "detect", []),
        ("9007199254740993 10.5 5.0", "detect", [InexactColumn("v", "5.0", 5)]),
        ("9007199254740993 10.5 5.0", "numeric", []),
        ('"9.50" "10"', "detect", []),
        ("5.0 9007199254740993 null", "detect", [InexactColumn("v", "5.0", 5)]),
        ('5.0 9007199254740993 "x"', "detect", []),
        ("5 5.0", "detect", []),
    ],
)
@pytest.mark.parametrize("rows", [1, 700])
def test_numbers_of_json(tmp_path: Path, values: str, numbers: str, found: Any, rows: int) -> None:
    path = tmp_path / "x.json"
    items = "".join(f'{{"v": {value}, "w": 1}}, ' * rows for value in values.split())
    path.write_text(f"[{items.rstrip(', ')}]")
    assert told_of(DataFile((str(path),), numbers=numbers)) == [found] * 3


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["1.000", "3,5"], []),
        (["01.000", "1.5"], [InexactColumn("v", "1.5", None, comma_wanted=True)]),
        (["1e5"], [InexactColumn("v", "1e5", None, comma_wanted=True)]),
        (["3,5", "1.5"], []),
        (["9" * 400 + ",5"], []),
    ],
)
@pytest.mark.parametrize("numbers", ["detect", "numeric"])
def test_where_commas_are_wanted_nobody_is_told_to_want_what_he_has(
    tmp_path: Path, texts: list[str], found: list[InexactColumn], numbers: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_text("v;w\n" + "".join(f"{text};\n" for text in texts))
    data = DataFile((str(path),), dialect=Dialect(";", decimal=","), numbers=numbers)
    assert told_of(data) == [found] * 3


def test_what_is_no_guess_is_not_watched() -> None:
    rules = [TextRule(), TextRule(), ValueRule(), ValueRule(), DecimalCommaRule()]
    watcher = watch_guesses(list("abcde"), rules, ["TEXT", "", "TEXT", "MIXED", "REAL"], False)
    watcher.look(["9.50", "9.50", "9.50", "5.0", 9.5], 0, 1)
    assert watcher.watches and [column.name for column in watcher.result()] == ["a", "d"]
    assert not watch_guesses(["b"], [TextRule()], [""], False).watches


def test_nothing_is_watched_but_text() -> None:
    columns = InexactColumns(["a"], ["INTEGER"])
    columns.look(["9.50"], 0, 1)
    assert columns.result() == []


def test_decimal_commas_are_watched_for_to_the_end() -> None:
    cells = ["1,5", "x", "7", "2,5", "y", "8"]
    columns = InexactColumns(["a", "b", "c"], ["TEXT", "TEXT", "INTEGER"])
    columns.look(cells, 0, 2)
    assert columns.result() == [InexactColumn("a", "1,5", None)]
    columns.look(["", "x", "7", "none", "y", "8"], 0, 1)
    assert columns.result() == [InexactColumn("a", "1,5", None)]
    columns.look(["", "x", "7", "none", "y", "8"], 1, 2)
    assert columns.result() == []


def test_types_of_one_column(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("zip,depth\n01234,9.50\n")
    data = DataFile((str(path),))
    sources, reader = data.open(keep=True)
    with sources, open_database(":memory:", "create") as engine:
        load(engine, reader, LoadOptions("t", create=True, types={"ZIP": "varchar(9)", "depth": "real"}))
        ((*row,),) = next(engine.query("SELECT zip, depth FROM t", write=True).blocks())
        assert row == ["01234", 9.5]
        assert "varchar(9)" in engine.statements()[0][1]
    sources, reader = data.open(keep=True)
    with sources:
        assert [column.type for column in survey_columns(reader, (), {"depth": "real"})] == ["", "real"]
        with pytest.raises(CommandLineError) as caught:
            new_columns(reader, ["TEXT", "TEXT"], (), {"what": "int"})
        assert caught.value.hint == "column type"
    assert find_type({"A": "int"}, "a") == "int" and find_type({}, "a") is None


def test_columns_that_the_table_has_not(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("id,name,n\n" + "".join(f"{number},x,{number}.5\n" for number in range(3000)) + "9,y,z\n")
    for alter in (False, True):
        sources, reader = DataFile((str(path),)).open(keep=True)
        with sources, open_database(":memory:", "create") as engine:
            engine.run_script("CREATE TABLE t (id INTEGER)", "here")
            if not alter:
                with pytest.raises(DatabaseError, match="no column 'name'"):
                    load(engine, reader, LoadOptions("t"))
                continue
            result = load(engine, reader, LoadOptions("t", alter=True))
            assert (result.rows, result.added) == (3001, ["name", "n"])
            table = engine.find_table("t")
            assert table is not None and [column.type for column in table.columns] == [
                "INTEGER",
                "TEXT",
                "TEXT",
            ]


@pytest.mark.parametrize("name", ["x.csv", "x.jsonl"])
def test_columns_that_are_added_as_text(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("id,n\n7,1\n" if name == "x.csv" else '{"id": 7}\n{"id": 8, "n": 1}\n')
    sources, reader = DataFile((str(path),), numbers="text").open(keep=True)
    with sources, open_database(":memory:", "create") as engine:
        engine.run_script("CREATE TABLE t (id INTEGER)", "here")
        result = load(engine, reader, LoadOptions("t", alter=True, detect=False))
        table = engine.find_table("t")
    assert (result.added, result.inexact) == (["n"], [])
    assert table is not None and [column.type for column in table.columns] == ["INTEGER", "TEXT"]
