"""What a statement answers, and what a database says of itself."""

import json
import sqlite3
from pathlib import Path

import pytest
from programs import Run, posix, unlike_wine


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sqlite3.connect("x.db").executescript("create table t (a); insert into t values (1)").connection.close()


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("create table u (b)", "x.db: done (CREATE TABLE)"),
        ("/* a */ drop table t", "x.db: done (DROP TABLE)"),
        ("begin", "nothing changed: a transaction ends"),
        ("delete from t", "x.db: 1 row changed"),
        ("create table u (b); insert into u values (1)", "x.db: 2 statements run"),
        ("begin; delete from t; commit", "x.db: 3 statements run"),
    ],
)
def test_what_happened_is_said(run: Run, sql: str, told: str) -> None:
    done = run("db-query", "x.db", "--write", sql)
    assert done.returncode == 0 and told in done.stderr, done.stderr
    assert done.stdout == ""


def test_a_script_is_one_transaction(run: Run) -> None:
    done = run("db-query", "x.db", "--write", "insert into t values (2); select a from t", "-f", "csv")
    assert done.stdout == "a\n1\n2\n"
    done = run("db-query", "x.db", "--write", "insert into t values (3);\ninsert into nope values (1)")
    assert done.returncode == 6 and "line 2: no such table: nope" in done.stderr
    assert run("db-query", "x.db", "select count(*) from t", "-f", "raw").stdout == "2"
    done = run("db-query", "x.db", "select 1; select a from t")
    assert done.returncode == 6 and "more than one statement" in done.stderr


def test_one_that_is_broken_hides_no_other(run: Run) -> None:
    connection = sqlite3.connect("x.db")
    connection.executescript("create table gone (x); create view v as select * from gone; drop table gone")
    connection.execute("create view w as select abs(-9223372036854775808) as z")
    connection.close()
    done = run("db-query", "x.db", "--json")
    assert done.returncode == 0 and "v is broken: no such table: main.gone" in done.stderr
    assert [(row["table"], row["rows"]) for row in json.loads(done.stdout)][:2] == [("t", 1), ("v", None)]


@posix  # An argument is text on Windows.
def test_names_that_are_not_utf_8(run: Run) -> None:
    connection = sqlite3.connect("x.db")
    connection.execute("create table xyz (col1)")
    connection.commit()
    connection.close()
    data = Path("x.db").read_bytes()
    Path("x.db").write_bytes(data.replace(b"xyz", b"x\xffz").replace(b"col1", b"co\xfe1"))
    for arguments in ((), ("--json",), ("--schema",), ("--schema", "--json"), ("-f", "csv")):
        done = run("db-query", "x.db", *arguments)
        assert done.returncode == 0 and "t" in done.stdout, done.stderr
    assert run("db-insert", "x.db", b"x\xff", "a=1").returncode == 2
    assert run("db-query", "x.db", b"select '\xff'").returncode == 2


def test_sql_from_a_pipe(run: Run) -> None:
    assert run("db-query", "x.db", "-f", "raw", input="select 7").stdout == "7"
    assert "rows" in run("db-query", "x.db", input="").stdout
    assert "rows" in run("db-query", "x.db", "--count", input="select 7").stdout


def test_plans_run_nothing(run: Run) -> None:
    done = run("db-query", "x.db", "--plan", "--write", "/**/ pragma user_version = 7")
    assert done.returncode == 6 and "has no plan" in done.stderr
    assert run("db-query", "x.db", "pragma user_version", "-f", "raw").stdout == "0"


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("x.db", "select", "a", "from", "t"), 2, "SQL is one argument, in quotes"),
        (("select 1", "x.db"), 2, "DB and SQL are swapped: pynetdb db-query x.db 'select 1'"),
        (("x.db", "select 1", "--count"), 2, "--count goes without SQL"),
        (("x.db", "select 1", "-o", "x.db"), 2, "is a file of the database"),
        pytest.param(
            *(("x.db", "select 1", "-o", "link"), 2, "is a file of the database"),
            marks=unlike_wine("makes symbolic links that lead nowhere"),
        ),
        (("x.db", "select 1", "--attach", "y=y.db", "-o", "y.db"), 2, "is a file of the database"),
        (("x.db", "select 1", "-o", "x.db-journal"), 2, "is a file of the database"),
        (("x.db", "select 1", "--trace", "x.db"), 2, "is a database"),
        (("x.db", "select 1", "--attach", "y=y.db", "--trace", "y.db"), 2, "is a database"),
        (("x.db", "select 1", "--vertical", "--json"), 2, "--vertical is a way to show a table"),
    ],
)
def test_refusals(run: Run, arguments: tuple[str, ...], status: int, told: str) -> None:
    Path("link").symlink_to("x.db")
    sqlite3.connect("y.db").executescript("create table t (a)").connection.close()
    before = Path("x.db").read_bytes(), Path("y.db").read_bytes()
    done = run("db-query", *arguments)
    assert (done.returncode, done.stdout) == (status, "") and told in done.stderr, done.stderr
    assert (Path("x.db").read_bytes(), Path("y.db").read_bytes()) == before


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("o.csv", "a\n1\n"),
        ("o.json", '[{"a":1}]\n'),
        ("o.TSV", "a\n1\n"),
        ("o.jsonl", '{"a":1}\n'),
        ("o", "  a\n"),
    ],
)
def test_the_extension_says_the_format(run: Run, name: str, text: str) -> None:
    assert run("db-query", "x.db", "select a from t", "-o", name).returncode == 0
    assert Path(name).read_text().startswith(text)
    run("db-query", "x.db", "select a from t", "-o", name, "-f", "raw")
    assert Path(name).read_text() == "1"


def test_null_is_told_from_the_empty_text(run: Run) -> None:
    sql = "select null as n, '' as e, 1 as i"
    assert run("db-query", "x.db", sql, "--null", "NA", "-f", "csv").stdout == "n,e,i\nNA,,1\n"
    assert run("db-query", "x.db", sql, "--null", "-", "--vertical").stdout == "-- row 1 --\nn  -\ne\ni  1\n"
    many = "with r(n) as (select 1 union all select n + 1 from r limit 3000) select null as n, '' as e from r"
    assert run("db-query", "x.db", many, "--null", "NA", "-f", "csv").stdout == "n,e\n" + "NA,\n" * 3000
