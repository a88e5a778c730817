"""Queries: reading only as far as a server lets one, parameters, formats, deadlines."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from postgres import Server, binaries_or_skip, run_server
from programs import PATIENCE, Run

from pynetdb.db.postgresql.plan import read_plan
from pynetdb.errors import CommandLineError, DatabaseError, DeadlineError

Execute = Callable[[str], list[Any]]


def answer(engine: Any, sql: str, parameters: Any = (), form: str = "json", **more: Any) -> Any:
    text = b"".join(engine.query(sql, parameters, **more).text_blocks(form))
    return json.loads(text, parse_float=str) if form == "json" else text.decode("utf-8", "surrogateescape")


@contextmanager
def holding(place: str, sql: str) -> Iterator[None]:
    """Another program's transaction, which has run a statement and is open during the block."""
    with psycopg.connect(place) as connection:
        connection.execute(sql)
        yield


FORBIDDEN = [
    "insert into t values (2)", "update t set a = 3 returning *", "delete from t", "truncate t", "drop table t",
    "with x as (insert into t values (2) returning a) select * from x", "create table u (a int)",
    "create temp table u (a int)", "select * into u from t", "copy t to program 'cat'", "copy t from stdin",
    "copy (select 1) to stdout", "notify n", "listen n", "set transaction read write", "begin", "commit",
    "rollback", "set session authorization default", "vacuum", "analyze", "lock table t", "do $$ begin end $$",
    "call p()", "prepare x as select 1", "execute x", "declare c cursor for select 1", "fetch c", "load 'x'",
    "select 1) to program 'touch x' --", "select set_config('transaction_read_only', 'off', false)",
    "select nextval('s')", "explain analyze insert into t values (2)", "savepoint s", "reset all",
    "select a from t for update", "explain analyze create table u as select 1",
]  # fmt: skip


@pytest.mark.parametrize("sql", FORBIDDEN)
def test_reading_only(opened: Any, execute: Execute, sql: str) -> None:
    """As a superuser, who may everything."""
    execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE SEQUENCE s")
    engine = opened()
    with pytest.raises(DatabaseError):
        answer(engine, sql)
    assert execute("SELECT a FROM t") == [(1,)]
    assert execute("SELECT count(*) FROM pg_class WHERE relname = 'u'") == [(0,)]
    # The connection is as it was.
    assert answer(engine, "select 1 as a") == [{"a": 1}]


WRITING = [
    ["db-query", "--write", "PLACE", "insert into t values (1)"], ["db-query", "PLACE", "insert into t values (1)"],
    ["db-query", "--write", "PLACE", "insert into t values (1); create table u (a int)"],
    ["db-create", "PLACE", "u", "a:int"], ["db-insert", "PLACE", "t", "a=1"],
    ["db-insert", "PLACE", "t", "a=1", "--on-conflict", "ignore"], ["db-insert", "PLACE", "u", "a=1", "--create"],
]  # fmt: skip


def test_no_option_lets_one_write_where_the_server_only_reads(
    postgresql: Server, place: str, execute: Execute, run: Run
) -> None:
    """By the role, and by the transaction; a server that does is a standby."""
    execute("CREATE TABLE t (a int); DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN")
    execute("ALTER ROLE reader SET default_transaction_read_only = on; GRANT ALL ON t TO reader")
    execute("GRANT ALL ON SCHEMA public TO reader")
    reader = place.replace("postgres@", "reader@")
    for arguments in WRITING:
        done = run(*[reader if word == "PLACE" else word for word in arguments])
        assert done.returncode == 6
        assert "this role or database only reads (default_transaction_read_only is on)" in done.stderr
        assert "--write" not in done.stderr
    done = run("db-query", "--write", place, "set transaction read only; insert into t values (1)")
    assert "the server or the transaction only reads" in done.stderr and "--write" not in done.stderr
    execute("DROP OWNED BY reader; DROP ROLE reader")


def test_nobody_writes_on_a_standby(run: Run) -> None:
    with run_server(binaries_or_skip("system"), wal_level="replica") as server:
        server.execute("CREATE TABLE t (a int)")
        server.stop()
        (server.data / "standby.signal").touch()
        server.start()
        for arguments in WRITING:
            done = run(*[server.url() if word == "PLACE" else word for word in arguments])
            assert done.returncode == 6
            assert "the server is a standby, which only reads" in done.stderr and "--write" not in done.stderr
        assert run("db-query", server.url(), "select 1 as a", "-f", "csv").stdout == "a\n1\n"


def test_what_a_function_has_begun_is_undone(opened: Any, execute: Execute) -> None:
    engine = opened()
    answer(engine, "select pg_notify('n', 'x')")
    assert execute("SELECT count(*) FROM pg_largeobject_metadata") == [(0,)]


@pytest.mark.parametrize(
    "sql",
    [
        "values (1), (2)", "table t", "show server_version", "explain select 1", "(select 1) union (select 2)",
        "with recursive c(x) as (select 1 union all select x + 1 from c where x < 5) select * from c",
        ";; select 1; -- the end", "/* c /* d */ */ select 1", "select 1 as a, 2 as a", "select '\\.' as x",
    ],
)  # fmt: skip
def test_all_of_reading(opened: Any, execute: Execute, sql: str) -> None:
    execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
    engine = opened()
    for form in ("csv", "tsv", "json", "jsonl", "raw"):
        assert b"".join(engine.query(sql).text_blocks(form))
    assert [row for block in engine.query(sql).blocks() for row in block]


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("select", 1), ("select from generate_series(1, 3)", 3), ("select where false", 0), ("(select)", 1),
        ("with x as (select 1) select from x", 1), ("select from t as \"insert\"", 1),
        ("select from generate_series(1, 2500)", 2500), ("select where 1 = $1", 1),
    ],
)  # fmt: skip
def test_rows_without_columns(
    opened: Any, execute: Execute, place: str, run: Run, sql: str, rows: int
) -> None:
    execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
    values = ["1"] if "$1" in sql else []
    for write in (False, True):
        engine = opened("write")
        assert answer(engine, sql, values, write=write) == [{}] * rows
        assert answer(engine, sql, values, "jsonl", write=write) == "{}\n" * rows
        assert answer(engine, sql, values, "csv", write=write) == "\n" * (rows + 1)
        assert [row for block in engine.query(sql, values).blocks(2) for row in block] == [()] * min(rows, 2)
    done = run("db-query", place, sql, *(["-V", "1"] if values else []))
    told = f"{rows} row{'s' * (rows > 1)} without columns" if rows else "no rows"
    assert (done.returncode, done.stdout) == (0, "") and told in done.stderr


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("select into u from t", "SELECT INTO"), ("with x as (select 1) insert into t select 1", "INSERT"),
        ("with x as (delete from t) select", "DELETE"), ("merge into t using t u on true when matched then delete", "MERGE"),
        ("drop table t", "DROP TABLE"),
    ],
)  # fmt: skip
def test_what_a_statement_would_do(opened: Any, execute: Execute, sql: str, told: str) -> None:
    execute("CREATE TABLE t (a int)")
    with pytest.raises(DatabaseError, match=f"reading only, and this would {told}") as refused:
        opened().query(sql)
    assert refused.value.hint == "reading only"


def test_parameters(opened: Any) -> None:
    engine = opened()
    assert answer(engine, "select :a::int + 1 as x, :b as y", {"a": "3", "b": "z"}) == [{"x": 4, "y": "z"}]
    assert answer(engine, "select $2 as x, $1 as y", [1, 2.5]) == [{"x": "2.5", "y": 1}]
    assert answer(engine, "select $1::text is null as x", [None]) == [{"x": True}]
    assert answer(engine, "select $1 as x", [b"\0\xff"]) == [{"x": {"base64": "AP8="}}]
    assert answer(engine, "select $1 as x, $2 as y", [2**40, 2**63], "csv") == f"x,y\n{2**40},{2**63}\n"
    many = "select g, :x::text as t from generate_series(1, 2500) g"
    assert answer(engine, many, {"x": "a,b"}, "csv").splitlines()[2500] == '2500,"a,b"'


@pytest.mark.parametrize(
    ("sql", "parameters", "told", "hint"),
    [
        ("select :a", {}, "has a parameter :a", "value for a name"),
        ("select :a", {"a": 1, "b": 2}, "has no :b", "name of a value"),
        ("select :a, :b", {"a": 1}, "has a parameter :b", "value for a name"),
        ("select :a", [1], "has a parameter :a", "value for a name"),
        ("select ?", ["1"], "has 0 parameters and got 1", "question mark"),
        ("select $1, $2", ["1"], "has 2 parameters and got 1", "number of numbered values"),
        ("select $1", {"a": 1}, "has no :a", "name of a value"),
        ("select $1", {}, r"has a parameter \$1", "value for \\$1"),
        ("select $1", ["a\0b"], "NUL", None),
        ("select $1", ["\ud800"], "not UTF-8", None),
    ],
)
def test_parameters_that_do_not_fit(
    opened: Any, sql: str, parameters: Any, told: str, hint: str | None
) -> None:
    with pytest.raises(CommandLineError, match=told) as refused:
        opened().query(sql, parameters)
    assert refused.value.hint == (hint and hint.replace("\\", ""))


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("", "no statement"),
        ("-- nothing", "no statement"),
        ("select 1; select 2", "more than one statement"),
        ("selec 1", 'syntax error at or near "selec"'),
        ("select * from nope", 'relation "nope" does not exist'),
        ("select 1/0", "division by zero"),
        ("select '\0'", "NUL"),
        ("select x from (values (1)) v(xy)", 'column "x" does not exist'),
    ],
)
def test_statements_that_are_refused(opened: Any, sql: str, told: str) -> None:
    with pytest.raises(DatabaseError, match=told):
        answer(opened(), sql)


@pytest.mark.parametrize("between", ["", " ", "/**/", "\n-- (\n"])
def test_what_changes_rows_is_found_wherever_it_stands(opened: Any, execute: Execute, between: str) -> None:
    engine = opened("write")
    execute("CREATE TABLE t (a int)")
    sql = f"with x as (select 7){between}insert into t select * from x returning a"
    assert answer(engine, sql, write=True) == [{"a": 7}]
    assert execute("SELECT a FROM t") == [(7,)]


def test_writing(opened: Any, execute: Execute) -> None:
    engine = opened("write")
    execute("CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY, a text)")
    assert answer(engine, "insert into t (a) values ('x'), ('y') returning *", write=True) == [
        {"id": 1, "a": "x"}, {"id": 2, "a": "y"},
    ]  # fmt: skip
    query = engine.query("update t set a = 'z'", write=True)
    assert (query.columns, query.changed, query.verb) == (None, 2, "UPDATE")
    assert engine.query("create table u (a int)", write=True).changed == -1
    engine.query("vacuum t", write=True)
    moved = "with d as (delete from t returning a) insert into u select 1 from d returning a"
    assert answer(engine, moved, write=True) == [{"a": 1}, {"a": 1}]
    assert answer(engine, "with x as (select 1 as a) select * from x", write=True) == [{"a": 1}]
    with pytest.raises(DatabaseError, match="COPY"):
        engine.query("copy u from stdin", write=True)
    with pytest.raises(DatabaseError):
        engine.query("insert into u values ('x')", write=True)
    assert execute("SELECT count(*) FROM u") == [(2,)]
    with pytest.raises(RuntimeError), engine.transaction():
        engine.query("delete from u", write=True)
        raise RuntimeError
    assert execute("SELECT count(*) FROM u") == [(2,)]


VALUES = (
    "select 1::int2 as i, 9007199254740993 as l, 0.10 as n, 1e300::float8 as f, 'NaN'::float8 as nan,"
    " 'Infinity'::numeric as inf, true as b, null::int as nil, 'a\"\\b' as t, '\\x00ff'::bytea as bin,"
    " '{\"a\":\n [1, 2]}'::json as j, array[1, 2] as arr, date '2000-01-02' as d"
)


def test_values_in_every_format(opened: Any) -> None:
    engine = opened()
    assert answer(engine, VALUES) == [
        {
            "i": 1, "l": 9007199254740993, "n": "0.10", "f": "1e+300", "nan": None, "inf": None, "b": True,
            "nil": None, "t": 'a"\\b', "bin": {"base64": "AP8="}, "j": {"a": [1, 2]}, "arr": [1, 2],
            "d": "2000-01-02",
        }
    ]  # fmt: skip
    assert answer(engine, VALUES, form="csv").splitlines()[1] == (
        '1,9007199254740993,0.10,1e+300,NaN,Infinity,t,,"a""\\b",x\'00FF\',"{""a"":'
    )
    # Through a parameter, and as what a statement that writes returns: the same.
    with_parameter = VALUES + " where $1 = 1"
    for form in ("json", "csv", "tsv", "raw"):
        assert answer(engine, with_parameter, [1], form) == answer(engine, VALUES, form=form)
    (row,) = next(engine.query(VALUES).blocks())
    assert row[:6] == (1, 9007199254740993, "0.10", 1e300, row[4], "Infinity")
    assert row[7] is None and row[9] == b"\0\xff"


def test_limit_and_raw(opened: Any) -> None:
    engine = opened()
    endless = "with recursive c(x) as (select 1 union all select x + 1 from c) select x, x from c"
    for form in ("csv", "json", "raw"):
        text = b"".join(engine.query(endless).text_blocks(form, limit=2500)).decode()
        assert "2500" in text and "2501" not in text
    assert len([row for block in engine.query(endless).blocks(limit=1500) for row in block]) == 1500
    assert answer(engine, "select 'a\tb'", form="raw") == "a\tb"
    assert answer(engine, "select 'a' union all select 'b' order by 1", form="raw") == "a\nb\n"
    assert answer(engine, "select 1 where false") == []


def test_a_deadline(opened: Any) -> None:
    engine = opened()
    begun = time.monotonic()
    with pytest.raises(DeadlineError), engine.limited(0.1):
        answer(engine, "select pg_sleep(30)")
    assert time.monotonic() - begun < 20
    assert answer(engine, "select 1 as a") == [{"a": 1}]


@pytest.mark.parametrize(
    "sql", ["select * from t", "select from t", "update t set a = 2", "insert into t values (2); select 1"]
)
def test_a_lock_is_no_slow_statement(execute: Execute, place: str, run: Run, sql: str) -> None:
    """Within a deadline, as without one."""
    execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
    with holding(place, "LOCK TABLE t"):
        done = run("db-query", place, "--write", sql, "--timeout", "2s")
        assert done.returncode == 6 and "locked by another program for longer than we wait" in done.stderr
        done = run("db-query", place, "--write", "select pg_sleep(30)", "--timeout", "0.2s")
        assert done.returncode == 4 and "did not end in time" in done.stderr


def test_a_lock_whose_time_is_over_when_ours_is(
    opened: Any, execute: Execute, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine the server may say so only when it is asked to end."""
    execute("CREATE TABLE t (a int)")
    engine = opened("write")
    connection = engine._connection
    connection.lock_timeout = 0.01
    with holding(place, "LOCK TABLE t"), connection.transaction():
        connection.send("SELECT a FROM t")
        assert connection.arrives_within(PATIENCE)
        wait, late = connection._wait_for, iter([True])

        def notice_too_late(sock: int, state: int) -> int:
            if next(late, False):
                raise DeadlineError("late")
            return int(wait(sock, state))

        monkeypatch.setattr(connection, "_wait_for", notice_too_late)
        with pytest.raises(DatabaseError, match="locked by another program"):
            connection.next_result()
    assert answer(engine, "select 1 as a") == [{"a": 1}]


def test_a_list_of_tables_waits_for_no_lock(place: str, execute: Execute, run: Run) -> None:
    execute("CREATE TABLE t (a int); CREATE TABLE u (a int); INSERT INTO u VALUES (1)")
    with holding(place, "LOCK TABLE t"):
        done = run("db-query", place, "-f", "csv")
    assert (done.returncode, done.stdout) == (0, "table,columns,rows\nt,a,\nu,a,1\n")


def test_rows_are_handed_on_while_the_server_takes_its_time(opened: Any) -> None:
    # A server sends what it has when its buffer is full: some thousands of bytes.
    row = "select repeat('x', 9000) as a union all "
    blocks = opened().query(row * 3 + "select 'z' from (select pg_sleep(30)) s").text_blocks("jsonl")
    begun = time.monotonic()
    assert next(blocks).startswith(b'{"a":"xxx')
    assert time.monotonic() - begun < 20
    blocks.close()  # type: ignore[attr-defined]


def test_a_plan(opened: Any, execute: Execute) -> None:
    execute("CREATE TABLE t (a int primary key)")
    steps = opened().plan("select * from t x join t y using (a) where x.a = :n", {"n": 1})
    assert steps[0][:2] == (1, 0) and all(parent < number for number, parent, _ in steps)
    lines = ["Join", "  Cond: x", "  ->  Scan", "        Filter: y", "  ->  Hash", "        ->  Scan z"]
    assert [(number, parent) for number, parent, _ in read_plan(lines)] == [
        (1, 0), (2, 1), (3, 1), (4, 3), (5, 1), (6, 5),
    ]  # fmt: skip
    with pytest.raises(DatabaseError):
        opened().plan("insert into t values (1); select 1")
