"""A schema of a program in a database of a server: whose it is, and what happens while the server does not answer."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest
from postgres import Server

from pynetdb import db
from pynetdb.db.postgresql.connection import Connection
from pynetdb.db.store import (
    ForeignKey,
    Insert,
    Store,
    StoreColumn,
    StoreIndex,
    StoreSchema,
    StoreTable,
    Update,
)
from pynetdb.errors import CommandLineError, DatabaseError, NetworkError

SCHEMA = StoreSchema(
    "journal",
    0x706E6462,
    2,
    (
        StoreTable(
            "parents",
            (StoreColumn("number", "integer", required=True), StoreColumn("name", "text", "whose it's is")),
            key=("number",),
        ),
        StoreTable(
            "children",
            (
                StoreColumn("id", "number"),
                StoreColumn("parent", "integer", required=True),
                StoreColumn("name", "text"),
                StoreColumn("size", "integer"),
                StoreColumn("kind", "text", one_of=("new", "it's")),
                StoreColumn("data", "json"),
                StoreColumn("raw", "bytes"),
            ),
            references=(ForeignKey(("parent",), "parents", ("number",)),),
        ),
    ),
    (StoreIndex("by_name", "children", ("name", "size")),),
    {"names": "-- all of them\nSELECT name FROM children ORDER BY name"},
)
PARENT = Insert("parents", ("number", "name"), on_conflict="(number) DO UPDATE SET name = excluded.name")
CHILD = Insert("children", ("parent", "name", "size"), constants=(("kind", "it's"),))
RENAME = Update("UPDATE children SET name = ? WHERE name = ?")

Open = Callable[[], Store]


@pytest.fixture
def open_store(place: str) -> Iterator[Open]:
    with ExitStack() as stack:

        def opened() -> Store:
            store = db.open_store(place, SCHEMA)
            stack.callback(store.close)
            return store

        yield opened


def test_a_new_one_says_whose_it_is(open_store: Open, execute: Any) -> None:
    open_store()
    store = open_store()
    store.write({PARENT: [(1, "Ann")]})
    assert store.insert_row(Insert("children", ("parent", "raw", "data")), (1, b"\0\\", '{"a": 1}')) == 1
    assert store.fetch("SELECT raw, data FROM children WHERE id < ?", (9,)) == [(b"\0\\", '{"a": 1}')]
    assert store.place.startswith("postgresql://postgres@/")
    assert execute("SELECT obj_description('pynetdb_batches'::regclass)") == [("pynetdb journal, version 2",)]
    assert execute("SELECT col_description('parents'::regclass, 2)") == [("whose it's is",)]
    assert execute("SELECT count(*) FROM pynetdb_batches") == [(1,)]
    store.close()
    store.close()
    assert execute("SELECT count(*) FROM pynetdb_batches") == [(0,)]


@pytest.mark.parametrize(
    ("made", "complaint"),
    [
        ("CREATE TABLE children (x int)", "children: there already, and somebody else's, expected a journal"),
        ("CREATE TABLE x (y int); CREATE VIEW names AS SELECT * FROM x", "names: there already"),
        ("CREATE TABLE pynetdb_batches (x int)", "pynetdb_batches: there already"),
        ("CREATE TABLE pynetdb_batches (x int); COMMENT ON TABLE pynetdb_batches IS 'pynetdb x, version 1'",
         "pynetdb_batches: there already"),
        ("CREATE TABLE pynetdb_batches (x int); "
         "COMMENT ON TABLE pynetdb_batches IS 'pynetdb journal, version 3'",
         "a journal of a later pynetdb, version 3, expected 2"),
    ],
)  # fmt: skip
def test_what_is_not_ours_stays_as_it_was(open_store: Open, execute: Any, made: str, complaint: str) -> None:
    execute(made)
    relations = "SELECT oid, relname FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1"
    before = execute(relations)
    with pytest.raises(DatabaseError, match=complaint):
        open_store()
    assert execute(relations) == before


def test_tables_of_others_may_stand_beside(open_store: Open, execute: Any) -> None:
    execute("CREATE TABLE students (x int)")
    store = open_store()
    assert store.write({PARENT: [(1, "Ann")]}) == 0


def test_the_search_path_says_where(place: str, execute: Any) -> None:
    execute("CREATE SCHEMA other; CREATE TABLE parents (x int)")
    store = db.open_store(f"{place}&options=-csearch_path%3Dother", SCHEMA)
    store.write({PARENT: [(1, "Ann")], CHILD: [(1, "Eve", 1)], RENAME: [("Abe", "Eve")]})
    store.close()
    assert execute("SELECT name, kind FROM other.children") == [("Abe", "it's")]
    assert execute("SELECT count(*) FROM parents") == [(0,)]


def test_who_may_only_read_is_told_so_without_options(place: str) -> None:
    with pytest.raises(DatabaseError, match="this role or database only reads") as refused:
        db.open_store(f"{place}&options=-cdefault_transaction_read_only%3Don", SCHEMA)
    assert refused.value.hint is None


def test_places_that_cannot_be(place: str) -> None:
    for url, complaint in (
        (place.replace("/unit", "/nowhere"), 'database "nowhere" does not exist'),
        (place.replace("postgres@", "nobody:Hidden-Pass@"), 'role "nobody" does not exist'),
        ("postgresql://u:Hidden-Pass@127.0.0.1:1/x", "refused"),
    ):
        with pytest.raises(NetworkError, match=complaint) as raised:
            db.open_store(url, SCHEMA)
        assert "Hidden" not in str(raised.value)
    with pytest.raises(CommandLineError, match="cannot be read"):
        db.open_store("postgresql://u:p@q@host/x", SCHEMA)


def test_a_server_that_never_answers_cannot_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(NetworkError, match="did not answer in time"):
            db.open_store(f"postgresql://u@127.0.0.1:{port}/x?connect_timeout=1", SCHEMA)


def test_many_make_and_fill_it_at_once(open_store: Open, place: str, execute: Any) -> None:
    failures: list[Exception] = []

    def fill(number: int) -> None:
        try:
            store = db.open_store(place, SCHEMA)
            store.write({PARENT: [(number, "Ann")]})
            for _ in range(3):
                store.write({CHILD: [(number, "x", size) for size in range(100)]})
            store.close()
        except (DatabaseError, NetworkError) as error:
            failures.append(error)

    threads = [threading.Thread(target=fill, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert execute("SELECT parent, count(*) FROM children GROUP BY 1 ORDER BY 1") == [
        (number, 300) for number in range(4)
    ]


def test_rows_are_there_in_their_order_whatever_is_in_them(open_store: Open, execute: Any) -> None:
    store = open_store()
    texts = ['a"b', "\\N", "\\.", "{,}", "\t\n\r\\", "", "NULL", "ü\U0001f600", "a\0b", "\udcff", "'; --"]
    stored = [*texts[:8], "a\\x00b", "\\udcff", texts[10]]
    assert store.write({PARENT: [(number, text) for number, text in enumerate(texts)]}) == 0
    assert store.write({CHILD: [(1, text, None) for text in texts] * 100}) == 0
    assert [name for (name,) in execute("SELECT name FROM parents ORDER BY number")] == stored
    assert [name for (name,) in execute("SELECT name FROM children ORDER BY id")] == stored * 100
    assert store.write({RENAME: [("new", '"'), ("first", 'a"b'), ("second", "first")]}) == 0
    assert execute("SELECT count(*) FROM children WHERE name = 'second'") == [(100,)]


def test_what_contradicts_is_left_out_and_the_rest_is_written(open_store: Open, execute: Any) -> None:
    store = open_store()
    children = [(9 if number in (77, 78, 150) else 1, "x", number) for number in range(200)]
    children[3] = (1, "x", 2**70)
    parents = [(1, "Ann"), (2, "Bob"), (1, "Anne")]
    missing = [("y", "z"), ("y", "x")]
    assert store.write({PARENT: parents, CHILD: children, RENAME: missing}) == 3
    assert execute("SELECT number, name FROM parents ORDER BY 1") == [(1, "Anne"), (2, "Bob")]
    assert execute("SELECT count(*), count(size), min(name) FROM children") == [(197, 196, "y")]


def test_another_error_writes_nothing(open_store: Open, execute: Any) -> None:
    store = open_store()
    for gone in (Update("DELETE FROM gone WHERE x = ?"), Insert("gone", ("x",))):
        with pytest.raises(DatabaseError, match='"gone" does not exist'):
            store.write({PARENT: [(1, "Ann")], gone: [(1,), (2,)]})
    assert execute("SELECT * FROM parents") == []
    assert store.write({PARENT: [(1, "Ann")]}) == 0


def test_a_commit_whose_answer_is_lost_is_not_repeated(
    open_store: Open, execute: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store()
    store.write({PARENT: [(1, "Ann")]})
    commit = Connection.commit

    def lose(connection: Connection, keep: bool = True) -> None:
        commit(connection, keep)
        monkeypatch.undo()
        raise NetworkError("the connection is lost")

    monkeypatch.setattr(Connection, "commit", lose)
    batch = {CHILD: [(1, "x", 1), (1, "x", 2)]}
    with pytest.raises(NetworkError):
        store.write(batch)
    assert store.write(batch) == 0
    assert store.write({CHILD: [(1, "x", 3)]}) == 0
    assert execute("SELECT size FROM children ORDER BY id") == [(1,), (2,), (3,)]


def _end_others(server: Server) -> None:
    """As an administrator does it."""
    server.execute(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'pynetdb'"
    )


def test_a_connection_that_ended_meanwhile_is_made_anew(
    open_store: Open, execute: Any, postgresql: Server
) -> None:
    store = open_store()
    store.write({PARENT: [(1, "Ann")]})
    _end_others(postgresql)
    assert store.write({CHILD: [(1, "x", 1)]}) == 0
    _end_others(postgresql)
    store.close()
    assert execute("SELECT count(*) FROM children") == [(1,)]


@pytest.mark.parametrize("statement", [PARENT, CHILD, RENAME])
def test_one_that_ends_in_the_middle_is_an_error_and_then_goes_on(
    open_store: Open, execute: Any, postgresql: Server, monkeypatch: pytest.MonkeyPatch, statement: Any
) -> None:
    store = open_store()
    store.write({PARENT: [(1, "Ann")]})
    send = Connection.encode if statement is RENAME else Connection.send

    def end_others(connection: Connection, sql: str, *more: Any) -> Any:
        if "pynetdb_batches" not in sql and sql not in ("COMMIT",) and "search_path" not in sql:
            monkeypatch.undo()
            _end_others(postgresql)
        return send(connection, sql, *more)

    monkeypatch.setattr(Connection, send.__name__, end_others)
    width = len(statement.columns) if isinstance(statement, Insert) else 2
    rows = [(number, str(number), 3)[:width] if width > 2 else (str(number), "x") for number in (1, 1)]
    if statement is PARENT:
        rows = [(5, "a"), (6, "b")]
    with pytest.raises(NetworkError):
        store.write({statement: rows})
    assert store.write({statement: rows}) == 0
    assert execute("SELECT (SELECT count(*) FROM parents) + (SELECT count(*) FROM children)") == [
        (1 if statement is RENAME else 3,)
    ]


def test_tables_that_became_somebody_elses_are_not_written_to(
    open_store: Open, execute: Any, postgresql: Server
) -> None:
    store = open_store()
    store.write({PARENT: [(1, "Ann")]})
    execute("COMMENT ON TABLE pynetdb_batches IS 'pynetdb journal, version 3'")
    _end_others(postgresql)
    for _ in range(2):
        with pytest.raises(DatabaseError, match="version 3"):
            store.write({PARENT: [(2, "Bob")]})
    assert execute("SELECT count(*) FROM parents") == [(1,)]


def test_a_lock_is_an_error_and_later_none(
    open_store: Open, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pynetdb.db.postgresql.store._LOCK_TIMEOUT", 0.1)
    store = open_store()
    with psycopg.connect(place) as other:
        other.execute("LOCK TABLE parents")
        with pytest.raises(DatabaseError, match="locked"):
            store.write({PARENT: [(1, "Ann")]})
    assert store.write({PARENT: [(1, "Ann")]}) == 0
