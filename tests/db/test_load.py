"""Loading without a command: into an engine of twenty lines, and into SQLite."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from postgres import Server

from pynetdb.db import load as module
from pynetdb.db import open as open_database
from pynetdb.db.data_columns import survey_columns
from pynetdb.db.engine import Engine
from pynetdb.db.load import load, load_file, load_row
from pynetdb.db.load_options import LoadOptions, LoadResult
from pynetdb.db.schema import NewColumn, Table, TableColumn
from pynetdb.errors import CommandLineError, DatabaseError
from pynetdb.narration import Call, Narrator, Observer
from pynetdb.rows import text_types
from pynetdb.rows.assignments import Assignment, parse_assignment
from pynetdb.rows.batch import Batch
from pynetdb.rows.data_file import DataFile
from pynetdb.rows.dialect import Dialect
from pynetdb.rows.row_reader import RowReader


class ListEngine:
    """An engine that keeps rows in a list; what loading does not need is not there."""

    place = "a list"

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}
        self.rows: list[tuple[Any, ...]] = []

    def transaction(self, keep: bool = True) -> Any:
        return nullcontext()

    def close(self, keep: bool = True) -> None: ...

    def find_table(self, name: str) -> Table | None:
        return self.tables.get(name)

    def create_table(self, table: str, columns: Sequence[NewColumn], strict: bool = False) -> Table:
        made = tuple(TableColumn(column.name, "", column.key, column.kind or "") for column in columns)
        return self.tables.setdefault(table, Table(table, made, view=False))

    def start_insert(
        self, table: Table, columns: Sequence[str], source: str, on_conflict: str = "abort"
    ) -> Any:
        self.width = len(columns)
        return self

    def insert(self, batch: Batch, start: int, end: int) -> None:
        width = self.width
        self.rows += [tuple(batch.cells[i * width : (i + 1) * width]) for i in range(start, end)]

    def end(self) -> int:
        return len(self.rows)


def csv_file(folder: Path, text: str, name: str = "x.csv") -> DataFile:
    path = folder / name
    path.write_text(text, newline="\n")
    return DataFile((str(path),))


def load_text(engine: Any, folder: Path, text: str, options: LoadOptions, **more: Any) -> LoadResult:
    source, reader = csv_file(folder, text).open(keep=True)
    with source:
        return load(engine, reader, options, **more)


def test_another_engine_takes_rows_through_the_same_path(tmp_path: Path) -> None:
    engine = ListEngine()
    result = load_text(engine, tmp_path, "a,b\n1,x\n2,\n", LoadOptions("t", create=True, keys=("A",)))
    assert (result.rows, result.created) == (2, True)
    assert engine.rows == [(1, "x"), (2, "")]
    assert [(column.kind, column.key) for column in engine.tables["t"].columns] == [
        ("INTEGER", True),
        ("TEXT", False),
    ]


def test_one_row_is_a_batch_like_others() -> None:
    engine: Any = ListEngine()
    row = [parse_assignment("a=1"), parse_assignment("b:=2.5")]
    assert load(engine, RowReader(row, "here"), LoadOptions("t", create=True)).rows == 1
    assert engine.rows == [(1, 2.5)]


def rows(path: Path, sql: str = "SELECT * FROM t") -> list[Any]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_a_guess_that_the_end_of_the_data_refutes(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    text = "a\n" + "1\n" * 50_000 + "x\n"
    assert load_file(str(path), csv_file(tmp_path, text), LoadOptions("t", create=True)).rows == 50_001
    assert rows(path, "SELECT DISTINCT typeof(a) FROM t") == [("text",)]


def test_a_table_that_another_program_makes_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    row = RowReader([Assignment("a", "01", False)], str(path))
    with open_database(str(path), "create") as engine:
        find_table = engine.find_table
        seen: list[str] = []

        def late(name: str) -> Table | None:
            found = find_table(name)
            if not seen:
                other = sqlite3.connect(path)
                other.execute("CREATE TABLE t (a INT)")
                other.close()
            seen.append(name)
            return found

        engine.find_table = late  # type: ignore[method-assign]
        result = load(engine, row, LoadOptions("t", create=True))
    assert (result.rows, result.created, seen) == (1, False, ["t", "t"])
    assert rows(path) == [(1,)]


def test_a_dry_run_leaves_no_database(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    options = LoadOptions("t", create=True, dry_run=True)
    assert load_file(str(path), csv_file(tmp_path, "a\n1\n"), options).rows == 1
    assert load_row(str(path), [Assignment("a", "1", False)], options).rows == 1
    assert not path.exists()


def test_where_a_second_process_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Counting(Observer):
        def on_call(self, call: Call) -> None: ...

    asked: list[bool] = []

    def fake(
        engine: Engine, reader: Any, options: LoadOptions, progress: Any, second_process: bool
    ) -> LoadResult:
        asked.append(second_process)
        return LoadResult(0, 0, False, 0.0)

    monkeypatch.setattr(module, "load", fake)
    monkeypatch.setattr(module.prefetch, "available", lambda: True)
    monkeypatch.setattr(module.prefetch, "MIN_SIZE", 3)
    options = LoadOptions("t", create=True)
    for text, narrator in (("a\n1\n", None), ("a\n", None), ("a\n1\n", Narrator([Counting()]))):
        load_file(":memory:", csv_file(tmp_path, text), options, narrator)
    assert asked == [True, False, False]


def test_text_for_a_server_is_read_in_one_process(
    postgresql: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []
    prefetch = module.prefetch.prefetch

    def count(batches: Iterator[Any]) -> Any:
        begun.append(1)
        return prefetch(batches)

    monkeypatch.setattr(module.prefetch, "prefetch", count)
    monkeypatch.setattr(module.prefetch, "available", lambda: True)
    monkeypatch.setattr(module.prefetch, "MIN_SIZE", 3)
    url = postgresql.empty("bench")
    lines, array = tmp_path / "x.jsonl", tmp_path / "x.json"
    lines.write_text('{"a": 1}\n')
    array.write_text('[{"a": 1}]\n')
    for data in (csv_file(tmp_path, "a\n1\n"), DataFile((str(lines),))):
        load_file(url, data, LoadOptions("t", create=True))
    assert not begun
    load_file(url, DataFile((str(array),)), LoadOptions("t", create=True))
    assert begun
    assert postgresql.execute("SELECT a FROM t", "bench") == [(1,)] * 3


def test_where_the_bar_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    done: list[int] = []

    @contextmanager
    def bar(size: int) -> Iterator[Any]:
        sizes.append(size)
        yield done.append

    options = LoadOptions("t", create=True)
    load_file(":memory:", csv_file(tmp_path, "a\n1\n"), options, None, bar)
    monkeypatch.setattr(module, "MIN_PROGRESS_SIZE", 4)
    load_file(":memory:", csv_file(tmp_path, "a\n1\n"), options, None, bar)
    assert (sizes, done) == ([4], [4])


def test_errors_name_no_option(tmp_path: Path) -> None:
    engine: Any = ListEngine()
    with pytest.raises(CommandLineError, match=r"^k: no such column in .*x\.csv \(a\)$") as key:
        load_text(engine, tmp_path, "a\n1\n", LoadOptions("t", create=True, keys=("k",)))
    with pytest.raises(DatabaseError, match="^a list: no table 't'$") as missing:
        load_text(engine, tmp_path, "a\n1\n", LoadOptions("t"))
    assert (key.value.hint, missing.value.hint) == ("key", "no table for data")


def test_what_is_committed_is_told(tmp_path: Path) -> None:
    data = csv_file(tmp_path, "a\n1\n2\n2\n")
    options = LoadOptions("t", create=True, keys=("a",), batch_size=1)
    with pytest.raises(DatabaseError, match=r"line 4: .* \(the 2 rows before its batch are in the table\)"):
        load_file(str(tmp_path / "x.db"), data, options)


def test_a_view_takes_rows_where_a_trigger_stands_in_for_it(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE t (a); CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT a FROM t;"
        "CREATE TRIGGER i INSTEAD OF INSERT ON v BEGIN INSERT INTO t VALUES (new.a); END;"
    )
    connection.close()
    data = csv_file(tmp_path, "a\n1\n2\n")
    assert load_file(str(path), data, LoadOptions("v")).rows == 2
    assert load_row(str(path), [Assignment("a", "3", False)], LoadOptions("v")).rows == 1
    assert len(rows(path)) == 3
    with pytest.raises(DatabaseError, match="'w' is a view, expected a table"):
        load_file(str(path), data, LoadOptions("w"))


def test_survey(tmp_path: Path) -> None:
    source, reader = csv_file(tmp_path, "a,b,c\n1,x,\n2,3,\n").open(keep=True)
    with source:
        columns = survey_columns(reader, ["B"])
    assert columns == [
        NewColumn("a", kind="INTEGER"),
        NewColumn("b", kind="TEXT", key=True),
        NewColumn("c", kind=""),
    ]


def test_what_a_row_does_not_name_is_left_to_the_table(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT DEFAULT 'none', age INT DEFAULT 3);"
        "INSERT INTO t VALUES (1, 'Ann', 36), (2, 'Bob', 40)"
    )
    connection.close()
    text = '[{"id":1,"age":7},{"name":"N","id":2},{"id":5,"age":null},{"id":6,"name":"x","age":1},{}]'
    data = csv_file(tmp_path, text, "x.json")
    assert load_file(str(path), data, LoadOptions("t", on_conflict="update")).rows == 5
    assert rows(path) == [(1, "Ann", 7), (2, "N", 40), (5, "none", None), (6, "x", 1), (7, "none", 3)]
    assert (
        load_file(str(path), csv_file(tmp_path, "[{}, {}]", "y.json"), LoadOptions("t", batch_size=1)).rows
        == 2
    )


@pytest.mark.parametrize(("text", "count"), [("[]", 0), ("{}", 1), ("[{}]", 1)])
def test_rows_without_columns(tmp_path: Path, text: str, count: int) -> None:
    path = tmp_path / "x.db"
    load_file(str(path), csv_file(tmp_path, "a\n1\n"), LoadOptions("t", create=True))
    data = csv_file(tmp_path, text, "x.json")
    assert load_file(str(path), data, LoadOptions("t")).rows == count
    with pytest.raises(DatabaseError, match="has no columns"):
        load_file(str(path), data, LoadOptions("new", create=True))


def test_without_a_header_the_table_is_filled_by_position(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    load_file(str(path), csv_file(tmp_path, "b,a\n1,x\n"), LoadOptions("t", create=True))
    data = csv_file(tmp_path, "2,y\n")._replace(dialect=Dialect(header=False))
    assert load_file(str(path), data, LoadOptions("t")).rows == 1
    assert rows(path) == [(1, "x"), (2, "y")]
    data = csv_file(tmp_path, "2\n")._replace(dialect=Dialect(header=False))
    with pytest.raises(DatabaseError, match=r"line 1: 1 field, table 't' has 2 \(b, a\)"):
        load_file(str(path), data, LoadOptions("t"))


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("x.csv", "a,k\n1,1\n2,\n", "x.csv line 3: the key 'k' is empty"),
        ("x.csv", "a,k\n1,x\n2,\n", "x.csv line 3: the key 'k' is empty"),
        ("x.json", '[{"k": 1}, {"a": 2}]', "x.json item 2, line 1: the key 'k' is empty"),
    ],
)
def test_a_key_must_have_a_value(tmp_path: Path, name: str, text: str, place: str) -> None:
    path = tmp_path / "x.db"
    with pytest.raises(DatabaseError, match=place):
        load_file(str(path), csv_file(tmp_path, text, name), LoadOptions("t", create=True, keys=("k",)))
    assert not path.exists()


def test_a_generated_column_is_left_to_the_database(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (a INT, twice INT GENERATED ALWAYS AS (a * 2) STORED, b AS (a + 1))")
    connection.close()
    assert load_file(str(path), csv_file(tmp_path, "b,twice,a\n4,6,3\n6,10,5\n"), LoadOptions("t")).rows == 2
    data = csv_file(tmp_path, "7\n")._replace(dialect=Dialect(header=False))
    assert load_file(str(path), data, LoadOptions("t")).rows == 1
    assert rows(path) == [(3, 6, 4), (5, 10, 6), (7, 14, 8)]
    with open_database(str(path)) as engine:
        assert [column.name for column in engine.all_tables()[0].columns] == ["a", "twice", "b"]


def test_a_key_of_two_columns(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    data = csv_file(tmp_path, "day,station,v\n1,a,5\n1,b,6\n2,a,7\n")
    assert load_file(str(path), data, LoadOptions("t", create=True, keys=("station", "DAY"))).rows == 3
    with pytest.raises(DatabaseError, match="line 2: UNIQUE constraint failed: t.day, t.station"):
        load_file(str(path), data, LoadOptions("t"))
    with pytest.raises(CommandLineError, match="^Day: is given twice$"):
        load_file(str(path), data, LoadOptions("new", create=True, keys=("Day", "day")))


def test_the_first_batch_is_converted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []

    def parse(column: Sequence[str]) -> list[int]:
        parsed.extend(column)
        return list(map(int, column))

    monkeypatch.setitem(text_types._PARSERS, "INTEGER", parse)
    (tmp_path / "x.csv").write_text("id\n1\n2\n3\n")
    result = load_file(":memory:", DataFile((str(tmp_path / "x.csv"),)), LoadOptions("t", create=True))
    assert (result.rows, parsed) == (3, ["1", "2", "3"])


GOOD = {
    "x.csv": ("a,b\n", "{0},x\n", ""),
    "quoted.csv": ("a,b\n", '{0},"x\ny"\n', ""),
    "x.tsv": ("a\tb\n", "{0}\tx\n", ""),
    "x.json": ("[", '{{"a": {0}, "b": "x"}},\n', '{"a": 0}]'),
    "x.jsonl": ("", '{{"a": {0}, "b": "x"}}\n', ""),
}


@pytest.mark.parametrize("wrong", ["1,2,3\n", "[5]\n", '"x"y,z\n'])
@pytest.mark.parametrize("created", [True, False])
@pytest.mark.parametrize("name", GOOD)
def test_whole_batches_before_what_is_wrong_stay(
    tmp_path: Path, name: str, created: bool, wrong: str
) -> None:
    head, line, tail = GOOD[name]
    for number, size in ((0, 3), (1, 1), (7, 7), (10, 3), (1500, 7), (5000, 1000)):
        path = tmp_path / f"{number}.db"
        if not created:
            with open_database(str(path), "create") as engine:
                engine.create_table("t", [NewColumn("a", kind="INTEGER"), NewColumn("b", kind="TEXT")])
        rows = "".join(line.format(item) for item in range(number))
        data = csv_file(tmp_path, head + rows + wrong + line.format(9) + tail, name)
        options = LoadOptions("t", create=True, batch_size=size)
        with pytest.raises(DatabaseError) as raised:
            load_file(str(path), data, options)
        stay = number // size * size
        told = f" (the {stay} rows before its batch are in the table)"
        assert str(raised.value).endswith(told) == bool(stay)
        if stay or not created:
            with open_database(str(path), "read") as engine:
                assert list(engine.query("select count(*) from t").blocks()) == [[(stay,)]]


@pytest.mark.parametrize("name", GOOD)
def test_nothing_stays_without_batches(tmp_path: Path, name: str) -> None:
    head, line, tail = GOOD[name]
    text = head + "".join(line.format(item) for item in range(1500)) + "1,2,3\n" + tail
    with pytest.raises(DatabaseError):
        load_file(str(tmp_path / "x.db"), csv_file(tmp_path, text, name), LoadOptions("t", create=True))
    assert not (tmp_path / "x.db").exists()
