"""Files are queried without a database."""

import json
from pathlib import Path

import pytest
from programs import Run


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("trips.csv").write_text("id;stop\n1;A\n2;B\n")
    Path("stops.json").write_text('[{"stop": "A", "name": "Alpha"}]')


def test_a_join_of_two_files(run: Run) -> None:
    sql = "select id, name from t join stops using (stop)"
    done = run("db-query", ":memory:", "--load", "t=trips.csv", "--load", "stops.json", sql, "--json")
    assert json.loads(done.stdout) == [{"id": 1, "name": "Alpha"}]
    assert "separated by semicolons" in done.stderr
    piped = run(
        "db-query", ":memory:", "--load", "-", "select sum(a) from stdin", "-f", "raw", input="a\n1\n2\n"
    )
    assert piped.stdout == "3"


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("x.db", "--load", "trips.csv", "select 1"), 2, "DB is :memory:"),
        ((":memory:", "--load", "nope.csv", "select 1"), 2, "No such file"),
        ((":memory:", "--load", "trips.csv", "--load", "trips.csv", "select 1"), 2, "NAME=FILE"),
        ((":memory:", "--load", "trips.csv", "delete from trips"), 6, "reading only"),
        ((":memory:", "--load", "x=", "select 1"), 2, "a data file without a name"),
        ((":memory:", "--load", "", "select 1"), 2, "a data file without a name"),
        (
            (":memory:", "--load", "x=-", "--load", "y=-", "select 1"),
            2,
            "standard input can be read only once",
        ),
        ((":memory:", "--load", "x=-", "-"), 2, "standard input can be read only once: as SQL, or by --load"),
        ((":memory:", "select 1", "--types", "text"), 2, "--types goes with --load FILE"),
        ((":memory:", "select 1", "--type", "a=int"), 2, "--type goes with --load FILE"),
        (
            (":memory:", "--load", "trips.csv", "--type", "nope=int", "select 1"),
            2,
            "--type nope: no such column in trips.csv",
        ),
        ((":memory:", "--load", "trips.csv", "--type", "id", "select 1"), 2, "expected COLUMN=TYPE"),
    ],
)
def test_refusals(run: Run, arguments: tuple[str, ...], status: int, told: str) -> None:
    done = run("db-query", *arguments)
    assert done.returncode == status and told in done.stderr


def test_what_the_files_are_like_is_said_as_for_db_insert(run: Run) -> None:
    Path("bank.csv").write_text("name;amount\nMüller;1.234,50\n", "latin-1")
    question = (":memory:", "--load", "bank.csv", "--load", "stops.json", "select * from bank", "-f", "csv")
    refused = run("db-query", *question)
    assert refused.returncode == 6 and "(--encoding cp1252 reads it)" in refused.stderr
    told = run("db-query", *question, "--encoding", "cp1252")
    assert told.stdout == 'name,amount\nMüller,"1.234,50"\n'
    assert "amount is TEXT because 1.234,50 has a decimal comma; --decimal , makes it a number" in told.stderr
    read = run("db-query", *question, "--encoding", "cp1252", "--decimal", ",", "--delimiter", ";")
    assert read.stdout == "name,amount\nMüller,1234.5\n"
    bare = run("db-query", *question, "--encoding", "cp1252", "--no-header")
    assert bare.stdout.startswith("c1,c2\nname,amount\n")
    alone = run("db-query", ":memory:", "select 1", "--decimal", ",")
    assert alone.returncode == 2 and "--decimal goes with --load FILE" in alone.stderr


def test_an_option_that_a_message_names_is_there(run: Run) -> None:
    Path("x.csv").write_text('a,b\n1,"x"y\n')
    question = (":memory:", "--load", "x.csv", "--load", "stops.json", "select * from x", "-f", "csv")
    assert "--lenient takes it" in run("db-query", *question).stderr
    assert run("db-query", *question, "--lenient").returncode == 0
    deep = (":memory:", "--load", "t=deep.json", "select * from t", "-f", "csv")
    Path("deep.json").write_text('{"rows": [{"a": {"b": 1}}], "others": [{"c": 2}]}')
    assert run("db-query", *deep, "--at", "rows", "--flatten").stdout == "a_b\n1\n"


def test_a_pipe_that_is_loaded_is_no_sql(run: Run) -> None:
    done = run("db-query", ":memory:", "--load", "-", "--json", input="a\n1\n")
    assert json.loads(done.stdout) == [{"table": "stdin", "columns": ["a"], "rows": 1}]


@pytest.mark.parametrize(
    ("options", "largest"),
    [
        ((), "9.50"),
        (("--types", "numeric"), 10),
        (("--types", "text"), "9.50"),
        (("--type", "DEPTH=real"), 10.0),
        (("--types", "text", "--type", "depth=int", "--type", "name=int"), 10),
    ],
)
def test_types_are_those_of_db_insert(run: Run, options: tuple[str, ...], largest: object) -> None:
    Path("d.csv").write_text("depth\n9.50\n10\n")
    question = "select max(depth) as largest from d, stops"
    done = run(
        "db-query", ":memory:", "--load", "d.csv", "--load", "stops.json", question, "--json", *options
    )
    assert json.loads(done.stdout) == [{"largest": largest}]
    assert ("--types numeric makes it a number" in done.stderr) == (not options)


def test_a_column_that_comes_late_has_its_type(run: Run) -> None:
    Path("late.jsonl").write_text('{"a": 1}\n' * 9000 + '{"b": "7"}\n')
    question = (":memory:", "--load", "late.jsonl", "select max(b) + 0 as b, typeof(max(b)) as t from late")
    done = run("db-query", *question, "--type", "b=int", "--json")
    assert json.loads(done.stdout) == [{"b": 7, "t": "integer"}]
