"""A database file that is a program's own: whose it is, and what happens while others use it."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from pynetdb import db
from pynetdb.db.store import Insert, Store, StoreColumn, StoreSchema, StoreTable, Update
from pynetdb.errors import CommandLineError, DatabaseError

SCHEMA = StoreSchema(
    "journal",
    0x706E6462,
    2,
    (
        StoreTable("parents", (StoreColumn("id", "number"), StoreColumn("name", "text"))),
        StoreTable(
            "children",
            (
                StoreColumn("parent", "integer", required=True, table="parents"),
                StoreColumn("name", "text"),
                StoreColumn("size", "integer"),
            ),
        ),
    ),
)
PARENT = Insert("parents", ("name",))
CHILD = Insert("children", ("parent", "name", "size"))


@contextmanager
def opened(path: Path) -> Iterator[Store]:
    store = db.open_store(str(path), SCHEMA)
    try:
        yield store
    finally:
        store.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "own#%3f.db"


def execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for sql in statements:
            connection.execute(sql)


def test_a_new_one_says_whose_it_is(path: Path) -> None:
    with opened(path) as store:
        assert store.insert_row(PARENT, ("Ann",)) == 1
        assert store.insert_row(PARENT, ("Bob",)) == 2
        for pragma, value in (("application_id", 0x706E6462), ("user_version", 2), ("journal_mode", "wal")):
            assert store.fetch(f"PRAGMA {pragma}") == [(value,)]
    with opened(path) as store:
        assert store.fetch("SELECT name FROM parents") == [("Ann",), ("Bob",)]
    assert os.listdir(path.parent) == [path.name]


def test_empty_files_are_nobodys(path: Path) -> None:
    path.touch()
    with opened(path) as store:
        store.insert_row(PARENT, ("Ann",))
    path.unlink()
    execute(path, "VACUUM")
    with opened(path) as store:
        store.insert_row(PARENT, ("Ann",))


@pytest.mark.parametrize(
    ("statements", "complaint"),
    [
        (["CREATE TABLE t (x)"], "somebody else's database"),
        (["PRAGMA application_id = 7"], "somebody else's database"),
        (["PRAGMA user_version = 1"], "somebody else's database"),
        (["CREATE TABLE t (x)", "PRAGMA journal_mode = wal"], "somebody else's database"),
        (["PRAGMA application_id = 1886282850", "PRAGMA user_version = 3"], "a journal of a later pynetdb"),
    ],
)
def test_what_is_not_ours_stays_as_it_was(path: Path, statements: list[str], complaint: str) -> None:
    execute(path, *statements)
    before = path.read_bytes()
    with pytest.raises(DatabaseError, match=complaint):
        db.open_store(str(path), SCHEMA)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"hello", b"SQLite format 3\0", b"SQLite format 3\0" + b"x" * 200, b"\0" * 4096]
)
def test_what_is_no_database_stays_as_it_was(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(DatabaseError):
        db.open_store(str(path), SCHEMA)
    assert path.read_bytes() == content
    assert os.listdir(path.parent) == [path.name]


def test_places_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="is a folder"):
        db.open_store(str(tmp_path), SCHEMA)
    with pytest.raises(DatabaseError, match="there is no folder"):
        db.open_store(str(tmp_path / "none" / "x.db"), SCHEMA)
    with pytest.raises(CommandLineError) as raised:
        db.open_store("mongodb://me:secret@host/x", SCHEMA)
    assert "secret" not in str(raised.value)


def test_what_contradicts_is_left_out_and_the_rest_is_written(path: Path) -> None:
    with opened(path) as store:
        assert store.write({PARENT: [("Ann",)], CHILD: [(1, "Eve", 1), (9, "Nobody", 2), (1, "Abe", 3)]}) == 1
        assert store.fetch("SELECT name FROM children") == [("Eve",), ("Abe",)]


def test_another_error_writes_nothing(path: Path) -> None:
    with opened(path) as store:
        with pytest.raises(DatabaseError):
            store.write({PARENT: [("Ann",)], Update("INSERT INTO gone VALUES (?)"): [(1,)]})
        assert store.fetch("SELECT * FROM parents") == []


def test_what_sqlite_cannot_hold_costs_no_row(path: Path) -> None:
    with opened(path) as store:
        store.write({PARENT: [("\udcff\0ü",)], CHILD: [(1, "x", 2**70)]})
        assert store.fetch("SELECT name FROM parents") == [("\\udcff\0ü",)]
        assert store.fetch("SELECT size FROM children") == [(None,)]


def test_many_make_and_fill_it_at_once(path: Path) -> None:
    failures: list[DatabaseError] = []

    def fill() -> None:
        try:
            with opened(path) as store:
                for _ in range(20):
                    store.write({PARENT: [("Ann",)] * 10})
        except DatabaseError as error:
            failures.append(error)

    threads = [threading.Thread(target=fill) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with opened(path) as store:
        assert store.fetch("SELECT count(*) FROM parents") == [(1200,)]


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 200])
def test_many_rows_are_all_there_in_their_order(path: Path, count: int) -> None:
    names = [f"n{number}" for number in range(count)]
    with opened(path) as store:
        assert store.write({PARENT: [(name,) for name in names]}) == 0
        assert [name for (name,) in store.fetch("SELECT name FROM parents ORDER BY id")] == names


def test_of_many_rows_one_that_contradicts_is_left_out(path: Path) -> None:
    with opened(path) as store:
        children = [(1 if number != 77 else 9, "x", number) for number in range(200)]
        assert store.write({PARENT: [("Ann",)], CHILD: children}) == 1
        assert store.fetch("SELECT count(*) FROM children") == [(199,)]
