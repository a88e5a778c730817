"""`pynetdb db-query`: one statement, reading only, in every format."""

import json
import os
import signal
import subprocess
from functools import partial
from pathlib import Path

import pytest
from databases import Database
from programs import PATIENCE, PYNETDB, Run, environment, held, posix

DB = "school.db"

SCHEMA = """
create table employees (id integer primary key, name text, hired int, pay real);
create table courses (id integer primary key, title text, teacher int references employees);
create index by_title on courses (title);
insert into employees values (1, 'Ann', 1999, 1.5), (2, 'Bob', 1987, null), (3, 'Cid', 2010, 0.1);
insert into courses values (1, 'Networks', 2);
"""


@pytest.fixture(autouse=True)
def here(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    database.run_script(DB, SCHEMA)
    return tmp_path


@pytest.fixture
def run(run: Run, database: Database) -> Run:
    return partial(database.run, run)


def test_the_courses(run: Run) -> None:
    first, second = ("?", "?") if Database.current.is_sqlite else ("$1", "$2")
    done = run("db-query", DB, "select name, hired from employees order by hired")
    assert (
        done.stdout == "name      hired\n------  -------\nBob        1987\nAnn        1999\nCid        2010\n"
    )
    done = run(
        "db-query", DB, "select name from employees where hired > :year", "-P", "year:=1990", "-f", "csv"
    )
    assert done.stdout == "name\nAnn\nCid\n"
    done = run(
        "db-query",
        DB,
        f"select name from employees where hired > {first} and name = {second}",
        "-V",
        "1990",
        "-V",
        "Cid",
        "-f",
        "tsv",
    )
    assert done.stdout == "name\nCid\n"
    join = "select title, name from courses join employees on teacher = employees.id"
    assert json.loads(run("db-query", DB, join, "--json").stdout) == [{"title": "Networks", "name": "Bob"}]


def test_the_tables(run: Run) -> None:
    assert json.loads(run("db-query", DB, "--json").stdout) == [
        {"table": "courses", "columns": ["id", "title", "teacher"], "rows": 1},
        {"table": "employees", "columns": ["id", "name", "hired", "pay"], "rows": 3},
    ]
    assert "employees  id, name, hired, pay" in run("db-query", DB).stdout
    schema = run("db-query", DB, "--schema", "--quiet").stdout.lower().replace('"', "")
    assert "create table employees (" in schema
    assert [row["name"] for row in json.loads(run("db-query", DB, "--schema", "--json").stdout)] == [
        "employees",
        "courses",
        "by_title",
    ]
    Database.current.run_script("empty.db", "")
    assert run("db-query", "empty.db", "--json").stdout == "[]\n"
    assert run("db-query", "empty.db", "--schema").stdout == ""


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("json", '[{"i":1,"r":0.1,"t":"a\\"b|","n":null,"b":{"base64":"AP8="}}]\n'),
        ("jsonl", '{"i":1,"r":0.1,"t":"a\\"b|","n":null,"b":{"base64":"AP8="}}\n'),
        ("csv", "i,r,t,n,b\n1,0.1,\"a\"\"b|\",,x'00FF'\n"),
        ("tsv", "i\tr\tt\tn\tb\n1\t0.1\t\"a\"\"b|\"\t\tx'00FF'\n"),
        ("markdown", "|   i |   r | t     | n   | b       |\n|----:|----:|:------|:----|:--------|\n|   1 | 0.1 | a\"b\\| |     | x'00FF' |\n"),
        ("raw", '1\t0.1\ta"b|\t\t\0\udcff\n'),
    ],
)  # fmt: skip
def test_formats(run: Run, form: str, told: str) -> None:
    blob = "x'00ff'" if Database.current.is_sqlite else r"'\x00ff'::bytea"
    sql = f"select 1 as i, 0.1 as r, 'a\"b|' as t, null as n, {blob} as b"
    assert run("db-query", DB, sql, "-f", form).stdout == told


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("json", "[]\n"),
        ("jsonl", ""),
        ("csv", "name\n"),
        ("tsv", "name\n"),
        ("table", "name\n------\n"),
        ("raw", ""),
    ],
)
def test_an_empty_result_is_a_document(run: Run, form: str, told: str) -> None:
    done = run("db-query", DB, "select name from employees where 1 = 0", "-f", form)
    assert (done.returncode, done.stdout) == (0, told)
    done = run("db-query", DB, "select name from employees where 1 = 0", "-f", form, "--fail-empty")
    assert (done.returncode, done.stdout, done.stderr) == (7, told, f"Error: {DB}: no rows\n")


@pytest.mark.sqlite_alone("text is Unicode")
def test_raw_is_exact(run: Run) -> None:
    assert run("db-query", DB, "select x'00ff0a'", "-f", "raw", text=False).stdout == b"\0\xff\n"
    assert run("db-query", DB, "select 'a' union all select 'b'", "-f", "raw").stdout == "a\nb\n"
    assert run("db-query", DB, "select cast(x'ff41' as text)", "-f", "raw", text=False).stdout == b"\xffA"


@pytest.mark.sqlite_alone("text is Unicode")
def test_text_that_is_not_utf_8(run: Run) -> None:
    sql = "select cast(x'ff41' as text) as t"
    assert run("db-query", DB, sql, "--json").stdout == '[{"t":"\\\\xffA"}]\n'
    assert run("db-query", DB, sql, "-f", "csv", text=False).stdout == b"t\n\xffA\n"
    assert "\\xffA" in run("db-query", DB, sql).stdout


@pytest.mark.sqlite_alone("see test_query in db/postgresql")
def test_infinities_and_nan(run: Run) -> None:
    sql = "select 1e999 as a, -1e999 as b, 1e999 - 1e999 as c"
    assert run("db-query", DB, sql, "--json").stdout == '[{"a":null,"b":null,"c":null}]\n'
    assert run("db-query", DB, sql, "-f", "csv").stdout == "a,b,c\ninf,-inf,\n"


def test_the_same_name_twice(run: Run) -> None:
    sql = "select 1 as a, 2 as a, 3 as a_2"
    assert run("db-query", DB, sql, "--json").stdout == '[{"a":1,"a_2":2,"a_2_2":3}]\n'
    assert run("db-query", DB, sql, "-f", "csv").stdout == "a,a,a_2\n1,2,3\n"


def test_limit(run: Run) -> None:
    for form, told in (("csv", "id\n1\n2\n"), ("jsonl", '{"id":1}\n{"id":2}\n'), ("raw", "1\n2\n")):
        assert run("db-query", DB, "select id from employees", "--limit", "2", "-f", form).stdout == told
    assert run("db-query", DB, "select id from employees", "--limit", "0", "--json").stdout == "[]\n"
    many = "with recursive c(x) as (select 1 union all select x + 1 from c) select x, x from c"
    for form in ("csv", "json", "table", "raw"):
        done = run("db-query", DB, many, "--limit", "2500", "-f", form)
        assert done.returncode == 0 and "2500" in done.stdout and "2501" not in done.stdout


# Reading only.

FORBIDDEN = [
    "insert into employees (name) values ('x')",
    "with x as (select 1) delete from employees",
    "with x as (select 1) insert into employees (name) select * from x returning id",
    "update employees set name = 'x' returning *",
    "delete from employees",
    "replace into employees (id) values (1)",
    "create table t (a)",
    "create temp table t (a)",
    "create view v as select 1",
    "drop table employees",
    "alter table employees add column x",
    "attach 'other.db' as other",
    "attach 'file:other.db?mode=rwc' as other",
    "vacuum",
    "vacuum into 'other.db'",
    "reindex",
    "analyze",
    "pragma journal_mode = wal",
    "pragma journal_mode(delete)",
    "pragma user_version = 7",
    "pragma writable_schema = on",
    "pragma query_only = off",
    "pragma temp_store_directory = '/'",
    "pragma wal_checkpoint(truncate)",
    "pragma incremental_vacuum",
    "pragma optimize",
    "begin",
    "begin immediate",
    "savepoint s",
    "select load_extension('x')",
    "detach main",
    "explain insert into employees (name) values ('x')",
]


@pytest.mark.sqlite_alone("the statements are others; see test_query in db/postgresql")
@pytest.mark.parametrize("sql", FORBIDDEN)
def test_reading_only(run: Run, sql: str) -> None:
    before = Path(DB).read_bytes()
    for options in ([], ["-f", "json"], ["--plan"]):
        done = run("db-query", DB, sql, *options)
        assert done.returncode in (0, 6) and done.stderr.count("\n") <= 1
        if not options:
            assert done.returncode == 6, done.stdout
            assert (
                (done.stdout == "" and "--write" in done.stderr)
                or "load_extension" in done.stderr
                or "no such" in done.stderr
            )
        assert Path(DB).read_bytes() == before
        assert os.listdir() == [DB]


@pytest.mark.sqlite_alone("the statements are others; see test_query in db/postgresql")
@pytest.mark.parametrize(
    "sql",
    [
        "pragma table_info(employees)", "pragma user_version", "pragma integrity_check", "values (1), (2)",
        "explain select 1", "explain query plan select 1", "select * from pragma_table_list", ";;select 1;;",
        "select 1 -- a comment", "/* c */ select 1;", "pragma journal_mode",
        "with recursive c(x) as (select 1 union all select x + 1 from c where x < 5) select * from c",
    ],
)  # fmt: skip
def test_all_of_reading(run: Run, sql: str) -> None:
    for form in ("table", "json", "csv", "raw"):
        done = run("db-query", DB, sql, "-f", form)
        assert done.returncode == 0, done.stderr
        assert done.stdout


@pytest.mark.sqlite_alone("identity and RETURNING; see test_query in db/postgresql")
def test_write(run: Run) -> None:
    done = run("db-query", DB, "update employees set pay = 2 where pay is null", "--write")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"{DB}: 1 row changed\n")
    done = run(
        "db-query",
        DB,
        "insert into employees (name) values (?) returning id, name",
        "-V",
        "Dee",
        "--write",
        "--json",
    )
    assert json.loads(done.stdout) == [{"id": 4, "name": "Dee"}]
    assert run("db-query", DB, "vacuum", "--write").returncode == 0
    assert run("db-query", DB, "drop table if exists absent", "--write", "--json").stdout == "[]\n"
    done = run("db-query", DB, "insert into courses (teacher) values (99)", "--write")
    assert done.returncode == 6 and "FOREIGN KEY" in done.stderr
    assert run("db-query", "missing.db", "create table t (a)", "--write").returncode == 6
    assert os.listdir() == [DB]


@pytest.mark.sqlite_alone("the words are others; see test_query in db/postgresql")
@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["select 1; select 2"], 6, "more than one statement, expected one"),
        (["selec 1"], 6, 'near "selec": syntax error'),
        ([""], 6, "no statement"),
        (["/* nothing */"], 6, "no statement"),
        (["select * from nope"], 6, "no such table: nope"),
        (["select :a"], 2, "the statement has a parameter :a, which gets its value by -P a=VALUE"),
        (["select :a", "-P", "a=1", "-P", "b=2"], 2, "-P b: the statement has no :b"),
        (["select ?"], 2, "the statement has a parameter ?, which gets its value by -V VALUE"),
        (["select ?, ?", "-V", "1"], 2, "the statement has 2 parameters and got 1"),
        (["select ?", "-V", "1", "-P", "a=1"], 2, "do not mix"),
        (["select :a", "-P", "a"], 2, "-P 'a': expected NAME=VALUE"),
        (["select :a", "-P", "a:=x"], 2, "-P a:=x: is not JSON"),
        (["select 1", "--attach", "x"], 2, "expected NAME=FILE"),
        (["select 1", "--attach", "x=missing.db"], 6, "missing.db: no such file"),
        (["select 1", "--schema"], 2, "--schema goes without SQL"),
        (["--plan"], 2, "missing argument SQL"),
        (["select 1", "-o", "missing/x"], 2, "missing/x: No such file"),
        (["select 1", "-o", "."], 2, "is a folder"),
        (["select * from employees limit :n", "-P", "n=x"], 6, "datatype mismatch"),
    ],
)
def test_refusals(run: Run, arguments: list[str], status: int, told: str) -> None:
    done = run("db-query", DB, *arguments)
    assert done.returncode == status, done.stderr
    assert told in done.stderr and done.stderr.count("\n") == 1 and done.stdout == ""
    assert os.listdir() == [DB]


def test_statement_from_standard_input(run: Run) -> None:
    assert run("db-query", DB, "-", "-f", "raw", input="select 42;\n").stdout == "42"
    assert run("db-query", DB, "-", input=b"\xff", text=False).returncode == 2


@pytest.mark.sqlite_alone("a connection is to one database")
def test_attach(run: Run) -> None:
    run("db-create", "other.db", "pay", "id:int", "euro:real")
    run("db-insert", "other.db", "pay", "id=2", "euro=9.5")
    join = "select name, euro from employees join more.pay using (id)"
    assert (
        run("db-query", DB, join, "--attach", "more=other.db", "-f", "csv").stdout == "name,euro\nBob,9.5\n"
    )
    before = Path("other.db").read_bytes()
    done = run("db-query", DB, "delete from more.pay", "--attach", "more=other.db")
    assert done.returncode == 6 and Path("other.db").read_bytes() == before
    assert run("db-query", DB, "delete from more.pay", "--attach", "more=other.db", "--write").returncode == 0


@pytest.mark.sqlite_alone("the words of a plan are others")
def test_plan(run: Run) -> None:
    assert run("db-query", DB, "create table plain (x)", "--write").returncode == 0
    for sql in ("delete from plain", "insert into employees values (9, 'x', 1, 1)", "begin", "vacuum"):
        done = run("db-query", DB, sql, "--plan")
        told = f"{Database.current.place(DB)}: the plan has no steps, for the statement searches nothing\n"
        assert (done.returncode, done.stdout, done.stderr) == (0, "QUERY PLAN\n", told), sql
        assert json.loads(run("db-query", DB, sql, "--plan", "--json").stdout) == []
        assert run("db-query", DB, sql, "--plan", "--fail-empty").returncode == 7
    done = run("db-query", DB, "select * from employees where id = ? order by name", "--plan", "-V", "1")
    assert done.stdout.splitlines()[0] == "QUERY PLAN"
    assert "`--" in done.stdout and "SEARCH employees USING INTEGER PRIMARY KEY" in done.stdout
    steps = json.loads(run("db-query", DB, "select 1 union select 2", "--plan", "--json").stdout)
    assert {"id", "parent", "detail"} == set(steps[0]) and steps[0]["parent"] == 0
    tree = run("db-query", DB, "select 1 union select 2", "--plan").stdout
    assert "   |--" in tree or "   `--" in tree


@pytest.mark.sqlite_alone("the statements are others")
def test_explain(run: Run) -> None:
    done = run("db-query", DB, "select name from employees where id = ?", "-V", "2", "--explain", "-f", "raw")
    assert done.stdout == "Bob"
    assert "mode=ro" in done.stderr
    assert "sql(select name from employees where id = '2') = 1 row  (rows are read" in done.stderr


ENDLESS = "with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c"


def test_timeout(run: Run) -> None:
    done = run("db-query", DB, ENDLESS, "--timeout", "200ms")
    assert (done.returncode, done.stderr) == (4, f"Error: {DB}: the statement did not end in time\n")


@posix
def test_interrupted(run: Run) -> None:
    """^C ends a statement in the middle of SQLite's own work."""
    sql = "with recursive c(x) as (select 1 union all select x + 1 from c) select x from c where x <= 2500"
    command = [*PYNETDB, "db-query", Database.current.place(DB), sql, "-f", "jsonl"]
    with held(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline() == b'{"x":1}\n'
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
        assert process.stderr.read() == b""


@pytest.mark.sqlite_alone("the words are others")
def test_output_file(run: Run) -> None:
    done = run("db-query", DB, "select id from employees", "-f", "csv", "-o", "out.csv")
    assert (done.returncode, done.stdout, Path("out.csv").read_text()) == (0, "", "id\n1\n2\n3\n")
    for form in ("table", "json", "jsonl", "markdown", "raw", "tsv"):
        assert (
            run("db-query", DB, "select id from employees", "-f", form, "-o", f"out.{form}").returncode == 0
        )
        assert (
            Path(f"out.{form}").read_text()
            == run("db-query", DB, "select id from employees", "-f", form).stdout
        )
    bad = "select abs(-9223372036854775808 + x) from (select 5000 - value as x from numbers)".replace(
        "numbers",
        "(with recursive c(value) as (select 1 union all select value + 1 from c where value < 9000) select value from c)",
    )
    done = run("db-query", DB, bad, "-f", "csv", "-o", "out.csv")
    assert done.returncode == 6 and "integer overflow" in done.stderr
    assert Path("out.csv").read_text() == "id\n1\n2\n3\n"  # As it was: all of the new or none of it.
    assert not [name for name in os.listdir() if name.startswith(".")]
    assert run("db-query", DB, "--json", "-o", "tables.json").returncode == 0
    assert len(json.loads(Path("tables.json").read_text())) == 2


@posix
def test_a_reader_who_leaves(run: Run) -> None:
    many = "with recursive c(x) as (select 1 union all select x + 1 from c) select x, x from c"
    for form in ("csv", "jsonl", "table", "raw"):
        command = [*PYNETDB, "db-query", Database.current.place(DB), many, "-f", form]
        with held(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None and process.stderr is not None
            assert process.stdout.readline()
            process.stdout.close()
            assert process.wait(PATIENCE) == 0
            assert process.stderr.read() == b""


@pytest.mark.sqlite_alone("no database in memory")
def test_memory_database(run: Run) -> None:
    assert run("db-query", ":memory:", "select 6 * 7", "-f", "raw").stdout == "42"
    assert run("db-query", ":memory:", "create table t (a)").returncode == 6


@pytest.mark.sqlite_alone("what is shown is not the engine's; char() is SQLite's")
def test_a_terminal_gets_no_control_characters(run: Run) -> None:
    import pty

    main, sub = pty.openpty()
    sql = "select char(27) || '[31m' || char(8238) || char(155) as x"
    for form in ("table", "json", "jsonl", "csv", "markdown"):
        subprocess.run(
            [*PYNETDB, "db-query", Database.current.place(DB), sql, "-f", form],
            env=environment(),
            stdout=sub,
            check=True,
            timeout=PATIENCE,
        )
        told = os.read(main, 65536).decode()
        assert "[31m" in told
        assert not any((ord(c) < 32 and c not in "\r\n") or c in "\u202e\x9b" for c in told), repr(told)
    os.close(main)
    os.close(sub)


@pytest.mark.sqlite_alone("the statements are others; see test_query in db/postgresql")
@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("delete from t", "0 rows changed"),
        ("create table if not exists t(a)", "done"),
        ("begin", "nothing changed: a transaction ends with its command"),
        ("SAVEPOINT x", "nothing changed"),
        ("vacuum", "done"),
    ],
)
def test_a_statement_without_rows_says_what_happened(
    run: Run, tmp_path: Path, statement: str, told: str
) -> None:
    place = "x.db"
    assert run("db-create", place, "t", "a").returncode == 0
    done = run("db-query", place, "--write", statement)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith(f"{place}: {told}")
    assert run("db-query", place, "--write", statement, "--quiet").stderr == ""


def test_an_empty_result_says_so_beside_its_header(run: Run) -> None:
    place = "x.db"
    assert run("db-create", place).returncode == 0
    assert run("db-query", place).stderr == f"{place}: no tables yet (pynetdb db-create makes one)\n"
    assert run("db-create", place, "t", "a").returncode == 0
    done = run("db-query", place, "select * from t")
    assert (done.returncode, done.stdout, done.stderr) == (0, "a\n---\n", f"{place}: no rows\n")
    for form in ("json", "csv", "raw"):
        assert run("db-query", place, "select * from t", "-f", form).stderr == ""
