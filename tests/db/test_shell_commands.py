"""What is typed in other databases' shells is told from SQL."""

import pytest

from pynetdb.db.shell_commands import MYSQL, PSQL, SQLITE3, recognise
from pynetdb.errors import DatabaseError
from pynetdb.hints import HINTS, error_message


@pytest.mark.parametrize(
    ("typed", "shell", "hint"),
    [
        (".tables", SQLITE3, "tables listed"),
        (".tab", SQLITE3, "tables listed"),
        (" .Schema students ; ", SQLITE3, "schema shown"),
        (".dump", SQLITE3, "schema shown"),
        (".mode csv", SQLITE3, "format chosen"),
        (".import x.csv t", SQLITE3, "data loaded"),
        (".read x.sql", SQLITE3, "script read"),
        (".once x", SQLITE3, "output file"),
        (".q", SQLITE3, "nothing to leave"),
        (".param set :a 1", SQLITE3, "values given"),
        (".eqp on", SQLITE3, "plan shown"),
        (".timeout 5", SQLITE3, "time limited"),
        (".nonsense", SQLITE3, "help shown"),
        (r"\dt", PSQL, "tables listed"),
        (r"\dt+", PSQL, "tables listed"),
        (r"\d", PSQL, "tables listed"),
        (r"\d students", PSQL, "schema shown"),
        (r"\copy t from x", PSQL, "data loaded"),
        (r"\c other", PSQL, "database named"),
        (r"\?", PSQL, "help shown"),
        ("show tables", MYSQL, "tables listed"),
        ("SHOW  TABLES;", MYSQL, "tables listed"),
        ("show create table t", MYSQL, "schema shown"),
        ("describe t", MYSQL, "schema shown"),
        ("use school", MYSQL, "database named"),
        ("exit", "", "nothing to leave"),
        ("help", "", "help shown"),
        ("tables", "", "tables listed"),
        ("schema", "", "schema shown"),
    ],
)
def test_commands(typed: str, shell: str, hint: str) -> None:
    found = recognise(typed)
    assert found is not None
    assert (found.shell, found.hint) == (shell, hint) and hint in HINTS
    message = error_message(DatabaseError(str(found), hint=found.hint, about="a.db"))
    assert "not SQL (" in message and "{" not in message


@pytest.mark.parametrize(
    "sql", ["", "select 1", ".5", "show", "explain select 1", "with a as (select 1) select 2"]
)
def test_sql_is_none(sql: str) -> None:
    assert recognise(sql) is None
