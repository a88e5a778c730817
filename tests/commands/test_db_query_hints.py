"""`pynetdb db-query`: what somebody meant who typed something else, and scripts that go wrong."""

import json
import os
import sqlite3
import subprocess
from pathlib import Path

import pytest
from programs import PATIENCE, PYNETDB, Run, environment, posix

DB = "school.db"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    connection = sqlite3.connect(DB)
    connection.executescript(
        "create table students (id integer primary key, name text); insert into students values (1, 'Ann')"
    )
    connection.close()
    Path("trips.csv").write_text("id,day\n1,mon\n")
    Path("script.sql").write_text("select 1")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        ((DB, ".tables"), 6, "(db-query school.db without SQL lists the tables)"),
        ((DB, r"\d students"), 6, "(--schema shows how tables were made"),
        ((DB, "show tables;"), 6, "(db-query school.db without SQL lists the tables)"),
        ((DB, ".schema", "students"), 2, "a command of the sqlite3 shell, not SQL (--schema"),
        ((DB, "show", "tables"), 2, "(db-query school.db without SQL lists the tables)"),
        ((DB, "select 1; select 2"), 6, "expected one (--write runs several"),
        ((DB, "script.sql"), 2, "pynetdb db-query school.db - < script.sql reads SQL from it"),
        ((":memory:", "trips.csv"), 2, "pynetdb db-query :memory: --load trips.csv makes a table of it"),
        (("trips.csv", "select 1"), 6, "(pynetdb db-query :memory: --load trips.csv SQL reads a data file)"),
        (("(select 1)", DB), 2, "DB and SQL are swapped"),
        (("-- a\nselect 1", DB), 2, "DB and SQL are swapped"),
        (("/* a */ select 1", DB), 2, "DB and SQL are swapped"),
        ((DB, "select ?", "-V", ":=nope"), 2, "-V :=nope: is not JSON"),
    ],
)
def test_hints(run: Run, arguments: tuple[str, ...], status: int, told: str) -> None:
    done = run("db-query", *arguments)
    assert done.returncode == status and told in done.stderr and done.stderr.count("\n") == 1


def test_what_is_piped_gets_the_same_hints(run: Run) -> None:
    done = run("db-query", DB, input=".tables\n")
    assert done.returncode == 6 and "without SQL lists the tables" in done.stderr


def test_a_script_that_is_refused_changes_nothing(run: Run) -> None:
    script = "begin; insert into students values (2, 'Bob'); commit;\n-- ;\n\ninsert into studens values (3, 'Cid');"
    done = run("db-query", DB, "--write", script)
    assert done.returncode == 6
    assert done.stderr == (
        "Error: the script line 4: no such table: studens (there is students; did you mean students?); "
        "nothing was changed\n"
    )
    done = run("db-query", DB, "--write", "delete from students; select nme from students")
    assert done.returncode == 6 and done.stderr.endswith("did you mean name?); nothing was changed\n")
    assert json.loads(run("db-query", DB, "select id from students", "--json").stdout) == [{"id": 1}]


def test_a_script_shows_the_rows_of_its_last_statement(run: Run) -> None:
    script = (
        "begin; insert into students values (2, 'Bob'); commit;\n-- all of them; now\nselect id from students"
    )
    done = run("db-query", DB, "--write", script, "--json")
    assert json.loads(done.stdout) == [{"id": 1}, {"id": 2}]
    script = "delete from students where id = 1; insert into students (name) values ('Cid') returning name"
    assert json.loads(run("db-query", DB, "--write", script, "--json").stdout) == [{"name": "Cid"}]


def test_an_insert_that_begins_with_a_query_says_what_it_changed(run: Run) -> None:
    sql = "with new as (values ('Bob'), ('Cid')) insert into students (name) select * from new"
    assert run("db-query", DB, "--write", sql).stderr == "school.db: 2 rows changed\n"


def test_an_unknown_key_of_json_is_told_by_its_item(run: Run) -> None:
    done = run(
        "db-insert", DB, "students", "--from", "-", "--input-format", "json", input='[{"id":2},\n{"nope":1}]'
    )
    assert done.returncode == 6
    assert done.stderr.startswith(
        "Error: standard input item 2, line 2: no column 'nope' in table 'students'"
    )


@posix
def test_a_value_on_a_terminal_cannot_look_like_a_row_of_its_own() -> None:
    import pty

    main, sub = pty.openpty()
    subprocess.run(["stty", "columns", "40"], stdin=sub, check=True, timeout=PATIENCE)
    sql = f"select '{'x' * 37}-- row 2 --' as a, '{'y' * 60}' as b"
    subprocess.run(
        [*PYNETDB, "db-query", DB, sql, "--vertical"],
        env=environment() | {"COLUMNS": ""},
        stdout=sub,
        check=True,
        timeout=PATIENCE,
    )
    told = os.read(main, 65536).decode()
    os.close(main)
    os.close(sub)
    assert told.splitlines()[1:3] == ["a  " + "x" * 37, "    -- row 2 --"]


def test_many_comments_in_front_cost_nothing(run: Run) -> None:
    script = "select 1; " + "/* a */ " * 60 + "create table t (a)"
    assert run("db-query", DB, "--write", script).returncode == 0
    assert run("db-query", "/* a */ " * 60 + "x", DB).returncode == 2
