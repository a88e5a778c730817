"""Scripts, all or nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from pynetdb.errors import DatabaseError

Execute = Callable[[str], list[Any]]

SCRIPT = """-- a comment; with a semicolon
create table stocks (symbol text, note text default 'a;b'); /* ; /* nested */ */
create function note() returns trigger language plpgsql as $$ begin new.note := 'x;y'; return new; end $$;
create trigger tr before insert on stocks for each row execute function note();
insert into stocks (symbol) values ('RHAT'), ('IBM')"""


def test_a_script(opened: Any, execute: Execute) -> None:
    assert opened("create").run_script(SCRIPT, "x.sql") == 4
    assert execute("SELECT count(*), min(note) FROM stocks") == [(2, "x;y")]


def test_all_or_nothing(opened: Any, execute: Execute) -> None:
    engine = opened("create")
    with pytest.raises(
        DatabaseError, match=r'^x\.sql line 3: relation "nope" does not exist; nothing was changed$'
    ):
        engine.run_script("create table a (x int);\n\ninsert into nope values (1)", "x.sql")
    with pytest.raises(DatabaseError, match="NUL"):
        engine.run_script("select '\0'", "x.sql")
    assert engine.all_tables() == []


def test_a_transaction_of_its_own(opened: Any, execute: Execute) -> None:
    engine = opened("create")
    assert engine.run_script("begin; create table a (x int); commit", "x.sql") == 3
    with pytest.raises(DatabaseError, match="never committed"):
        engine.run_script("begin; create table b (x int)", "x.sql")
    with pytest.raises(DatabaseError, match="line 2"):
        engine.run_script("begin; create table b (x int);\ncreate table b (x int); commit", "x.sql")
    assert [table.name for table in engine.all_tables()] == ["a"]


def test_copy_has_nothing_to_read(opened: Any, execute: Execute) -> None:
    engine = opened("create")
    with pytest.raises(DatabaseError, match="line 2: COPY"):
        engine.run_script("create table a (x int);\ncopy a from stdin", "x.sql")
    with pytest.raises(DatabaseError, match="COPY"):
        engine.run_script("copy (select generate_series(1, 100000)) to stdout", "x.sql")
    assert engine.all_tables() == []
