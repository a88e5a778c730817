"""Scripts: cut into statements, all of them or none."""

import pytest

from pynetdb.db.sqlite.database import CREATE, Database
from pynetdb.db.sqlite.schema import all_tables
from pynetdb.db.sqlite.script import run_script, without_comments
from pynetdb.errors import DatabaseError


def test_statements_and_their_lines() -> None:
    with Database(":memory:", CREATE) as db:
        assert run_script(db, "CREATE TABLE a (x); -- ;\n/* ; */ CREATE TABLE b (x DEFAULT ';')", "here") == 2
        with pytest.raises(DatabaseError, match="^here line 3: no such table: nope$"):
            run_script(db, "CREATE TABLE c (x);\n\nINSERT INTO nope VALUES (1);", "here")
        assert [table.name for table in all_tables(db)] == ["a", "b"]


def test_a_transaction_of_its_own_must_end() -> None:
    with Database(":memory:", CREATE) as db:
        assert run_script(db, "BEGIN; CREATE TABLE a (x); COMMIT;", "here") == 3
        with pytest.raises(DatabaseError, match="never committed"):
            run_script(db, "BEGIN; CREATE TABLE b (x);", "here")
        with pytest.raises(DatabaseError, match="NUL"):
            run_script(db, "SELECT '\0'", "here")
        assert len(all_tables(db)) == 1


def test_comments_in_front() -> None:
    assert without_comments(" -- a\n/* b */ SELECT 1 -- c") == "SELECT 1 -- c"
    assert without_comments("-- a") == ""
