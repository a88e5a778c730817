"""`pynetdb db-insert`: nothing lost, nothing guessed wrong, all or nothing."""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

import click
import pytest
from databases import Database
from programs import PATIENCE, PYNETDB, Run, Stranger, environment, held, linux, posix

from pynetdb.errors import CommandLineError

DB = "school.db"
# What is done to the command's own writes must not hit those of a coverage measurement.
UNWATCHED = environment(PYTHONDONTWRITEBYTECODE="1", COVERAGE_PROCESS_START="", COVERAGE_PROCESS_CONFIG="")


@pytest.fixture
def here(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(run: Run, database: Database) -> Run:
    return partial(database.run, run)


@pytest.fixture
def students(here: Path, run: Run, database: Database) -> Any:
    assert run("db-create", DB, "students", "id:int:pk", "name:text:notnull", "age:int").returncode == 0
    return database.path(DB)


def rows(path: str | Path, sql: str) -> list[Any]:
    return Database.current.rows(os.fspath(path), sql)


def objects(path: str | Path, table: str) -> list[dict[str, Any]]:
    return Database.current.objects(str(path), table)


def declared(path: str | Path, table: str) -> dict[str, str]:
    return Database.current.declared(str(path), table)


def test_one_row_from_arguments(students: Path, run: Run) -> None:
    done = run("db-insert", DB, "students", "name=Ann", "age=36")
    assert (done.returncode, done.stdout, done.stderr) == (0, "students: 1 row inserted\n", "")
    assert rows(students, "SELECT * FROM students") == [(1, "Ann", 36)]


def test_typed_values(students: Path, run: Run) -> None:
    assert run("db-insert", DB, "students", 'name:="Bob"', "age:=null").returncode == 0
    assert run("db-insert", DB, "students", 'name:=[1, {"a": true}]', "age:=40").returncode == 0
    assert rows(students, "SELECT name, age FROM students") == [("Bob", None), ('[1,{"a":true}]', 40)]


def test_values_may_hold_anything(students: Path, run: Run) -> None:
    for value in ("Robert'); DROP TABLE students;--", "a=b:=c", "", "\U0001f600", "x\ny"):
        assert run("db-insert", DB, "students", f"name={value}").returncode == 0
        assert rows(students, "SELECT name FROM students ORDER BY id DESC LIMIT 1") == [(value,)]


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["nope", "name=Ann"], 6, "no table 'nope'"),
        (["students", "shoe=42"], 6, "no column 'shoe' in table 'students' (it has id, name, age)"),
        (["students", "age=1"], 6, "NOT NULL constraint failed: students.name"),
        (["students"], 2, "expected either NAME=VALUE... or --from FILE"),
        (["students", "name=x", "--from", "x.csv"], 2, "expected either"),
        (["students", "name"], 2, "'name': expected NAME=VALUE"),
        (["students", "=x"], 2, "expected NAME=VALUE"),
        (["students", ":=1"], 2, "expected NAME=VALUE"),
        (["students", "name=x", "NAME=y"], 2, "'name' is given twice"),
        (["students", "age:=NaN"], 2, "age:=NaN: is not JSON"),
        (["students", "age:=1e999"], 2, "beyond a double"),
        (["students", "age:=9223372036854775808"], 2, "beyond 64 bits"),
        (["students", 'name:="\\ud800"'], 2, "surrogate"),
        (["students", "age:=" + "[" * 100_000], 2, "nested too deeply"),
        (["students", "name=x", "--pk", "name"], 2, "--pk goes with --create"),
        (["students", "--from", "missing.csv"], 2, "missing.csv: No such file"),
        (["students", "--from", "."], 2, ".: Is a directory"),
        (["students", "--from", "rows.csv", "--encoding", "klingon"], 2, "no such encoding"),
        (["students", "--from", "rows.csv", "--encoding", "rot13"], 2, "no such encoding"),
        (["students", "--from", "rows.csv", "--delimiter", "ab"], 2, "expected one character"),
        (["students", "--from", "rows.jsonl", "--no-header"], 2, "are for CSV and TSV"),
        (["new", "x=1", "--create", "--pk", "y"], 2, "--pk y: no such column"),
        (["new", "--from", "rows.csv", "--create", "--pk", "y"], 2, "--pk y: no such column"),
    ],
)
def test_refusals(students: Path, run: Run, arguments: list[str], status: int, told: str) -> None:
    Path("rows.csv").write_text("name\nAnn\n")
    Path("rows.jsonl").write_text('{"name": "Ann"}\n')
    before = students.read_bytes()
    done = run("db-insert", DB, *arguments)
    assert done.returncode == status, done.stderr
    told = Database.current.words(told)
    assert told in done.stderr and done.stderr.count("\n") == 1 and done.stdout == ""
    assert students.read_bytes() == before
    assert sorted(os.listdir()) == ["rows.csv", "rows.jsonl", DB]


@pytest.mark.sqlite_alone("a file that is missing; with PostgreSQL the database is there or it is not")
def test_a_typo_never_makes_a_file(here: Path, run: Run) -> None:
    done = run("db-insert", "scool.db", "students", "name=Ann")
    assert done.returncode == 6 and "scool.db: no such file" in done.stderr
    assert os.listdir() == []


@pytest.mark.sqlite_alone("no database is made on a server unasked")
def test_create_makes_the_file_as_well_and_an_error_leaves_none(here: Path, run: Run) -> None:
    Path("bad.csv").write_text("a,b\n1,2\n3\n")
    done = run("db-insert", "new.db", "t", "--from", "bad.csv", "--create")
    assert done.returncode == 6
    assert done.stderr.startswith("Error: bad.csv line 3: 1 field, expected 2 (a, b) (--lenient")
    assert os.listdir() == ["bad.csv"]
    assert run("db-insert", "new.db", "t", "a=01", "b:=2.5", "c=7", "--create", "--pk", "c").returncode == 0
    assert declared("new.db", "t") == {"a": "TEXT", "b": "REAL", "c": "INTEGER"}


def test_json_summary(students: Path, run: Run) -> None:
    done = run("db-insert", DB, "students", "name=Ann", "--json")
    told = json.loads(done.stdout)
    assert told.pop("seconds") >= 0
    assert told == {"table": "students", "rows": 1, "created": False, "ignored": 0}
    done = run("db-insert", DB, "t", "--from", "-", "--create", "--json", input="a\n1\n2\n")
    told = json.loads(done.stdout)
    assert (told["table"], told["rows"], told["created"]) == ("t", 2, True)


# The lossless rule.


@pytest.mark.parametrize(
    ("values", "kind", "exact_kind"),
    [
        (["1", "-5", "0", "9223372036854775807", "-9223372036854775808"], "INTEGER", "INTEGER"),
        (["1", "", "3"], "INTEGER", "INTEGER"),
        (["01234"], "TEXT", "TEXT"),
        (["+1"], "TEXT", "TEXT"),
        (["1_000"], "TEXT", "TEXT"),
        (["1", " 1"], "TEXT", "TEXT"),
        (["9223372036854775808"], "TEXT", "NUMERIC"),
        (["-0"], "TEXT", "TEXT"),
        (["1.5", "-2.25", "0.1", "1e+16", "1e-05"], "REAL", "TEXT"),
        (["1.5", ""], "REAL", "NUMERIC"),
        (["1e5"], "TEXT", "TEXT"),
        (["1.10"], "TEXT", "NUMERIC"),
        (["-0.0"], "TEXT", "TEXT"),
        (["1", "2.5"], "NUMERIC", "NUMERIC"),
        (["2.5", "5", "", "-0.25"], "NUMERIC", "NUMERIC"),
        (["1", "5.0"], "TEXT", "NUMERIC"),
        (["1", "2.5", "5.0"], "TEXT", "NUMERIC"),
        (["5.0", "2.5"], "REAL", "NUMERIC"),
        (["0.30000000000000004", "123456789.12345679"], "REAL", "NUMERIC"),
        (["0.300000000000000040"], "TEXT", "NUMERIC"),
        (["nan", "inf", "Infinity"], "TEXT", "TEXT"),
        (["\u0663"], "TEXT", "TEXT"),
        (["", ""], "TEXT", "TEXT"),
        (["1\n"], "TEXT", "TEXT"),
        (["1.5\n"], "TEXT", "TEXT"),
        (["1\n2"], "TEXT", "TEXT"),
    ],
)
def test_the_lossless_rule(
    here: Path, run: Run, database: Database, values: list[str], kind: str, exact_kind: str
) -> None:
    """`exact_kind` is what it is where decimals are kept as they are written."""
    kind = kind if database.is_sqlite else exact_kind
    Path("x.csv").write_bytes("".join(f'"{value}",x\n' for value in ["v", *values]).encode())
    assert run("db-insert", DB, "t", "--from", "x.csv", "--create").returncode == 0
    assert declared(DB, "t") == {"v": kind, "x": "TEXT"}
    done = run("db-query", DB, "SELECT v FROM t", "--json")
    wanted = [None if value == "" and kind != "TEXT" else value for value in values]
    # As they are written, 17 digits and more.
    found = json.loads(done.stdout, parse_float=str, parse_int=str)
    assert [row["v"] for row in found] == wanted


def test_the_rule_holds_over_the_whole_file(here: Path, run: Run) -> None:
    """What looks like a number for 200,000 rows is text if the last one is not."""
    body = "".join(f"{i},{i}.5,,{i}\n" for i in range(200_000))
    Path("x.csv").write_text("a,b,c,d\n" + body + "007,1.10,late,-1\n")
    for source in ("x.csv", "-"):
        with open("x.csv") as file:
            piped = {"stdin": file} if source == "-" else {}
            done = subprocess.run(
                [*PYNETDB, "db-insert", Database.current.place(DB), f"t{source}", "--from", source, "--create"],
                env=environment(), capture_output=True, check=True, timeout=PATIENCE, **piped,
            )  # fmt: skip
        assert b"200001 rows" in done.stdout
        decimal = "TEXT" if Database.current.is_sqlite else "NUMERIC"
        assert declared(DB, f"t{source}") == {"a": "TEXT", "b": decimal, "c": "TEXT", "d": "INTEGER"}
        text = run("db-query", DB, f'SELECT * FROM "t{source}"', "-f", "csv").stdout
        assert text == Path("x.csv").read_text()


def test_the_rule_holds_over_a_pipe(here: Path, run: Run) -> None:
    body = "".join(f"{i},\n" for i in range(100_000))
    text = "a,b\n" + body + "x,1\n"
    done = run("db-insert", DB, "t", "--from", "-", "--create", input=text)
    assert done.returncode == 0 and declared(DB, "t") == {"a": "TEXT", "b": "INTEGER"}
    assert run("db-query", DB, "SELECT * FROM t", "-f", "csv").stdout == text


def test_types_text(here: Path, run: Run) -> None:
    Path("x.csv").write_text("a,b\n1,2.5\n")
    assert run("db-insert", DB, "t", "--from", "x.csv", "--create", "--types", "text").returncode == 0
    assert declared(DB, "t") == {"a": "TEXT", "b": "TEXT"}


@pytest.mark.sqlite_alone("a column takes no values of another type")
def test_existing_types_are_kept(students: Path, run: Run) -> None:
    Path("x.csv").write_text("AGE,name\n36,Ann\n,Bob\nold,Cid\n007,Dee\n")
    assert run("db-insert", DB, "students", "--from", "x.csv").returncode == 0
    assert rows(students, "SELECT age FROM students") == [(36,), (None,), ("old",), (7,)]


def test_pk(here: Path, run: Run) -> None:
    Path("x.csv").write_text("id,v\n3,a\n1,b\n")
    assert run("db-insert", DB, "t", "--from", "x.csv", "--create", "--pk", "ID").returncode == 0
    assert rows(DB, "SELECT id, v FROM t ORDER BY id") == [(1, "b"), (3, "a")]
    done = run("db-insert", DB, "t", "--from", "x.csv")
    assert done.returncode == 6 and done.stderr.startswith("Error: x.csv line 2: ")


# What is refused names the line, and nothing is inserted.


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id,name\n1,a\n1,b,c\n", "line 3: 3 fields, expected 2 (id, name)"),
        ('id,name\n1,"a\nb"\n2\n', "line 4: 1 field"),
        ('id,name\n1,"a\n2,b\n', "line 2: a quote that is never closed"),
        ('id,name\n1,a"b\n', "line 2: a quote in the wrong place"),
        ('id,name\n1,"a"b\n', "line 2: a quote in the wrong place"),
        ("id,name\n1,a\rb\n", "line 2: a carriage return outside of quotes"),
        ("id,name\n1,a\n2,b\n1,c\n", "line 4: UNIQUE constraint failed: students.id"),
        ('id,name\n1,"a\n\n"\n\n1,c\n', "line 6: UNIQUE constraint failed: students.id"),
        ("id,name\nx,a\n", "line 2: datatype mismatch"),
        ("id,id\n1,2\n", "line 1: no column 'id_2' in table 'students'"),
        ("id,ID\n1,2\n", "line 1: no column 'ID_2' in table 'students'"),
        ("id,\n1,2\n", "line 1: no column 'c2' in table 'students'"),
        ("", "line 1: is empty"),
        ("id,what\n1,2\n", "line 1: no column 'what' in table 'students'"),
    ],
)
def test_a_bad_file_is_refused_by_its_line(students: Path, run: Run, text: str, told: str) -> None:
    Path("x.csv").write_bytes(text.encode())
    before = students.read_bytes()
    for arguments in ([], ["--dry-run"]):
        done = run("db-insert", DB, "students", "--from", "x.csv", *arguments)
        assert done.returncode == 6, done.stderr
        assert (
            done.stderr.startswith("Error: x.csv ")
            and Database.current.words(told) in done.stderr
            and done.stderr.count("\n") == 1
        )
    assert students.read_bytes() == before


def test_bytes_that_are_not_utf_8(students: Path, run: Run) -> None:
    Path("x.csv").write_bytes(b"name\nAnn\nJos\xe9\n")
    done = run("db-insert", DB, "students", "--from", "x.csv")
    assert (done.returncode, done.stderr.count("\n")) == (6, 1)
    assert "x.csv line 3: byte 0xe9 is not utf-8" in done.stderr
    assert run("db-insert", DB, "students", "--from", "x.csv", "--encoding", "latin-1").returncode == 0
    assert rows(students, "SELECT name FROM students") == [("Ann",), ("José",)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig", "utf-32"])
def test_a_byte_order_mark_is_not_part_of_the_name(here: Path, run: Run, encoding: str) -> None:
    text = "name\nJosé\n" if encoding != "utf-8" else "\ufeffname\nJosé\n"
    Path("x.csv").write_bytes(text.encode(encoding))
    assert run("db-insert", DB, "t", "--from", "x.csv", "--create", "--encoding", encoding).returncode == 0
    assert rows(DB, "SELECT name FROM t") == [("José",)]


@pytest.mark.sqlite_alone("the messages are others; see test_insert in db/postgresql")
def test_the_refused_row_of_a_long_file(students: Path, run: Run) -> None:
    """In the middle of a statement of many rows, read by a second process."""
    lines = [f"{i},name {i}" for i in range(1, 300_001)]
    lines[250_017 - 1] = "5,again"
    Path("x.csv").write_text("id,name\n" + "\n".join(lines) + "\n")
    done = run("db-insert", DB, "students", "--from", "x.csv")
    assert done.stderr == "Error: x.csv line 250018: UNIQUE constraint failed: students.id\n"
    assert rows(students, "SELECT count(*) FROM students") == [(0,)]
    lines[250_017 - 1] = '"unclosed'
    Path("x.csv").write_text("id,name\n" + "\n".join(lines) + "\n")
    done = run("db-insert", DB, "students", "--from", "x.csv")
    assert done.stderr.startswith("Error: x.csv line 250018: a quote that is never closed (--lenient")
    assert rows(students, "SELECT count(*) FROM students") == [(0,)]


def test_on_conflict(students: Path, run: Run) -> None:
    def insert(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return run("db-insert", DB, "students", "--from", "x.csv", "--json", *arguments)

    run("db-insert", DB, "students", "id=1", "name=Ann", "age=36")
    Path("x.csv").write_text("id,name\n1,Eve\n2,Bob\n")
    assert insert().returncode == 6
    told = json.loads(insert("--on-conflict", "ignore").stdout)
    assert (told["rows"], told["ignored"]) == (1, 1)
    assert rows(students, "SELECT * FROM students ORDER BY id") == [(1, "Ann", 36), (2, "Bob", None)]
    assert json.loads(insert("--on-conflict", "update").stdout)["rows"] == 2
    assert rows(students, "SELECT * FROM students WHERE id = 1") == [(1, "Eve", 36)]
    assert json.loads(insert("--on-conflict", "replace").stdout)["rows"] == 2
    assert rows(students, "SELECT * FROM students WHERE id = 1") == [(1, "Eve", None)]
    Path("x.csv").write_text("id,name:\n5,\n")
    Path("x.jsonl").write_text('{"id": 5, "name": null}\n')
    done = run("db-insert", DB, "students", "--from", "x.jsonl", "--on-conflict", "ignore")
    assert done.returncode == 6 and "not null" in done.stderr.lower().replace(
        "-", " "
    )  # Only conflicts are ignored.


def test_batch_size(students: Path, run: Run) -> None:
    Path("x.csv").write_text("id,name\n" + "".join(f"{i},n\n" for i in range(1, 26)) + "3,again\n")
    done = run("db-insert", DB, "students", "--from", "x.csv", "--batch-size", "10")
    assert done.returncode == 6
    assert (
        Database.current.words("line 27: UNIQUE") in done.stderr
        and "(the 20 rows before its batch are in the table)" in done.stderr
    )
    assert rows(students, "SELECT count(*) FROM students") == [(20,)]
    Path("y.csv").write_text("id\n" + "".join(f"{i}\n" for i in range(25)) + "x\n")
    done = run(
        "db-insert", DB, "t", "--from", "y.csv", "--create", "--batch-size", "10", "--trace", "t.jsonl"
    )
    assert done.returncode == 0 and declared(DB, "t") == {"id": "TEXT"}
    assert Path("t.jsonl").read_text().count('"arguments": ["COMMIT"]') == 3


@pytest.mark.sqlite_alone("no file is made or left")
def test_dry_run(here: Path, run: Run) -> None:
    Path("x.csv").write_text("id\n1\n2\n")
    done = run("db-insert", DB, "t", "--from", "x.csv", "--create", "--dry-run")
    assert (done.returncode, done.stdout) == (0, "t: 2 rows would be inserted (table made)\n")
    assert os.listdir() == ["x.csv"]
    run("db-insert", DB, "t", "id=1", "--create")
    assert run("db-insert", DB, "t", "id=2", "--dry-run").stdout == "t: 1 row would be inserted\n"
    assert rows(DB, "SELECT count(*) FROM t") == [(1,)]


def test_no_header_and_delimiter(here: Path, run: Run) -> None:
    done = run(
        "db-insert", DB, "t", "--from", "-", "--create", "--no-header", "--delimiter", ";", input="1;a\n2;b\n"
    )
    assert done.returncode == 0 and rows(DB, "SELECT c1, c2 FROM t") == [(1, "a"), (2, "b")]
    done = run("db-insert", DB, "t", "--from", "-", "--input-format", "tsv", input='c2\tc1\n"x\ty"\t3\n')
    assert done.returncode == 0 and rows(DB, "SELECT c1, c2 FROM t WHERE c1 = 3") == [(3, "x\ty")]


@pytest.mark.sqlite_alone("a table has 1,600 columns at most")
def test_wide_and_long(here: Path, run: Run) -> None:
    names = [f"c{i}" for i in range(2000)]
    text = ",".join(names) + "\n" + ",".join(map(str, range(2000))) + "\n"
    assert run("db-insert", DB, "wide", "--from", "-", "--create", input=text).returncode == 0
    assert run("db-query", DB, "SELECT * FROM wide", "-f", "csv").stdout == text
    done = run("db-insert", DB, "wider", "--from", "-", "--create", input="x," + text.replace("\n", ",\n", 1))
    assert done.returncode == 6 and done.stderr.count("\n") == 1
    text = "a,b\n" + "x" * 130_000 + ',"' + "y\r\n" * 50_000 + '"\n'
    assert (
        run("db-insert", DB, "long", "--from", "-", "--create", input=text.encode(), text=False).returncode
        == 0
    )
    assert run("db-query", DB, "SELECT * FROM long", "-f", "csv", text=False).stdout == text.encode()


# JSON.


def test_json_rows(here: Path, run: Run) -> None:
    text = '[{"a": 1, "b": "x", "c": [1, 2.50]},\n {"b": null, "a": 2.5, "d": true}]'
    assert (
        run("db-insert", DB, "t", "--from", "-", "--create", "--input-format", "json", input=text).returncode
        == 0
    )
    real = "REAL" if Database.current.is_sqlite else "NUMERIC"
    assert declared(DB, "t") == {"a": real, "b": "TEXT", "c": "TEXT", "d": "INTEGER"}
    assert rows(DB, "SELECT * FROM t") == [(1.0, "x", "[1,2.50]", None), (2.5, None, None, 1)]
    Path("one.json").write_text('\ufeff{"a": 7}\n')
    assert run("db-insert", DB, "t", "--from", "one.json").returncode == 0
    assert rows(DB, "SELECT a FROM t WHERE b IS NULL AND d IS NULL") == [(7.0,)]


@pytest.mark.parametrize("rows_before", [0, 3000])
def test_integers_beyond_a_double_beside_decimals(here: Path, run: Run, rows_before: int) -> None:
    before = '{"x": 1.5, "y": 1}\n' * rows_before
    Path("x.jsonl").write_text(
        before + '{"x": 9007199254740993, "y": 9007199254740993}\n{"x": 10.5, "y": 5.0}\n'
    )
    done = run("db-insert", DB, "t", "--from", "x.jsonl", "--create")
    assert done.returncode == 0
    text = Database.current.is_sqlite
    assert declared(DB, "t") == {"x": "NUMERIC", "y": "TEXT" if text else "NUMERIC"}
    assert ("y is TEXT because 5.0 would come back as 5; --types numeric" in done.stderr) == text
    assert rows(DB, "SELECT max(x) FROM t") == [(9007199254740993,)]
    assert run("db-insert", DB, "n", "--from", "x.jsonl", "--create", "--types", "numeric").returncode == 0
    assert declared(DB, "n") == {"x": "NUMERIC", "y": "NUMERIC"}
    assert rows(DB, "SELECT max(y), min(x) FROM n") == [(9007199254740993, 1.5 if rows_before else 10.5)]


def test_a_key_that_comes_late(here: Path, run: Run) -> None:
    lines = [json.dumps({"a": i, "n": None}) for i in range(100_000)] + [
        '{"late": "x", "a": "y", "n": 9007199254740993}'
    ]
    text = "\n".join(lines)
    done = run("db-insert", DB, "t", "--from", "-", "--create", "--input-format", "jsonl", input=text)
    assert done.returncode == 0, done.stderr
    assert declared(DB, "t") == {"a": "TEXT", "n": "INTEGER", "late": "TEXT"}
    assert rows(DB, "SELECT * FROM t WHERE late IS NOT NULL OR a = '99999' ORDER BY late IS NULL") == [
        ("y", 9007199254740993, "x"), ("99999", None, None),
    ]  # fmt: skip


@pytest.mark.sqlite_alone("reading; nothing is stored")
@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("x.jsonl", '{"a": 1}\n{"a": }\n', "line 2: is not JSON (expecting value at column 7)"),
        ("x.jsonl", '{"a": 1}\n\n[1]\n', "line 3: expected an object such as"),
        ("x.jsonl", '{"a": 1},{"a": 2}\n', "line 1: is not JSON"),
        ("x.jsonl", '{"a": 1},{"b": 2\n"c": 3}\n', "line 1: is not JSON"),
        ("x.jsonl", '{"a": NaN}\n', "line 1: is not JSON (NaN is no number of JSON's)"),
        ("x.jsonl", '{"a": 1}\n{"a": 9223372036854775808}\n', "line 2: 'a' is an integer beyond 64 bits"),
        ("x.jsonl", '{"a": 1}\n{"a": 1e400}\n', "line 2: 'a' is a number beyond a double"),
        ("x.jsonl", '{"a": "\\ud800"}\n', "line 1: text that is not Unicode"),
        ("x.jsonl", '{"a": ["\\ud800"]}\n', "line 1: 'a' is a lone surrogate"),
        ("x.jsonl", '{"a": ' + "9" * 5000 + "}\n", "line 1: is not JSON (an integer of thousands of digits)"),
        ("x.json", "[" * 100_000, "nested too deeply"),
        ("x.json", '[{"a": 1}\n {"a": 2}]', "line 2: is not JSON (expected , or ] after a value"),
        ("x.json", '[{"a": 1}] x', "text after the end"),
        ("x.json", '{"a": 1} {"a": 2}', "text after the end of the JSON value (one object a line is jsonl)"),
        ("x.json", '[{"a": 1},\n]', "line 2: is not JSON"),
        ("x.json", '[{"a": 1},\n2]', "line 2: expected an object such as"),
        ("x.json", "", "line 1: is not JSON"),
        ("x.json", "[]", "has no columns"),
        ("x.json", "3", "line 1: expected an object such as {\"name\": \"Ann\"}, got a number"),
        ("x.json", '{"": 1}', "cannot be empty"),
    ],
)  # fmt: skip
def test_bad_json_is_refused_by_its_line(here: Path, run: Run, name: str, text: str, told: str) -> None:
    Path(name).write_text(text)
    done = run("db-insert", DB, "t", "--from", name, "--create")
    assert done.returncode in (2, 6) and done.stderr.count("\n") == 1
    assert told in done.stderr, done.stderr
    assert os.listdir() == [name]


def test_a_long_array_of_json(here: Path, run: Run) -> None:
    data = [{"i": i, "t": "x" * (i % 700)} for i in range(3000)]
    Path("x.json").write_text(json.dumps(data, indent=1))
    assert run("db-insert", DB, "t", "--from", "x.json", "--create").returncode == 0
    assert json.loads(run("db-query", DB, "SELECT * FROM t", "--json").stdout) == data


# Locks, kills, disks.


def test_two_writers_wait_for_each_other(here: Path, run: Run) -> None:
    Path("x.csv").write_text("v\n" + "".join(f"{i}\n" for i in range(20_000)))
    run("db-create", DB, "t", "v:int")
    command = [
        *PYNETDB,
        "db-insert",
        Database.current.place(DB),
        "t",
        "--from",
        "x.csv",
        "--batch-size",
        "4000",
    ]
    writers = [subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [writer.wait(PATIENCE) for writer in writers] == [0, 0]
    assert rows(DB, "SELECT count(*), count(DISTINCT v) FROM t") == [(40_000, 20_000)]


@pytest.mark.sqlite_alone("a reader waits for no writer")
def test_a_lock_that_is_held(students: Path, run: Run) -> None:
    holder = sqlite3.connect(students, isolation_level=None)
    try:
        holder.execute("BEGIN EXCLUSIVE")
        # Nobody may open and close the file in this process: that would end the lock.
        done = run("db-query", DB, "SELECT 1 FROM students", "--timeout", "100ms")
        assert done.returncode == 6 and "locked by another program" in done.stderr
        holder.execute("ROLLBACK")
    finally:
        holder.close()


@pytest.mark.sqlite_alone("the writes are the server's")
@linux
@pytest.mark.parametrize("call", ["pwrite64", "fdatasync,fsync", "unlink,unlinkat,ftruncate"])
def test_killed_at_any_write(here: Path, run: Run, stranger: Stranger, call: str) -> None:
    """All rows or none, an intact database, and the next run works."""
    strace = stranger("strace")
    before, after = 500, 3000
    Path("old.csv").write_text("v,w\n" + "".join(f"{i},old\n" for i in range(before)))
    Path("new.csv").write_text("v,w\n" + "".join(f"{i},{'new' * 30}\n" for i in range(after)))
    run("db-insert", "first.db", "t", "--from", "old.csv", "--create")
    counts = set()
    for when in (1, 2, 3, 5, 13, 34, 89):
        shutil.copy("first.db", DB)
        done = subprocess.run(
            [strace, "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={when}",
             *PYNETDB, "db-insert", DB, "t", "--from", "new.csv"],
            env=UNWATCHED, capture_output=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        # A reader leaves to a writer what a writer left, and says so.
        refused = run("db-query", DB, "SELECT count(*) FROM t", "-f", "raw")
        assert refused.returncode == 0 or "a writer was interrupted" in refused.stderr
        read = run("db-query", DB, "SELECT count(*) FROM t", "-f", "raw", "--write")
        assert read.returncode == 0, read.stderr
        assert refused.returncode or refused.stdout == read.stdout
        counts.add(int(read.stdout))
        assert int(read.stdout) in (before, before + after)
        assert rows(DB, "PRAGMA integrity_check") == [("ok",)]
        again = run("db-insert", DB, "t", "v=1", "w=again")
        assert again.returncode == 0, again.stderr
        if done.returncode == 0:
            break
        Path(DB).unlink()
    assert before in counts or call.startswith("unlink")


@pytest.mark.sqlite_alone("the disk is the server's")
@linux
@pytest.mark.parametrize(
    ("call", "error"), [("pwrite64", "ENOSPC"), ("pwrite64", "EIO"), ("fdatasync", "EIO")]
)
def test_a_disk_that_fails(students: Path, run: Run, stranger: Stranger, call: str, error: str) -> None:
    strace = stranger("strace")
    Path("x.csv").write_text("name\n" + "somebody\n" * 20_000)
    before = students.read_bytes()
    for when in (1, 2, 3):
        done = subprocess.run(
            [strace, "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={when}+",
             *PYNETDB, "db-insert", DB, "students", "--from", "x.csv"],
            env=UNWATCHED, capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        assert done.returncode == 6, done.stderr
        assert done.stderr.count("\n") == 1 and "nothing was changed" in done.stderr
        assert run("db-query", DB, "SELECT count(*) FROM students", "-f", "raw").stdout == "0"
        assert students.read_bytes() == before


@posix
def test_interrupted(students: Path, run: Run) -> None:
    """^C leaves nothing behind: no rows, no process, no traceback."""
    os.mkfifo("pipe")
    with (
        held(
            [*PYNETDB, "db-insert", Database.current.place(DB), "students", "--from", "pipe"],
            env=environment(),
            stderr=subprocess.PIPE,
        ) as process,
        open("pipe", "w") as pipe,
    ):
        pipe.write("name\n" + "Ann\n" * 100_000)
        pipe.flush()
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None and process.stderr.read() == b""
        assert process.wait(PATIENCE) == 130
    assert rows(students, "SELECT count(*) FROM students") == [(0,)]


@pytest.mark.sqlite_alone("no file")
@posix
@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.write_bytes(b"not a database at all, " * 100), "not a SQLite database"),
        (lambda path: os.mkfifo(path), "is not a regular file"),
    ],
)
def test_not_a_database(here: Path, run: Run, make: Callable[[Path], Any], told: str) -> None:
    path = here / "other"
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    for command in (
        ["db-create", "other", "t", "a"],
        ["db-insert", "other", "t", "a=1", "--create"],
        ["db-query", "other"],
    ):
        done = run(*command)
        assert done.returncode == 6 and done.stderr.count("\n") == 1
        assert f"other: {told}" in done.stderr
    assert (path.read_bytes() if path.is_file() else b"") == before
    assert os.listdir() == ["other"]


@pytest.mark.sqlite_alone("no file")
def test_a_damaged_database(students: Path, run: Run) -> None:
    run("db-insert", DB, "students", "--from", "-", input="name\n" + "Ann\n" * 5000)
    data = bytearray(students.read_bytes())
    data[4096:20_000] = b"\xaa" * (20_000 - 4096)
    students.write_bytes(data)
    for command in (["db-query", DB, "SELECT * FROM students"], ["db-insert", DB, "students", "name=Bob"]):
        done = run(*command)
        assert done.returncode == 6 and done.stderr == f"Error: {DB}: the database is damaged\n"
    assert students.read_bytes() == data


@pytest.mark.sqlite_alone("no file")
@posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="platform: root may write everything")
def test_a_read_only_file_unprivileged(students: Path, run: Run) -> None:
    students.chmod(0o444)
    done = run("db-insert", DB, "students", "name=Ann")
    assert done.returncode == 6 and done.stderr == f"Error: {DB}: the file is read-only\n"
    assert run("db-query", DB, "SELECT count(*) FROM students").returncode == 0


@pytest.mark.sqlite_alone("no file")
def test_any_name_of_a_file(here: Path, run: Run) -> None:
    for name in ("a?mode=memory", "b#c", "d%20e", "f g.db", "'h'.db", "-i.db", "\u00e9\U0001f600.db"):
        path = f"./{name}"
        assert run("db-create", path, "t", "a").returncode == 0
        assert run("db-insert", path, "t", "a=1").returncode == 0
        assert run("db-query", path, "SELECT a FROM t", "-f", "raw").stdout == "1"
        assert name in os.listdir()


@pytest.mark.sqlite_alone("see test_memory in db/postgresql")
@linux
def test_memory_does_not_grow_with_the_file(here: Path, run: Run) -> None:
    import resource

    def peak(rows: int) -> int:
        with open("x.csv", "w") as file:
            file.writelines(f"{i},{'text ' * 10},{i}.5\n" for i in range(rows))
        code = (
            "import resource, sys; from pynetdb.cli import main\n"
            "try: main(sys.argv[1:])\n"
            "finally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, "db-insert", f"{rows}.db", "t", "--from", "x.csv", "--no-header", "--create"],
            env=environment(), capture_output=True, text=True, check=True, timeout=PATIENCE,
        )  # fmt: skip
        return int(done.stderr)

    assert resource is not None
    assert peak(400_000) < peak(1000) + 8000  # kB; the file has 26 MB


@pytest.mark.sqlite_alone("the statements are others; see test_explain in db/postgresql")
def test_explain_and_trace(students: Path, run: Run) -> None:
    done = run("db-insert", DB, "students", "name=O'Neil", "--explain", "--trace", "t.jsonl")
    told = done.stderr
    assert "open(" in told and "mode=rw" in told
    begin, insert, commit = (
        told.index(f"sql({word}") for word in ("BEGIN IMMEDIATE", "INSERT INTO", "COMMIT")
    )
    assert begin < insert < commit
    assert "VALUES ('O''Neil')) = 1 changed  (new rows; each value is bound" in told
    calls = [json.loads(line) for line in Path("t.jsonl").read_text().splitlines()]
    assert [call["call"] for call in calls][:2] == ["open", "sql"]
    assert all(
        set(call) == {"time", "who", "call", "arguments", "result", "bytes", "error", "note"}
        for call in calls
    )
    assert calls[-1]["arguments"] == ["COMMIT"]


# The independent data.


def corpus_rows(text: str, header: bool) -> list[dict[str, str]]:
    data = json.loads(text)
    if header:
        return data
    return [{f"c{i}": cell for i, cell in enumerate(row, 1)} for row in data]


@pytest.mark.sqlite_alone("reading; what is stored is tested by the others")
def test_csv_spectrum(here: Path, run: Run, corpora: Path) -> None:
    good = []
    for path in sorted((corpora / "csv" / "csv-spectrum" / "csvs").glob("*.csv")):
        wanted = json.loads((path.parents[1] / "json" / f"{path.stem}.json").read_text())
        done = run("db-insert", DB, path.stem, "--from", str(path), "--create", "--types", "text")
        if done.returncode == 0:
            if objects(DB, path.stem) == (wanted if isinstance(wanted, list) else [wanted]):
                good.append(path.stem)
        else:
            assert "line" in done.stderr
    assert len(good) == 11


@pytest.mark.sqlite_alone("reading; what is stored is tested by the others")
def test_csv_test_data(here: Path, run: Run, corpora: Path) -> None:
    equal, refused = [], []
    for path in sorted((corpora / "csv" / "csv-test-data" / "csv").glob("*.csv")):
        header = path.stem.startswith(("header", "bad-header"))
        if header:
            rows(DB, f'CREATE TABLE "{path.stem}" (foo, bar, baz)')
        options = [] if header else ["--no-header", "--create", "--types", "text"]
        done = run("db-insert", DB, path.stem, "--from", str(path), *options)
        if path.stem.startswith("bad-"):
            assert done.returncode == 6 and f"{path} line " in done.stderr and done.stderr.count("\n") == 1
            refused.append(path.stem)
            continue
        assert done.returncode == 0, done.stderr
        wanted = corpus_rows((path.parents[1] / "json" / f"{path.stem}.json").read_text(), header)
        assert objects(DB, path.stem) == wanted
        equal.append(path.stem)
    assert (len(equal), len(refused)) == (18, 7)


@pytest.mark.sqlite_alone("no database in it")
def test_json_test_suite(here: Path, run: Run, corpora: Path) -> None:
    from pynetdb.rows.json_values import DuplicateKeyError, parse_json

    accepted, refused = 0, 0
    for path in sorted((corpora / "json" / "JSONTestSuite" / "test_parsing").glob("*.json")):
        data = path.read_bytes()
        try:
            parse_json(data.decode())
        except DuplicateKeyError:
            # It is JSON, and one of the two values would be lost.
            accepted += path.name.startswith("y_")
        except ValueError:
            assert not path.name.startswith("y_"), path.name
            refused += path.name.startswith("n_")
        else:
            assert not path.name.startswith("n_"), path.name
            accepted += path.name.startswith("y_")
    assert (accepted, refused) == (95, 188)


@pytest.mark.sqlite_alone("reading; nothing is stored")
def test_json_test_suite_in_rows(here: Path, run: Run, corpora: Path) -> None:
    """As the value of a column, one file each way through the command; a crash would be a traceback."""
    folder = corpora / "json" / "JSONTestSuite" / "test_parsing"
    for path in sorted(folder.glob("[yni]_*.json"))[::18]:
        Path("x.json").write_bytes(b'[{"v": ' + path.read_bytes() + b"}]")
        done = run("db-insert", DB, "t", "--from", "x.json", "--create", "--types", "text", "--dry-run")
        assert done.returncode in (0, 6), done.stderr
        if path.name.startswith("n_"):
            assert done.returncode == 6, path.name


def test_naughty_strings(here: Path, run: Run, corpora: Path) -> None:
    """Through table, CSV, TSV, JSON and JSON lines: identical. On a terminal no raw control character."""
    strings = json.loads((corpora / "strings" / "blns" / "blns.json").read_text())
    assert len(strings) == 515
    Path("x.json").write_text(json.dumps([{"n": i, "s": text} for i, text in enumerate(strings)]))
    assert run("db-insert", DB, "t", "--from", "x.json", "--create").returncode == 0
    for form in ("csv", "tsv", "json", "jsonl"):
        text = run("db-query", DB, "SELECT * FROM t ORDER BY n", "-f", form, text=False).stdout
        Path(f"back.{form}").write_bytes(text)
        done = run("db-insert", DB, form, "--from", f"back.{form}", "--create")
        assert done.returncode == 0, done.stderr
        assert [row[0] for row in rows(DB, f"SELECT s FROM {form} ORDER BY n")] == strings
    table = run("db-query", DB, "SELECT s FROM t ORDER BY n").stdout
    assert not any((ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u2066" for c in table)


@pytest.mark.sqlite_alone("the keywords are SQLite's")
def test_keywords(here: Path, run: Run, corpora: Path) -> None:
    words = json.loads((corpora / "sqlite" / "keywords.json").read_text())
    words = words if isinstance(words, list) else words["keywords"]
    assert len(words) == 147
    Path("x.csv").write_text(",".join(words) + "\n" + ",".join(words) + "\n")
    assert run("db-insert", DB, "all", "--from", "x.csv", "--create").returncode == 0
    assert json.loads(run("db-query", DB, 'SELECT * FROM "all"', "--json").stdout) == [{w: w for w in words}]
    from pynetdb.db.sqlite.database import CREATE, Database
    from pynetdb.db.sqlite.schema import NewColumn, create_table, find_table

    with Database("words.db", CREATE) as db, db.transaction():
        for word in words:
            assert create_table(db, word, [NewColumn(word)])
            found = find_table(db, word)
            assert found is not None and found.columns[0].name == word


# Files that do not load, and what their refusal says.

REFUSED: dict[str, bytes] = {
    "semicolons": b"id;name\n1;a,b\n2;c\n",
    "bars": b"id|name\n1|a\n2|c\n",
    "two that fit": b"a;b|c\n1;2|3\n4;5|6\n",
    "sep=": b"sep=;\r\nid;name\r\n1;a\r\n2;b\r\n",
    "CR alone": b"id,name\r1,a\r2,b\r",
    "blank header": b",name\n1,a\n2,b\n",
    "header twice": b"id,ID,id\n1,2,3\n4,5,6\n",
    "preamble": b"Report\nid,name\n1,a\n2,b\n",
    "footer": b"id,name\n1,a\n2,b\n\nTotal\n",
    "ragged": b"id,name\n1,a,x\n2\n",
    "stray quote": b'id,name\n1,5" pipe\n2,b\n',
    "open quote": b'id,name\n1,"open\n2,b\n',
    "CR among LF": b"id,name\n1,a\r2,b\n",
    "cp1252": "id,name\n1,Málaga\n2,Müller\n".encode("cp1252"),
    "utf-16": "id,name\n1,a\n2,b\n".encode("utf-16"),
    "utf-16 without a mark": "id,name\n1,a\n2,b\n".encode("utf-16-le"),
    "shift_jis": "id,name\n1,ひらがな\n2,カタカナ\n".encode("shift_jis"),
    "key twice": b"id,name\n1,a\n1,b\n",
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_loads_or_its_refusal_names_what_loads_it(here: Path, run: Run, kind: str) -> None:
    Path("x.csv").write_bytes(REFUSED[kind])
    words = ["db-insert", DB, "t", "--create", "--from", "x.csv"]
    done = run(*words)
    if done.returncode:
        assert not Path(DB).exists()
        option = re.search(r"\((--[a-z-]+)(?: ([a-z0-9_-]+) reads it)?", done.stderr)
        assert option is not None, done.stderr
        value = {"--delimiter": ";", "--skip": "1"}.get(option[1], option[2])
        done = run(*words, option[1], *([value] if value else []))
    assert done.returncode == 0, done.stderr
    assert rows(DB, "SELECT count(*) FROM t") == [(2,)]


# Pairs of options.

# Each with what it goes with; a pair of them works, or is a wrong command line.
OPTIONS: dict[str, list[str]] = {
    "create": ["--create"],
    "pk": ["--pk", "id"],
    "on-conflict": ["--on-conflict", "replace"],
    "batch-size": ["--batch-size", "1"],
    "types": ["--types", "numeric"],
    "text": ["--types", "text"],
    "type": ["--type", "id=int"],
    "alter": ["--alter"],
    "dry-run": ["--dry-run"],
    "input-format": ["--input-format", "tsv"],
    "json": ["--json"],
    "delimiter": ["--delimiter", ";"],
    "quote": ["--quote", "none"],
    "skip": ["--skip", "1"],
    "encoding": ["--encoding", "utf-16"],
    "no-header": ["--no-header"],
    "columns": ["--columns", "id,v"],
    "decimal": ["--decimal", ","],
    "null": ["--null", "NA"],
    "at": ["--at", "rows"],
    "flatten": ["--flatten"],
    "lenient": ["--lenient"],
    "explain": ["--explain"],
    "trace": ["--trace", "trace.jsonl"],
    "quiet": ["--quiet"],
    "verbose": ["--verbose"],
}


def write_data(pair: set[str]) -> str:
    """A file that is as the options say."""
    if pair & {"at", "flatten"}:
        text, name = '{"rows": [{"id": 1, "v": "x"}]}', "x.json"
        if "at" not in pair:
            text = '[{"id": 1, "v": "x"}]'
    else:
        between = ";" if "delimiter" in pair else "\t" if "input-format" in pair else ","
        lines = [] if "no-header" in pair else [f"id{between}v"]
        text = "".join(f"{line}\n" for line in [*lines, f"1{between}x", f"2{between}NA"])
        text, name = ("Report\n" if "skip" in pair else "") + text, "x.csv"
    Path(name).write_bytes(text.encode("utf-16" if "encoding" in pair else "utf-8"))
    return name


@pytest.mark.sqlite_alone("the options are read before the database is opened")
def test_every_pair_of_options_works_or_is_refused(here: Path) -> None:
    from pynetdb.cli import pynetdb as group

    command = group.get_command(click.Context(group), "db-insert")
    assert command is not None
    own = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
    assert own - {words[0] for words in OPTIONS.values()} == {"--from", "--format"}
    works = 0
    for first, second in combinations(OPTIONS, 2):
        pair = {first, second}
        source = write_data(pair)
        Path("pair.db").unlink(missing_ok=True)
        if not pair & {"create", "pk"}:
            connection = sqlite3.connect("pair.db")
            connection.execute("create table t (id integer primary key, v)")
            connection.close()
        words = ["db-insert", "pair.db", "t", "--from", source, *OPTIONS[first], *OPTIONS[second]]
        try:
            with group.make_context("pynetdb", words) as context:
                group.invoke(context)
        except (click.UsageError, CommandLineError):
            assert not pair & {"create", "pk"} or not Path("pair.db").exists()
            continue
        assert "dry-run" in pair or rows("pair.db", "select count(*) from t") in ([(1,)], [(2,)]), pair
        works += 1
    assert works > 200


@pytest.mark.sqlite_alone("the options are read before the database is opened")
@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_with_one_row_works_or_is_refused(here: Path, run: Run, option: str) -> None:
    done = run("db-insert", "one.db", "t", "id=1", "v=9.50", "--create", *OPTIONS[option])
    assert done.returncode in (0, 2)
    if done.returncode:
        assert "goes with" in done.stderr and not Path("one.db").exists()
    elif option != "dry-run":
        value = {"types": 9.5, "text": "9.50"}.get(option, "9.50")
        assert rows("one.db", "SELECT v FROM t") == [(value,)]


@pytest.mark.sqlite_alone("what may be a file is looked for beside a database that is one")
def test_a_table_may_be_called_like_a_file(run: Run, here: Path) -> None:
    Path("students").write_text("whatever\n")
    Path("d.csv").write_text("a\n1\n")
    assert run("db-insert", "x.db", "students", "--from", "d.csv", "--create").returncode == 0
    assert run("db-insert", "x.db", "students", "a=2").returncode == 0
    assert run("db-insert", "x.db", "students", "--from", "d.csv").returncode == 0
    lost = run("db-insert", "x.db", "students")
    assert lost.returncode == 2 and "--from students" in lost.stderr
