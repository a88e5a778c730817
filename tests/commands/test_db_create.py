"""`pynetdb db-create`."""

import os
import sqlite3
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from databases import Database
from programs import Run

DB = "school.db"


@pytest.fixture(autouse=True)
def here(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(run: Run, database: Database) -> Run:
    return partial(database.run, run)


def rows(sql: str) -> list[Any]:
    return Database.current.rows(DB, sql)


@pytest.mark.sqlite_alone("no database is made on a server unasked")
def test_a_database_alone(run: Run) -> None:
    done = run("db-create", DB)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{DB}: made, empty (SQLite {sqlite3.sqlite_version})\n"
    assert Path(DB).read_bytes().startswith(b"SQLite format 3\0")
    before = Path(DB).read_bytes()
    done = run("db-create", DB)
    assert (done.returncode, done.stdout.split(" (")[0]) == (0, f"{DB}: exists, 0 tables")
    assert Path(DB).read_bytes() == before


def test_a_table(run: Run) -> None:
    done = run("db-create", DB, "students", "id:int:pk", "name:varchar(10):notnull:unique", "born:date", "x")
    assert (done.returncode, done.stdout) == (0, f"{DB}: table students made\n")
    declared = Database.current.declared(DB, "students")
    assert (declared["id"], declared["born"], list(declared)) == (
        "INTEGER",
        "date",
        ["id", "name", "born", "x"],
    )
    assert run("db-insert", DB, "students", "born=2000-01-01").returncode == 6
    assert run("db-insert", DB, "students", "name=Ann").returncode == 0
    # A row that was refused has used a number up, where numbers are given out of a sequence.
    assert rows("SELECT id, name FROM students") == [(1 if Database.current.is_sqlite else 2, "Ann")]


@pytest.mark.sqlite_alone("the types are others; see test_schema in db/postgresql")
def test_columns(run: Run) -> None:
    assert run("db-create", DB, "courses", "id:int:pk", "title:text").returncode == 0
    done = run(
        "db-create", DB, "t", "a:int:pk", "b:text:pk", "c:default=it's:unique", "d:real:default=-1.5",
        "e:text:default=12:30", "f:text:default=current_timestamp", "g:int:references=courses.id",
        "h:references=courses", "i:double precision:notnull:default=", "j:decimal( 10 , 2 )",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = {row[0]: row[1:] for row in rows("SELECT name, type, dflt_value, pk FROM pragma_table_info('t')")}
    assert found["a"][2] == 1 and found["b"][2] == 2
    assert found["c"][:2] == ("", "'it''s'") and found["d"][1] == "-1.5" and found["e"][1] == "'12:30'"
    assert found["f"][1] == "CURRENT_TIMESTAMP" and found["i"][:2] == ("double precision", "''")
    assert found["j"][0] == "decimal( 10 , 2 )"
    assert len(rows("SELECT * FROM pragma_foreign_key_list('t')")) == 2
    done = run("db-insert", DB, "t", "a=1", "b=x", "i=0", "g=99")
    assert done.returncode == 6 and "FOREIGN KEY constraint failed" in done.stderr


@pytest.mark.sqlite_alone("tables are strict as they are")
def test_strict(run: Run) -> None:
    assert run("db-create", DB, "t", "a:int", "b", "--strict").returncode == 0
    done = run("db-insert", DB, "t", "a=x")
    assert done.returncode == 6 and "cannot store TEXT value in INT column t.a" in done.stderr
    done = run("db-create", DB, "u", "a:varchar(10)", "--strict")
    assert done.returncode == 6 and "unknown datatype" in done.stderr


def test_a_table_that_exists(run: Run) -> None:
    run("db-create", DB, "t", "a")
    run("db-insert", DB, "t", "a=1")
    done = run("db-create", DB, "T", "b")
    assert done.returncode == 6 and "there is a table 't' already" in done.stderr
    done = run("db-create", DB, "t", "b", "--if-not-exists")
    assert (done.returncode, done.stdout) == (0, f"{DB}: table t exists already, left as it is\n")
    assert rows("SELECT a FROM t") == [("1",)]
    assert run("db-create", DB, "t", "b", "--replace").returncode == 0
    assert rows("SELECT b FROM t") == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["t"], "expected either COLUMN... or --from FILE"),
        (["t", "a", "--from", "x.csv"], "expected either COLUMN... or --from FILE"),
        (["t", ":int"], "column ':int' has no name"),
        (["t", ""], "column '' has no name"),
        (["t", "a:int); DROP TABLE x"], "is not a type"),
        (["t", "a:int primary key"], "holds 'key', which is no type"),
        (["t", "a:int:pq"], "column 'a': 'pq' is not understood: expected NAME[:TYPE"),
        (["t", "a:int:references="], "'references=' is not understood"),
        (["t", "a:int:pk=1"], "'pk=1' is not understood"),
        (["t", "a", "--if-not-exists", "--replace"], "choose one"),
        (["t", "a", "--pk", "a"], "--pk, --types and --type go with --from"),
        (["--strict"], "missing argument TABLE"),
        (["t", "a", "--sql", "x.sql"], "--sql makes what the script says"),
        (["--sql", "missing.sql"], "--sql missing.sql: No such file"),
        (["", "a"], "cannot be empty"),
    ],
)
def test_what_cannot_be_read(run: Run, arguments: list[str], told: str) -> None:
    done = run("db-create", DB, *arguments)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert told in done.stderr
    assert os.listdir() == []


@pytest.mark.sqlite_alone("no file")
def test_an_error_leaves_no_file(run: Run) -> None:
    for arguments in (["t", "a:text:notnull", "A:text"], ["t", "a", "--from"]):
        assert run("db-create", DB, *arguments).returncode in (2, 6)
    assert run("db-create", "missing/x.db").returncode == 6
    assert os.listdir() == []


def test_from_a_data_file(run: Run) -> None:
    Path("x.csv").write_text("id,zip,price,note\n" + "1,0123,1.5,\n" * 1000 + "2,1,2.25,x\n")
    assert run("db-create", DB, "t", "--from", "x.csv", "--pk", "id").returncode == 0
    real = "REAL" if Database.current.is_sqlite else "NUMERIC"
    assert Database.current.declared(DB, "t") == {
        "id": "INTEGER",
        "zip": "TEXT",
        "price": real,
        "note": "TEXT",
    }
    assert rows("SELECT count(*) FROM t") == [(0,)]
    Path("x.jsonl").write_text('{"a": 1}\n{"b": 2.5}\n')
    assert run("db-create", DB, "u", "--from", "x.jsonl").returncode == 0
    assert Database.current.declared(DB, "u") == {"a": "INTEGER", "b": real}
    assert run("db-create", DB, "v", "--from", "-", input="a;b\n1;2\n").returncode == 0


@pytest.mark.sqlite_alone("triggers are written in another language; see test_script in db/postgresql")
def test_a_script(run: Run) -> None:
    script = """-- a comment; with a semicolon
    drop table if exists stocks;
    create table stocks (symbol text, note text default 'a;b'); /* ; */
    create trigger tr after insert on stocks begin update stocks set note = 'x;y'; select 1; end;
    insert into stocks (symbol) values ('RHAT'), ('IBM')"""
    done = run("db-create", DB, "--sql", "-", input=script)
    assert (done.returncode, done.stdout) == (0, f"{DB}: 4 statements run\n"), done.stderr
    assert rows("SELECT count(*), min(note) FROM stocks") == [(2, "x;y")]


def test_a_script_is_all_or_nothing(run: Run) -> None:
    Path("x.sql").write_text(
        "create table a (x int);\n\ninsert into a values (1);\ninsert into b values (2);\n"
    )
    done = run("db-create", DB, "--sql", "x.sql")
    told = "no such table: b (there is a)" if Database.current.is_sqlite else 'relation "b" does not exist'
    assert done.returncode == 6 and done.stderr == f"Error: x.sql line 4: {told}; nothing was changed\n"
    assert os.listdir() == ["x.sql"]


@pytest.mark.sqlite_alone("PRAGMA; see test_script in db/postgresql")
def test_a_script_with_its_own_transaction(run: Run) -> None:
    Path("x.sql").write_text("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE a (x);\nCOMMIT;\n")
    assert run("db-create", DB, "--sql", "x.sql").returncode == 0
    assert rows("SELECT count(*) FROM a") == [(0,)]
    done = run("db-create", DB, "--sql", "-", input="BEGIN; CREATE TABLE b (x);")
    assert done.returncode == 6 and "never committed" in done.stderr
    assert rows("SELECT name FROM sqlite_schema") == [("a",)]
    done = run("db-create", DB, "--sql", "-", input="BEGIN; CREATE TABLE b (x); CREATE TABLE b (x); COMMIT;")
    assert done.returncode == 6 and "standard input line 1: table" in done.stderr
    assert rows("SELECT name FROM sqlite_schema") == [("a",)]
    assert run("db-create", DB, "--sql", "-", input="\0").returncode == 6
