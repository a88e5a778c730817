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
    ],
)
def test_refusals(run: Run, arguments: tuple[str, ...], status: int, told: str) -> None:
    done = run("db-query", *arguments)
    assert done.returncode == status and told in done.stderr
