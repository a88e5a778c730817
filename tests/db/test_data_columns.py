"""Tables made from data: exact numbers are numbers, and where they are not that is said."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readers import relaxed

from pynetdb.db import open as open_database
from pynetdb.db.data_columns import InexactColumn, InexactColumns, find_type, new_columns, survey_columns
from pynetdb.db.load import load
from pynetdb.db.load_options import LoadOptions
from pynetdb.errors import CommandLineError, DatabaseError
from pynetdb.rows.data_file import DataFile

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
    ],
)
def test_why_numbers_are_text(tmp_path: Path, texts: list[str], found: list[InexactColumn]) -> None:
    path = tmp_path / "x.csv"
    path.write_text("v,w\n" + "".join(f"{text},\n" for text in texts))
    sources, reader = DataFile((str(path),)).open(keep=True)
    with sources, open_database(":memory:", "create") as engine:
        assert load(engine, reader, LoadOptions("t", create=True)).inexact == found


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
