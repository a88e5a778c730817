"""A new database file is removed by the command that made it, and by no other."""

import json
import os
import subprocess
import threading
from pathlib import Path

import pytest
from programs import PATIENCE, PYNETDB, Run, environment, posix

from pynetdb.db.sqlite.new_file import NewFile, identify_file


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_is_made_once(here: Path) -> None:
    assert identify_file("x.db") is None
    NewFile("x.db")
    assert identify_file("x.db") is not None
    with pytest.raises(FileExistsError):
        NewFile("x.db")


@posix
@pytest.mark.parametrize("arguments", [("x.db", "t", "a"), ("x.db",)])
def test_lost_output_undoes_no_commit(here: Path, run: Run, arguments: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*PYNETDB, "db-create", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            timeout=PATIENCE,
            check=False,
        )
    assert done.returncode == 1 and b"No space left" in done.stderr
    listed = json.loads(run("db-query", "x.db", "--json").stdout)
    assert [row["table"] for row in listed] == ["t"][: len(arguments) - 1]


@pytest.mark.parametrize("row", [("x=1",), ("--from", "rows.csv")])
def test_a_dry_run_leaves_nothing(here: Path, run: Run, row: tuple[str, ...]) -> None:
    Path("rows.csv").write_text("x\n1\n")
    assert run("db-insert", "new.db", "t", *row, "--create", "--dry-run").returncode == 0
    assert os.listdir() == ["rows.csv"]


def test_of_two_the_one_that_fails_takes_nothing_from_the_other(here: Path, run: Run) -> None:
    Path("bad.csv").write_text("x,y\n1,2\n3\n")
    for _ in range(3):
        failing = threading.Thread(
            target=run, args=("db-insert", "new.db", "t", "--from", "bad.csv", "--create")
        )
        failing.start()
        done = run("db-insert", "new.db", "u", "x=1", "--create")
        failing.join()
        assert done.returncode == 0, done.stderr
        assert run("db-query", "new.db", "select x from u", "-f", "raw").stdout == "1"
        os.unlink("new.db")
    assert os.listdir() == ["bad.csv"]
