"""What data find in a table that is there is said where it is not what one would think."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.db.existing_columns import ExistingTable, TextsAmongNumbers, refuse_row
from pynetdb.db.load import load_file, load_row
from pynetdb.db.load_options import LoadOptions
from pynetdb.db.schema import Table, TableColumn
from pynetdb.errors import DatabaseError
from pynetdb.rows.assignments import parse_assignment
from pynetdb.rows.data_file import DataFile
from pynetdb.rows.dialect import Dialect

WORDS = st.text("0123456789+-.,eE \tx", min_size=1, max_size=7).filter(lambda text: text.strip())


def found_in(cells: Sequence[Any], declared: str = "REAL", kind: str = "REAL") -> Sequence[TextsAmongNumbers]:
    column = TableColumn("v", declared, False, kind)
    table = ExistingTable(Table("t", (column,), view=False), [column], numbers_wanted=False)
    table.look(cells, 0, len(cells))
    return table.result((), {}, str).texts


@given(st.lists(st.floats(allow_nan=False) | st.none() | WORDS, max_size=6))
def test_the_texts_among_numbers_are_those_that_the_database_keeps_as_text(cells: list[Any]) -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE TABLE t (v REAL)")
        db.executemany("INSERT INTO t VALUES (?)", [(cell,) for cell in cells])
        texts = [text for (text,) in db.execute("SELECT v FROM t WHERE typeof(v) = 'text' ORDER BY rowid")]
    found = found_in(cells)
    assert [(column.text, column.number) for column in found] == [(text, len(texts)) for text in texts[:1]]


@pytest.mark.parametrize(
    ("declared", "kind", "watched"),
    [
        ("INT", "INTEGER", True),
        ("DECIMAL(9,2)", "NUMERIC", True),
        ("numeric", "NUMERIC", True),
        ("DATE", "NUMERIC", False),
        ("BOOLEAN", "NUMERIC", False),
        ("varchar(9)", "TEXT", False),
        ("", "BLOB", False),
    ],
)
def test_columns_that_are_for_numbers(declared: str, kind: str, watched: bool) -> None:
    assert bool(found_in([1, "2026-11-27", 3.5], declared, kind)) == watched


@pytest.mark.parametrize(("cells", "computed"), [(["x", 99], ["v"]), ([None, 0], ["v"]), ([None, ""], [])])
def test_what_is_generated_is_nobody_s_text(cells: list[Any], computed: list[str]) -> None:
    column = TableColumn("v", "REAL", False, "REAL", generated=True)
    table = ExistingTable(Table("t", (column,), view=False), [column], numbers_wanted=True)
    for at in (0, 1, 1):
        table.look(cells, at, at + 1)
    found = table.result((), {}, str)
    assert found.computed == computed and not any(found._replace(computed=()))


def test_values_of_generated_columns_are_left_out_and_told(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE t (a INT, b AS (a * 2))")
    (tmp_path / "x.json").write_text('[{"a": 1, "b": null}, {"a": 2, "B": 99}]')
    assert load_file(
        str(path), DataFile((str(tmp_path / "x.json"),)), LoadOptions("t")
    ).existing.computed == ["b"]
    row = [parse_assignment("a=3"), parse_assignment("b=99")]
    assert load_row(str(path), row, LoadOptions("t")).existing.computed == ["b"]
    assert not load_row(str(path), row[:1], LoadOptions("t")).existing.computed
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT b FROM t").fetchall() == [(2,), (4,), (6,), (6,)]


@pytest.fixture
def shop(tmp_path: Path) -> str:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, price REAL, note TEXT)")
    (tmp_path / "x.csv").write_text("id;price;note\n1;1,50;2,50\n2;2,5;3,5\n")
    return str(path)


@pytest.mark.parametrize("decimal", [None, ","])
def test_decimal_commas(shop: str, tmp_path: Path, decimal: str | None) -> None:
    data = DataFile((str(tmp_path / "x.csv"),), dialect=Dialect(";", decimal=decimal))
    found = load_file(shop, data, LoadOptions("t", create=True)).existing
    if decimal is None:
        assert list(found.texts) == [TextsAmongNumbers("price", "REAL", "1,50", 2, comma=True)]
        assert not found.kept
    else:
        assert not found.texts
        assert [(column.name, column.text) for column in found.kept] == [("note", "2,50")]


def test_texts_are_counted_over_all_batches_and_rows_of_arguments_too(shop: str, tmp_path: Path) -> None:
    rows = "".join(f"{number},{'x' if number % 10_000 == 7 else number},\n" for number in range(50_000))
    (tmp_path / "long.csv").write_text("id,price,note\n" + rows)
    found = load_file(shop, DataFile((str(tmp_path / "long.csv"),)), LoadOptions("t")).existing
    assert list(found.texts) == [TextsAmongNumbers("price", "REAL", "x", 5, comma=False)]
    row = [parse_assignment("price=1,5"), parse_assignment("note=7,5")]
    assert [column.text for column in load_row(shop, row, LoadOptions("t")).existing.texts] == ["1,5"]


@pytest.mark.parametrize(
    ("keys", "types", "other", "own"),
    [
        (("ID",), {"Price": "double"}, [], None),
        (("price",), {}, [], ["id"]),
        ((), {"PRICE": "text", "note": "varchar(9)"}, ["price"], None),
    ],
)
def test_wishes_that_come_too_late(
    shop: str,
    tmp_path: Path,
    keys: tuple[str, ...],
    types: dict[str, str],
    other: list[str],
    own: list[str] | None,
) -> None:
    data = DataFile((str(tmp_path / "x.csv"),), dialect=Dialect(";", decimal=","))
    found = load_file(shop, data, LoadOptions("t", create=True, keys=keys, types=types)).existing
    assert (found.types, found.keys) == (other, own)


def test_a_table_that_is_made_has_nothing_to_say(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("v\n1,5\n")
    data = DataFile((str(tmp_path / "x.csv"),), dialect=Dialect(";"))
    assert not any(load_file(str(tmp_path / "x.db"), data, LoadOptions("t", create=True)).existing)


def test_a_refused_row_hints_at_its_decimal_comma() -> None:
    error = refuse_row("x.csv line 2", "no number", [1, None, "a,b", "12,50"])
    assert isinstance(error, DatabaseError) and (error.hint, error.about) == ("decimal comma", "12,50")
    assert refuse_row("x.csv line 2", "no number", ["a,b", 3]).hint is None
