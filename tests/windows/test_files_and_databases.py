"""Paths as Windows has them, and files that other programs have open."""

import json
import os
from pathlib import Path

import pytest
from programs import Run, windows

pytestmark = windows


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "Daten für # 100%; & mehr"
    path.mkdir()
    return path


# Behind a prefix Windows takes backslashes only.
@pytest.mark.parametrize(("prefix", "slash"), [("", "/"), ("", "\\"), ("\\\\?\\", "\\"), ("\\\\.\\", "\\")])
def test_a_database_by_every_kind_of_path(run: Run, folder: Path, prefix: str, slash: str) -> None:
    db = prefix + str(folder / "schüler.db").replace("\\", slash)
    assert run("db-create", db, "t", "a:int").returncode == 0
    assert run("db-insert", db, "t", "a=36").returncode == 0
    assert run("db-query", db, "select a from t", "--format", "raw").stdout == "36"
    assert os.listdir(folder) == ["schüler.db"]


def test_a_database_by_a_drive_and_a_relative_path(run: Run, folder: Path) -> None:
    assert run("db-create", "x.db", "t", "a:int", cwd=folder).returncode == 0
    drive = os.path.splitdrive(folder)[0]
    assert run("db-query", f"{drive}x.db", "--json", cwd=folder).stdout.startswith("[")
    assert (folder / "x.db").exists()


def test_a_share_that_is_not_there_is_one_line(run: Run) -> None:
    done = run("db-query", "\\\\127.0.0.1\\none\\x.db", "select 1")
    assert (done.returncode, len(done.stderr.splitlines())) == (6, 1)
    assert done.stderr.startswith("Error: \\\\127.0.0.1\\none\\x.db: ")


@pytest.mark.parametrize("name", ["NUL", "CON", "COM1"])
def test_a_device_is_no_database(run: Run, folder: Path, name: str) -> None:
    done = run("db-create", name, "t", "a:int", cwd=folder)
    assert (done.returncode, len(done.stderr.splitlines())) == (6, 1)


def test_output_over_a_file_that_somebody_reads(run: Run, folder: Path) -> None:
    file = folder / "out.json"
    file.write_text("old")
    with open(file) as reading:
        done = run("db-query", ":memory:", "select 1 as x", "--json", "-o", str(file))
        assert done.returncode == 1 and "is open in another program" in done.stderr
        assert reading.read() == "old"
    assert os.listdir(folder) == ["out.json"]
    assert run("db-query", ":memory:", "select 1 as x", "--json", "-o", str(file)).returncode == 0
    assert json.loads(file.read_bytes()) == [{"x": 1}] and b"\r" not in file.read_bytes()


def test_results_are_utf_8_whatever_the_code_page_is(run: Run) -> None:
    done = run("db-query", ":memory:", "select 'Zoë €' as x", "--format", "csv", text=False)
    assert done.stdout == "x\nZoë €\n".encode()


def test_a_csv_file_of_windows(run: Run, folder: Path) -> None:
    (folder / "w.csv").write_bytes("name,age\r\nZoë,36\r\nBob,7\r\n".encode("utf-8-sig"))
    assert run("db-insert", "x.db", "t", "--from", "w.csv", "--create", cwd=folder).returncode == 0
    done = run("db-query", "x.db", "select * from t", "--json", cwd=folder)
    assert json.loads(done.stdout) == [{"name": "Zoë", "age": 36}, {"name": "Bob", "age": 7}]


def test_control_z_ends_no_pipe(run: Run) -> None:
    done = run("db-query", ":memory:", "-", "--format", "raw", input="select 'a\x1ab'")
    assert done.stdout == "a\x1ab"
