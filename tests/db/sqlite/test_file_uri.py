"""A reader leaves every file as it was, and makes none."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from programs import Run, posix, unlike_wine

from pynetdb.db.sqlite.database import Database
from pynetdb.db.sqlite.file_uri import file_uri, needs_no_lock
from pynetdb.errors import DatabaseError

READ = "select count(*) from t"


def snapshot(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def copy_while_open(folder: Path, name: str, mode: str, names: tuple[str, ...]) -> Path:
    """The files of a database as they stand in the middle of a transaction, in a folder of their own."""
    source = folder / "source.db"
    connection = sqlite3.connect(source, isolation_level=None)
    connection.executescript(f"pragma journal_mode = {mode}; pragma cache_size = 1; create table t (x);")
    connection.executemany("insert into t values (?)", [("x" * 1000,)] * 50)
    connection.execute("begin")
    connection.execute("update t set x = 'changed' || x")
    target = folder / name
    target.mkdir()
    for suffix in names:
        data = Path(f"{source}{suffix}").read_bytes()
        (target / f"x.db{suffix}").write_bytes(data)
    connection.close()
    return target


def test_a_reader_leaves_a_hot_journal_to_writers(run: Run, tmp_path: Path) -> None:
    folder = copy_while_open(tmp_path, "hot", "delete", ("", "-journal"))
    before = snapshot(folder)
    assert before["x.db-journal"]
    for arguments in ((), (READ,), (READ, "--plan"), ("--schema",)):
        done = run("db-query", str(folder / "x.db"), *arguments)
        assert done.returncode == 6 and done.stdout == ""
        assert "a writer was interrupted" in done.stderr and "--write" in done.stderr
    attached = run("db-query", ":memory:", "select 1", "--attach", f"a={folder / 'x.db'}")
    assert attached.returncode == 6 and "a writer was interrupted" in attached.stderr
    assert snapshot(folder) == before
    done = run("db-query", str(folder / "x.db"), READ, "--write", "-f", "raw")
    assert (done.returncode, done.stdout) == (0, "50")
    assert list(snapshot(folder)) == ["x.db"]
    assert run("db-query", str(folder / "x.db"), READ, "-f", "raw").stdout == "50"


def test_a_reader_of_a_forged_journal_removes_no_file(run: Run, tmp_path: Path) -> None:
    folder = copy_while_open(tmp_path, "hot", "delete", ("", "-journal"))
    victim = folder / "victim"
    victim.write_bytes(b"mine")
    name = str(victim).encode()
    end = len(name).to_bytes(4) + (sum(name) & 0xFFFFFFFF).to_bytes(4) + bytes.fromhex("d9d505f920a163d7")
    with open(folder / "x.db-journal", "ab") as journal:
        journal.write((0).to_bytes(4) + name + end)
    before = snapshot(folder)
    assert run("db-query", str(folder / "x.db"), READ).returncode == 6
    assert snapshot(folder) == before


@pytest.fixture
def wal(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "wal"
    folder.mkdir()
    path = folder / "x.db"
    connection = sqlite3.connect(path)
    connection.executescript("pragma journal_mode = wal; create table t (x); insert into t values (1), (2);")
    connection.close()
    return path


@unlike_wine("makes symbolic links that lead nowhere")
def test_reading_a_database_with_a_log_makes_nothing(run: Run, wal: Path) -> None:
    assert os.listdir(wal.parent) == ["x.db"]
    (wal.parent / "link.db").symlink_to("x.db")
    before = snapshot(wal.parent)
    for name in ("x.db", "link.db"):
        done = run("db-query", str(wal.parent / name), READ, "-f", "raw")
        assert (done.returncode, done.stdout) == (0, "2"), done.stderr
    attached = run("db-query", ":memory:", "select count(*) from a.t", "--attach", f"a={wal}", "-f", "raw")
    assert attached.stdout == "2"
    assert snapshot(wal.parent) == before
    assert "immutable=1" in run("db-query", str(wal), READ, "--explain").stderr


def test_what_a_writer_has_in_the_log_is_read(run: Run, wal: Path) -> None:
    writer = sqlite3.connect(wal)
    writer.execute("insert into t values (3)")
    writer.commit()
    assert run("db-query", str(wal), READ, "-f", "raw").stdout == "3"
    writer.close()
    assert os.listdir(wal.parent) == ["x.db"]


def test_a_log_without_its_index_is_left_to_writers(run: Run, tmp_path: Path) -> None:
    folder = copy_while_open(tmp_path, "log", "wal", ("", "-wal"))
    before = snapshot(folder)
    done = run("db-query", str(folder / "x.db"), READ)
    assert done.returncode == 6 and "a writer was interrupted" in done.stderr
    assert snapshot(folder) == before
    assert run("db-query", str(folder / "x.db"), READ, "--write", "-f", "raw").stdout == "50"


@posix
def test_a_database_with_a_log_can_be_read_in_a_folder_that_cannot_be_written(wal: Path) -> None:
    wal.chmod(0o444)
    wal.parent.chmod(0o555)
    user = os.geteuid()
    # Above it everybody must be able to pass.
    for parent in [*wal.parents][1:5]:
        if user == 0 and parent.name.startswith(("test_", "pytest-", "popen-")):
            parent.chmod(0o755)
    try:
        if user == 0:
            os.seteuid(65534)
        with Database(str(wal), "ro") as db:
            assert db.execute(READ).fetchone() == (2,)
    finally:
        os.seteuid(user)
        wal.parent.chmod(0o755)
    assert os.listdir(wal.parent) == ["x.db"]


def test_a_change_while_a_file_is_read_without_a_lock_is_told(wal: Path) -> None:
    with pytest.raises(DatabaseError, match="changed while it was read"), Database(str(wal), "ro") as db:
        assert db.execute("select count(*) from t").fetchone() == (2,)
        writer = sqlite3.connect(wal)
        writer.execute("insert into t values (3)")
        writer.commit()
        writer.close()


def test_what_needs_a_lock(tmp_path: Path, wal: Path) -> None:
    assert needs_no_lock(str(wal))
    assert not needs_no_lock(str(tmp_path / "missing"))
    plain = tmp_path / "plain.db"
    sqlite3.connect(plain).executescript("create table t (x)").connection.close()
    assert not needs_no_lock(str(plain))


@posix
def test_a_name_is_no_option() -> None:
    assert file_uri("/a?mode=rw#x%41.db", "ro") == "file:///a%3Fmode%3Drw%23x%2541.db?mode=ro"
