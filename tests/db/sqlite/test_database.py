"""A database file: opened as it was asked for, and nothing left of what failed."""

from pathlib import Path
from typing import Any

import pytest
from programs import posix

from pynetdb.db.sqlite.database import (
    CREATE,
    READ,
    WRITE,
    BudgetError,
    Database,
    _interrupt_late,
    explain,
    file_uri,
)
from pynetdb.errors import DatabaseError, DeadlineError

FOREVER = "WITH RECURSIVE c(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM c) SELECT count(*) FROM c"


@posix
def test_a_path_is_only_a_path() -> None:
    assert file_uri("/a b?mode=rwc#%", READ) == "file:///a%20b%3Fmode%3Drwc%23%25?mode=ro"
    assert file_uri("//a", READ) == "file:////a?mode=ro"


def test_modes(tmp_path: Path) -> None:
    path = str(tmp_path / "x.db")
    for mode in (READ, WRITE):
        with pytest.raises(DatabaseError, match="no such file") as caught:
            Database(path, mode)
        assert caught.value.hint == "no such database"
    with Database(path, CREATE) as db:
        assert db.made
        db.write_header()
    with Database(path, READ) as db, pytest.raises(DatabaseError, match="read-only"):
        db.execute("CREATE TABLE t (a)")
    for wrong in (str(tmp_path), str(tmp_path / "no" / "x.db"), "a\0b"):
        with pytest.raises(DatabaseError):
            Database(wrong, CREATE)


def test_an_error_leaves_no_file_that_was_not_there(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with pytest.raises(DatabaseError), Database(str(path), CREATE) as db, db.transaction():
        db.execute("CREATE TABLE t (a)")
        db.execute("nonsense")
    assert not path.exists()


def test_what_was_committed_stays_whatever_comes_after(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with pytest.raises(DatabaseError), Database(str(path), CREATE) as db:
        db.execute("CREATE TABLE t (a)")
        db.execute("nonsense")
    with Database(str(path), READ) as db:
        assert db.execute("SELECT * FROM t").fetchall() == []


@posix  # Windows removes no file that is open.
def test_only_the_very_file_that_was_made_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    ours = Database(str(path), CREATE)
    # Others have come meanwhile: one wrote, one put another file there, one holds the lock.
    with Database(str(path), CREATE) as other:
        assert ours.made and not other.made
        other.execute("CREATE TABLE t (a)")
    ours.discard()
    assert path.exists()
    path.unlink()

    ours = Database(str(path), CREATE)
    path.rename(tmp_path / "moved.db")
    path.write_bytes(b"")
    ours.discard()
    assert path.exists() and (tmp_path / "moved.db").exists()
    path.unlink()

    ours = Database(str(path), CREATE)
    with Database(str(path), WRITE) as other, other.transaction():
        other.execute("CREATE TABLE t (a)")
        ours.discard()
    with Database(str(path), READ) as db:
        assert db.execute("SELECT * FROM t").fetchall() == []


@posix  # Windows removes no file that is open.
def test_who_waited_for_one_that_gave_up_makes_the_file_anew(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    ours = Database(str(path), CREATE)
    with Database(str(path), CREATE) as other:
        assert not other.made
        ours.discard()
        assert not path.exists()
        with other.transaction():
            other.execute("CREATE TABLE t (a)")
        assert other.made
    with Database(str(path), READ) as db:
        assert db.execute("SELECT * FROM t").fetchall() == []


@posix
def test_a_dangling_link_keeps_its_name(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("x.db")
    with pytest.raises(DatabaseError), Database(str(link), CREATE) as db:
        db.execute("nonsense")
    assert link.is_symlink() and not (tmp_path / "x.db").exists()
    with Database(str(link), CREATE) as db:
        db.execute("CREATE TABLE t (a)")
    assert link.is_symlink() and (tmp_path / "x.db").stat().st_size


def test_transactions(tmp_path: Path) -> None:
    with Database(":memory:", CREATE) as db:
        db.execute("CREATE TABLE t (a)")
        with db.transaction(keep=False):
            db.execute("INSERT INTO t VALUES (1)")
        with pytest.raises(DatabaseError), db.transaction():
            db.execute("INSERT INTO t VALUES (1)")
            db.execute("nonsense")
        with db.transaction():
            db.execute("INSERT INTO t VALUES (2)")
        assert db.execute("SELECT a FROM t").fetchall() == [(2,)]


def test_a_budget() -> None:
    with Database(":memory:", CREATE) as db:
        with pytest.raises(BudgetError), db.budget(0.01):
            db.execute(FOREVER).fetchall()
        with db.budget(60):
            assert db.execute("SELECT 1").fetchall() == [(1,)]
        db.within(0.01)
        with pytest.raises(DeadlineError), db.budget(60):
            db.execute(FOREVER).fetchall()


def test_a_budget_that_is_just_over_interrupts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its thread has found the time over, and goes on only when the block has ended and the file is closed."""
    waits: list[Any] = []
    monkeypatch.setattr("_thread.start_new_thread", lambda function, arguments: waits.append(arguments))
    for closed in (False, True):
        with Database(":memory:", CREATE) as db:
            with db.budget(0):
                assert db.execute("SELECT 1").fetchall() == [(1,)]
            connection, seconds, over, ending = waits.pop()
            late = SlowLock(over)
            if not closed:
                db.execute("SELECT 1")
                _interrupt_late(connection, seconds, late, ending)  # type: ignore[arg-type]
        if closed:
            _interrupt_late(connection, seconds, late, ending)  # type: ignore[arg-type]


class SlowLock:
    """A lock that was still held when somebody waited for it in vain."""

    def __init__(self, lock: Any) -> None:
        self.locked = lock.locked

    def acquire(self, timeout: float) -> bool:
        return False


def test_a_deadline() -> None:
    with Database(":memory:", CREATE) as db:
        db.within(0.01)
        with pytest.raises(DeadlineError):
            db.execute(FOREVER).fetchall()


def test_explanations() -> None:
    assert "write lock" in explain("BEGIN IMMEDIATE")
    assert explain("-- trigger") == "inside a trigger or a virtual table"
    assert explain("frobnicate") == explain("  ") == "a statement"
