"""Rows as text: the fast way, by SQLite, writes what the plain way does, to the byte."""

import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pynetdb.db.sqlite import export
from pynetdb.db.sqlite import query as query_module
from pynetdb.db.sqlite.database import CREATE, READ, Database
from pynetdb.db.sqlite.export import csv_blocks, json_blocks, raw_blocks
from pynetdb.db.sqlite.query import Query

relaxed = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

REALS = st.floats(allow_nan=False) | st.sampled_from(
    [0.0, -0.0, 0.1, 1e-4, 1e-5, 123456.789, 1e11, 99999999999.9999, 0.30000000000000004, 1e16, 5e-324, 1.7e308, -2.5]
) | st.decimals(-10**9, 10**9, places=2).map(float)  # fmt: skip
TEXTS = st.text(st.characters(codec="utf-8"), max_size=8) | st.text('a,"\n\r\t\\]["\x1f\x00', max_size=6) | st.sampled_from(
    ["null", "]\n[", '","', "\\", "\\u0000", "\x7f", "\u202e", "\U0001f600"]
)  # fmt: skip
CELLS = st.none() | st.integers(-(2**63), 2**63 - 1) | REALS | TEXTS | st.binary(max_size=4)
ROWS = st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[CELLS] * width), min_size=1, max_size=12))


# Many rows that are like each other: SQLite is asked for what they all are, and told where quotes are needed.
ALIKE = [
    st.integers(-(10**6), 10**18),
    st.decimals(0, 10**6, places=2).map(float),
    st.floats(-1e12, 1e12),
    st.text("abc é", max_size=5),
    st.text('ab,"\n', max_size=4),
    st.text("a[]\\\r\t", max_size=4),
    st.text('a,"\\[\x02', min_size=1, max_size=4),
    st.none() | st.sampled_from(["x", "y,z"]),
    st.none() | st.integers(0, 9),
    st.none(),
    st.binary(max_size=2) | st.just(0.5),
]
LONG = (
    st.lists(st.sampled_from(ALIKE), min_size=1, max_size=5)
    .flatmap(lambda columns: st.lists(st.tuples(*columns), min_size=16, max_size=40))
    .flatmap(lambda rows: st.tuples(st.just(rows), ROWS).map(lambda both: widen(*both)))
)


def widen(rows: list[tuple[Any, ...]], others: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Add some rows that are unlike the others, as wide as they are."""
    return rows + [tuple((other * len(rows[0]))[: len(rows[0])]) for other in others]


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """So that a handful of rows is a large result."""
    monkeypatch.setattr(query_module, "BLOCK", 3)
    monkeypatch.setattr(export, "BLOCK", 3)
    return


def table(rows: list[tuple[Any, ...]]) -> Database:
    db = Database(":memory:", CREATE)
    names = ", ".join(f"c{i}" for i in range(len(rows[0])))
    db.execute(f"CREATE TABLE t ({names})")
    db.connection.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(rows[0]))})", rows)
    return db


def text_of(
    db: Database,
    form: str,
    quick: bool,
    monkeypatch: pytest.MonkeyPatch,
    limit: int | None = None,
    *,
    null: str = "",
    sql: str = "SELECT * FROM t",
) -> bytes:
    with monkeypatch.context() as patch:
        patch.setattr(export, "_PATIENCE", 60)
        if not quick:
            patch.setattr(export, "_can_wrap_in_subquery", lambda query: False)
        query = Query(db, sql, write=True)
        if form in ("json", "jsonl"):
            return b"".join(json_blocks(query, form == "jsonl", limit))
        return b"".join(csv_blocks(query, "," if form == "csv" else "\t", limit, null))


@relaxed
@given(ROWS, st.none() | st.integers(0, 13))
@pytest.mark.usefixtures("small_blocks")
def test_both_ways_are_the_same(
    monkeypatch: pytest.MonkeyPatch, rows: list[tuple[Any, ...]], limit: int | None
) -> None:
    with table(rows) as db:
        for form in ("json", "jsonl", "csv", "tsv"):
            quick = text_of(db, form, True, monkeypatch, limit)
            assert quick == text_of(db, form, False, monkeypatch, limit), form


@relaxed
@given(
    LONG,
    st.sampled_from(["", "NULL", "a,b", "x\ty", '"']),
    st.sampled_from(["SELECT * FROM t", "SELECT t.* FROM t", "SELECT t.*, abs(1) FROM t"]),
)
def test_both_ways_are_the_same_in_many_rows(
    monkeypatch: pytest.MonkeyPatch, rows: list[tuple[Any, ...]], null: str, sql: str
) -> None:
    with table(rows) as db, monkeypatch.context() as patch:
        patch.setattr(query_module, "BLOCK", 16)
        patch.setattr(export, "BLOCK", 16)
        for form in ("json", "jsonl", "csv", "tsv"):
            quick = text_of(db, form, True, patch, null=null, sql=sql)
            assert quick == text_of(db, form, False, patch, null=null, sql=sql), form


@relaxed
@given(ROWS)
@pytest.mark.usefixtures("small_blocks")
def test_json_is_json(monkeypatch: pytest.MonkeyPatch, rows: list[tuple[Any, ...]]) -> None:
    import base64

    def back(cell: Any) -> Any:
        return base64.b64decode(cell["base64"]) if isinstance(cell, dict) else cell

    with table(rows) as db:
        stored = db.execute("SELECT * FROM t").fetchall()
        found = json.loads(text_of(db, "json", True, monkeypatch))
        lines = text_of(db, "jsonl", True, monkeypatch).decode().split("\n")
    assert [json.loads(line) for line in lines[:-1]] == found
    wanted = [
        tuple(None if cell in (float("inf"), -float("inf")) else cell for cell in row) for row in stored
    ]
    assert [tuple(back(cell) for cell in row.values()) for row in found] == wanted
    for row, before in zip(found, wanted, strict=True):
        assert [type(back(cell)) for cell in row.values()] == [type(cell) for cell in before]


@relaxed
@given(ROWS)
@pytest.mark.usefixtures("small_blocks")
def test_csv_is_csv(monkeypatch: pytest.MonkeyPatch, rows: list[tuple[Any, ...]]) -> None:
    with table(rows) as db:
        stored = db.execute("SELECT * FROM t").fetchall()
        text = text_of(db, "csv", True, monkeypatch).decode()
    found = list(csv.reader(io.StringIO(text, newline=""), strict=True))[1:]
    wanted = [
        [
            "" if cell is None else f"x'{cell.hex().upper()}'" if isinstance(cell, bytes) else str(cell)
            for cell in row
        ]
        for row in stored
    ]
    assert found == wanted


@pytest.mark.usefixtures("small_blocks")
def test_text_that_is_not_utf_8(monkeypatch: pytest.MonkeyPatch) -> None:
    with table([(1, "a")] * 5) as db:
        db.execute("UPDATE t SET c1 = CAST(x'ff41e9' AS TEXT) WHERE rowid = 4")
        for form in ("json", "csv"):
            quick = text_of(db, form, True, monkeypatch)
            assert quick == text_of(db, form, False, monkeypatch)
        assert json.loads(text_of(db, "json", True, monkeypatch))[3] == {"c0": 1, "c1": "\\xffA\\xe9"}
        assert b"1,\xffA\xe9\n" in text_of(db, "csv", True, monkeypatch)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT c0, c0, c0 + 1 AS c0 FROM t ORDER BY c0 DESC",
        'SELECT c0 AS "it\'s", c0 AS "a""b" FROM t; ',
        "SELECT c0, 1 FROM t -- a comment",
        "WITH x AS (SELECT c0, 2 FROM t) SELECT * FROM x ORDER BY c0 DESC LIMIT 7",
        "VALUES (1, 2), (3, 4), (5, 6), (7, 8)",
        "SELECT c0, c1 FROM t UNION ALL SELECT c0, 'x' FROM t ORDER BY 1 DESC, 2",
        "SELECT * FROM t, (SELECT 'y' AS y) WHERE c0 > :low ORDER BY c0 DESC",
        "PRAGMA table_info(t)",
        "EXPLAIN SELECT * FROM t",
    ],
)
def test_any_statement_gives_the_same_rows_in_the_same_order(
    monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    with table([(i * 7 % 11, f"t{i}") for i in range(11)]) as db:
        found = []
        for quick in (True, False):
            with monkeypatch.context() as patch:
                if not quick:
                    patch.setattr(export, "_can_wrap_in_subquery", lambda query: False)
                parameters = {"low": 2} if ":low" in sql else {}
                found.append(b"".join(json_blocks(Query(db, sql, parameters, write=True), lines=True)))
        assert found[0] == found[1] and found[0].count(b"\n") > 1


def test_reading_only_holds_in_the_fast_way(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.executemany("INSERT INTO t VALUES (?)", [(i,) for i in range(3000)])
    connection.close()
    with Database(str(path), READ) as db:
        text = b"".join(csv_blocks(Query(db, "SELECT a, a FROM t"), ","))
    assert text.count(b"\n") == 3001


@pytest.mark.usefixtures("small_blocks")
def test_a_table_without_rowid(monkeypatch: pytest.MonkeyPatch) -> None:
    with Database(":memory:", CREATE) as db:
        db.execute("CREATE TABLE t (a PRIMARY KEY, b) WITHOUT ROWID")
        db.connection.executemany("INSERT INTO t VALUES (?, ?)", [(9 - n, n) for n in range(9)])
        assert text_of(db, "csv", True, monkeypatch) == text_of(db, "csv", False, monkeypatch)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("encoding", ["UTF-16le", "UTF-16be"])
def test_a_database_in_utf_16(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    with Database(":memory:", CREATE) as db:
        db.execute(f"PRAGMA encoding = '{encoding}'")
        db.execute("CREATE TABLE t (a, b)")
        texts = ["a", "\u00ff", "\uffff", "\U0010ffff", 'x,"y', "[\\", ""]
        db.connection.executemany("INSERT INTO t VALUES (?, ?)", [(text, 0.5) for text in texts * 3])
        for form in ("csv", "json"):
            assert text_of(db, form, True, monkeypatch) == text_of(db, form, False, monkeypatch)


@pytest.mark.usefixtures("small_blocks")
def test_a_column_that_nobody_can_compare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its collation belongs to another program: it can be shown all the same."""
    path = tmp_path / "x.db"
    with sqlite3.connect(path) as connection:
        connection.create_collation("theirs", lambda a, b: (a > b) - (a < b))
        connection.execute("CREATE TABLE t (a TEXT COLLATE theirs, b)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", [(f"t{n}", n) for n in range(9)])
    connection.close()
    with Database(str(path), READ) as db:
        text = b"".join(csv_blocks(Query(db, "SELECT * FROM t"), ","))
    assert text == b"a,b\n" + b"".join(b"t%d,%d\n" % (n, n) for n in range(9))


@pytest.mark.usefixtures("small_blocks")
def test_rows_of_an_insert_come_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sql = "WITH n AS (SELECT * FROM t) INSERT INTO t SELECT c0 + 10, c1 FROM n RETURNING c0, c1"
    with table([(n, "x") for n in range(5)]) as db:
        text = text_of(db, "csv", True, monkeypatch, sql=sql)
        assert text == b"c0,c1\n10,x\n11,x\n12,x\n13,x\n14,x\n"
        assert db.execute("SELECT count(*) FROM t").fetchone() == (10,)


@pytest.mark.usefixtures("small_blocks")
def test_a_value_is_worked_out_once_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def count(n: int) -> float:
        calls.append(n)
        return n / 3

    with table([(n, "x") for n in range(9)]) as db:
        db.connection.create_function("count_calls", 1, count)
        text = text_of(db, "csv", True, monkeypatch, sql="SELECT c1, count_calls(c0) FROM t")
    assert text.count(b"\n") == 10
    # The first rows are asked for twice, and one more is read ahead.
    assert len(calls) <= 9 + 3 + 2


def test_rows_that_come_slowly_are_shown_as_they_come() -> None:
    """A statement without an end, whose rows take longer and longer."""
    with Database(":memory:", CREATE) as db:
        sql = (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n), s(j) AS "
            "(SELECT 1 UNION ALL SELECT j + 1 FROM s LIMIT 400000) "
            "SELECT i, (SELECT count(*) FROM s WHERE j > i) FROM n"
        )
        for blocks in (csv_blocks(Query(db, sql), ","), json_blocks(Query(db, sql), lines=True)):
            rows = b"".join([next(blocks) for _ in range(4)]).count(b"\n")
            assert rows < 100
            blocks.close()  # type: ignore[attr-defined]


def test_raw() -> None:
    with table([(1, b"\0"), ("x", None)]) as db:
        assert b"".join(raw_blocks(Query(db, "SELECT * FROM t", write=True))) == b"1\t\0\nx\t\n"
        assert b"".join(raw_blocks(Query(db, "SELECT c1 FROM t LIMIT 1", write=True))) == b"\0"
        assert b"".join(raw_blocks(Query(db, "SELECT c1 FROM t WHERE 0", write=True))) == b""
