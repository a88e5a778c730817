"""Rows by COPY: the line of the one that is refused, keys that are there, numbers that go on."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pynetdb.db.load import load_file, load_row
from pynetdb.db.load_options import LoadOptions, LoadResult
from pynetdb.errors import CommandLineError, DatabaseError
from pynetdb.rows.assignments import parse_assignment
from pynetdb.rows.data_file import DataFile

Execute = Callable[[str], list[Any]]
Load = Callable[..., LoadResult]


@pytest.fixture
def load(place: str, tmp_path: Path) -> Load:
    def loader(text: str | bytes, table: str = "t", name: str = "x.csv", **options: Any) -> LoadResult:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_file(place, DataFile((str(path),)), LoadOptions(table, **options))

    return loader


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id,name\n1,a\nx,b\n", r"line 3: invalid input syntax for type bigint: \"x\""),
        (
            'id,name\n1,"a\n\n"\n\n1,c\n',
            r"line 6: duplicate key value .* \(Key \(id\)=\(1\) already exists\)",
        ),
        ('id,name\n"1,5",a\n', r"line 2: invalid input syntax for type bigint: \"1,5\""),
        ("id,name\n1,\0\n", "line 2: a text with a NUL, which PostgreSQL cannot hold"),
        ("id,name\n1,a\n2," + "b" * 30 + "\n", "line 3: value too long for type character varying"),
        ("id,name\n" + "".join(f"{n},x\n" for n in range(5000)) + "3,again\n", "line 5002: duplicate key"),
    ],
)
def test_a_row_that_is_refused_is_named(load: Load, execute: Execute, text: str, told: str) -> None:
    execute("CREATE TABLE t (id bigint PRIMARY KEY, name varchar(20) NOT NULL)")
    with pytest.raises(DatabaseError, match=told):
        load(text)
    assert execute("SELECT count(*) FROM t") == [(0,)]


@pytest.mark.parametrize("table", ["t", "other.t", "ns.t"])
def test_a_row_that_is_refused_is_named_whatever_the_server_was_at(
    load: Load, execute: Execute, table: str
) -> None:
    """By the type of a value, by a trigger, and by a COPY in a trigger, also of a table of the same name."""
    name = {"t": "t", "other.t": "other.t", "ns.t": '"ns.t"'}[table]
    execute(
        f"CREATE SCHEMA IF NOT EXISTS other; CREATE TABLE {name} (id int, j json, s text);"
        'CREATE SCHEMA more; CREATE TABLE more.t (a int); CREATE TABLE more."ns.t" (a int);'
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NEW.id = 2 THEN RAISE EXCEPTION 'no two'; END IF;"
        "IF NEW.id = 3 THEN PERFORM 1 / 0; END IF;"
        "IF NEW.id = 4 THEN COPY more.t FROM PROGRAM 'echo 1; echo x'; END IF;"
        "IF NEW.id = 5 THEN COPY more.\"ns.t\" FROM PROGRAM 'echo x'; END IF;"
        f"RETURN NEW; END $$; CREATE TRIGGER g BEFORE INSERT ON {name} FOR EACH ROW EXECUTE FUNCTION f()"
    )
    try:
        for row, told in (
            ("1,x,", "for type json"), ("2,,", "no two"), ("3,,", "division by zero"), ("4,,", '"x"'),
            ("5,,", '"x"'), (f'z,,"\nCOPY {table}, line 7: y"', '"z"'),
            (f'"\nCOPY {table}, line 7: ""y",,', "line 7"),
        ):  # fmt: skip
            with pytest.raises(DatabaseError, match=rf"x\.csv line 4: .*{told}"):
                load(f"id,j,s\n1,{{}},\n1,[],\n{row}\n", table)
    finally:
        execute("DROP SCHEMA more CASCADE")


def test_a_bad_first_row_is_noticed_at_once(load: Load, execute: Execute, tmp_path: Path, place: str) -> None:
    """Long before the end of the file, though libpq says nothing while it copies."""
    execute("CREATE TABLE t (id bigint)")
    path = tmp_path / "x.csv"
    path.write_text("id\nx\n" + "123456789\n" * 1_000_000)
    read: list[int] = []
    data = DataFile((str(path),))
    from pynetdb.db import load as module
    from pynetdb.db import open as open_database

    source, reader = data._replace(exact=True).open(keep=True)
    with source, open_database(place, "write") as engine, pytest.raises(DatabaseError, match="line 2: "):
        module.load(engine, reader, LoadOptions("t"), read.append)
    assert not read or read[-1] < path.stat().st_size / 2


def test_types_are_exact(load: Load, execute: Execute) -> None:
    load("a,b,c,d,e\n1,1.10,-0,5,\n2,123456789012345678901234567890,1e5,5.0,\n", create=True)
    assert execute("SELECT a, b::text, c, d::text, e FROM t ORDER BY a") == [
        (1, "1.10", "-0", "5", ""),
        (2, "123456789012345678901234567890", "1e5", "5.0", ""),
    ]


def test_an_empty_text_is_no_number_and_no_date(load: Load, execute: Execute) -> None:
    execute("CREATE TABLE t (a int, b date, c boolean, d text, e real)")
    load("a,b,c,d,e\n,,,,\n1,2000-01-01,true,x,0.1\n")
    assert execute("SELECT a, b::text, c, d, e::text FROM t ORDER BY a") == [
        (1, "2000-01-01", True, "x", "0.1"),
        (None, None, None, "", None),
    ]


def test_the_last_row_with_a_key_wins_or_the_first(load: Load, execute: Execute) -> None:
    execute("CREATE TABLE t (id bigint PRIMARY KEY, a text, b text DEFAULT 'b')")
    data = "id,a\n1,x\n1,y\n2,z\n1,last\n"
    result = load(data, on_conflict="ignore")
    assert (result.rows, result.ignored) == (2, 2)
    assert execute("SELECT * FROM t ORDER BY id") == [(1, "x", "b"), (2, "z", "b")]
    execute("UPDATE t SET b = 'old'")
    assert load(data, on_conflict="update").rows == 4
    assert execute("SELECT * FROM t ORDER BY id") == [(1, "last", "old"), (2, "z", "old")]
    assert load(data, on_conflict="replace").rows == 4
    assert execute("SELECT * FROM t ORDER BY id") == [(1, "last", "b"), (2, "z", "b")]


def test_keys_that_are_null_never_meet(load: Load, execute: Execute) -> None:
    execute("CREATE TABLE t (k int UNIQUE, a text)")
    assert load("k,a\n,x\n,y\n1,z\n1,w\n", on_conflict="update").rows == 4
    assert execute("SELECT k, a FROM t ORDER BY a") == [(1, "w"), (None, "x"), (None, "y")]


def test_a_table_without_a_key(load: Load, execute: Execute) -> None:
    execute("CREATE TABLE t (a int)")
    with pytest.raises(DatabaseError, match="has no key, by which") as refused:
        load("a\n1\n", on_conflict="update")
    assert refused.value.hint == "no key"
    assert load("a\n1\n1\n", on_conflict="ignore").rows == 2


def test_only_conflicts_are_ignored_and_the_line_is_told(load: Load, execute: Execute) -> None:
    execute("CREATE TABLE t (id int PRIMARY KEY, a text NOT NULL, CHECK (id > 0))")
    with pytest.raises(DatabaseError, match=r"line 2: null value in column \"a\" of relation \"t\""):
        load('{"id": 1, "a": "x"}\n{"id": 5, "a": null}\n', name="x.jsonl", on_conflict="ignore")
    with pytest.raises(DatabaseError, match=r"line 3: new row for relation \"t\""):
        load("id,a\n1,x\n-1,y\n", on_conflict="ignore")


def test_rows_that_name_other_columns(load: Load, execute: Execute) -> None:
    execute("CREATE TABLE t (id int PRIMARY KEY, name text DEFAULT 'none', age int DEFAULT 3)")
    execute("INSERT INTO t VALUES (1, 'Ann', 36), (2, 'Bob', 40)")
    rows = '[{"id":1,"age":7},{"name":"N","id":2},{"id":5,"age":null},{"id":6,"name":"x","age":1}]'
    assert load(rows, name="x.json", on_conflict="update").rows == 4
    assert execute("SELECT * FROM t ORDER BY id") == [
        (1, "Ann", 7), (2, "N", 40), (5, "none", None), (6, "x", 1),
    ]  # fmt: skip
    execute("CREATE TABLE u (a int DEFAULT 1)")
    assert load("[{}, {}]", "u", "x.json").rows == 2
    assert execute("SELECT sum(a) FROM u") == [(2,)]


def test_numbers_go_on_behind_those_that_were_given(load: Load, execute: Execute, place: str) -> None:
    load("id,a\n7,x\n3,y\n", create=True, keys=("id",))
    load_row(place, [parse_assignment("a=z")], LoadOptions("t"))
    assert execute("SELECT id FROM t WHERE a = 'z'") == [(8,)]


def test_views_and_generated_columns(load: Load, execute: Execute) -> None:
    execute(
        "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) STORED); CREATE VIEW v AS SELECT a FROM t"
    )
    assert load("a,b\n3,6\n").rows == 1
    assert load("a\n4\n", "v").rows == 1
    assert execute("SELECT * FROM t ORDER BY a") == [(3, 6), (4, 8)]
    execute("CREATE VIEW w AS SELECT count(*) FROM t")
    with pytest.raises(DatabaseError, match="'w' is a view, expected a table"):
        load("count\n4\n", "w")


def test_notices_do_not_end_a_copy(load: Load, execute: Execute) -> None:
    execute(
        "CREATE TABLE t (a int); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE NOTICE 'here'; RETURN NEW; END $$;"
        "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()"
    )
    assert load("a\n" + "1\n" * 20_000).rows == 20_000


def test_another_transaction_in_the_way_is_tried_again(load: Load, execute: Execute) -> None:
    """As CockroachDB asks for at any time: SQLSTATE 40001."""
    execute(
        "CREATE TABLE t (a int); CREATE SEQUENCE s; CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN IF nextval('s') < 3 THEN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END IF;"
        " RETURN NEW; END $$;"
        "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()"
    )
    assert load("a\n1\n2\n").rows == 2
    assert execute("SELECT a FROM t ORDER BY a") == [(1,), (2,)]
    execute("ALTER SEQUENCE s MINVALUE -100 RESTART -100")
    with pytest.raises(DatabaseError, match="another transaction has changed the same"):
        load("a\n3\n")


def test_a_guess_that_the_end_of_the_data_refutes(load: Load, execute: Execute) -> None:
    assert load("a\n" + "1\n" * 50_000 + "x\n", create=True).rows == 50_001
    assert execute("SELECT max(a) FROM t") == [("x",)]


def test_names_are_never_cut(load: Load, execute: Execute) -> None:
    with pytest.raises(CommandLineError, match="64 bytes, PostgreSQL has 63 at most"):
        load("x" * 64 + "\n1\n", create=True)


def test_a_dry_run_keeps_nothing(load: Load, execute: Execute) -> None:
    assert load("a\n1\n", create=True, dry_run=True).rows == 1
    with pytest.raises(DatabaseError, match="line 3"):
        load("a\n1\n1\n", create=True, keys=("a",), dry_run=True)
    assert execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


@pytest.mark.parametrize("made", [True, False])
def test_lines_of_json_of_every_kind(load: Load, execute: Execute, made: bool) -> None:
    """What is taken as it is written, what a parser has to read, and the two in turns."""
    rows: list[dict[str, Any]] = [
        {
            "id": 2**53 + number,
            "half": number / 2 if number % 7 else None,
            "text": ("a\tb\\", 'quote " here', "", "null", "\n", "\\N", "ü𝄞")[number % 7],
            "yes": number % 3 == 0,
            "maybe": None if number % 11 else "x",
        }
        for number in range(6000)
    ]
    rows[4000]["half"] = 1e22  # Which Python writes otherwise.
    if not made:
        execute("CREATE TABLE t (id bigint, half float8, text text, yes boolean, maybe text)")
    load("".join(json.dumps(row) + "\n" for row in rows), name="x.jsonl", create=made)
    found = execute("SELECT id, half, text, yes, maybe FROM t ORDER BY id")
    assert found == [tuple(row.values()) for row in rows]
