"""Scripts: cut into statements, all of them or none."""

import pytest

from pynetdb.db.sqlite.database import CREATE, Database
from pynetdb.db.sqlite.schema import all_tables
from pynetdb.db.sqlite.script import run_script, without_comments
from pynetdb.errors import DatabaseError


def test_statements_and_their_lines() -> None:
    with Database(":memory:", CREATE) as db:
        assert run_script(db, "CREATE TABLE a (x); -- ;\n/* ; */ CREATE TABLE b (x DEFAULT ';')", "here") == 2
        with pytest.raises(
            DatabaseError,
            match=r"^here line 3: no such table: nope \(there is a, b, c\); nothing was changed$",
        ):
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


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (
            "insert into t values (1); insert into t values (2); insert into nope values (3)",
            "here line 1: no such table: nope (there is t); that is statement 3, nothing was changed",
        ),
        (
            "insert into t values (1);\n-- ;\n\n insert into t /* ; */ values (1, 2)",
            "line 4: table t has 1 column",
        ),
        (
            "begin; insert into t values (1); commit; insert into nope values (1)",
            "statement 4, nothing",
        ),
        (
            "insert into t values (1); commit; insert into t values (2)",
            "cannot commit - no transaction is active",
        ),
        ("insert into t values (1); end; select 1", "cannot commit - no transaction is active"),
        ("insert into t values (1); rollback; select 1", "cannot rollback - no transaction is active"),
        ("begin; insert into t values (1); begin; commit", "cannot start a transaction within a transaction"),
        ("insert into t values (1); begin; insert into t values (2)", "never committed"),
        ("insert into t values (1); rollback to x", "no such savepoint: x"),
        ("insert into t values (1); vacuum", "cannot VACUUM from within a transaction"),
        ("pragma foreign_keys = off; insert into t values (1); .tables", "is a command of the sqlite3 shell"),
    ],
)
def test_all_or_nothing(script: str, told: str) -> None:
    with Database(":memory:", CREATE) as db:
        db.execute("CREATE TABLE t (a)")
        with pytest.raises(DatabaseError) as caught:
            run_script(db, script, "here")
        assert told in str(caught.value) and "nothing was changed" in str(caught.value)
        assert db.execute("SELECT * FROM t").fetchall() == [] and not db.connection.in_transaction


@pytest.mark.parametrize(
    ("script", "rows"),
    [
        ("begin; insert into t values (1); commit; insert into t values (2)", [1, 2]),
        ("BEGIN IMMEDIATE TRANSACTION; insert into t values (1); END TRANSACTION", [1]),
        (
            "insert into t values (1); begin; insert into t values (2); rollback; insert into t values (3)",
            [1, 3],
        ),
        ("savepoint a; insert into t values (1); rollback to a; release a; insert into t values (2)", [2]),
        (
            "begin; insert into t values (1); savepoint a; insert into t values (2); rollback to a; commit",
            [1],
        ),
        ("begin; insert into t values (1); commit; vacuum", [1]),
        (
            "create trigger r after insert on t begin select 1; delete from t where a = 9; end; ;; -- ;\n"
            "insert into t values (9);",
            [],
        ),
    ],
)
def test_transactions_in_a_script(script: str, rows: list[int]) -> None:
    with Database(":memory:", CREATE) as db:
        db.execute("CREATE TABLE t (a)")
        run_script(db, script, "here")
        assert [row[0] for row in db.execute("SELECT a FROM t")] == rows


def test_what_cannot_be_one_transaction_is_run_as_it_is() -> None:
    with Database(":memory:", CREATE) as db:
        db.execute("CREATE TABLE t (a)")
        with pytest.raises(DatabaseError, match="nope .there is t.; that is statement 5$"):
            run_script(
                db, "begin; insert into t values (1); commit; vacuum; insert into nope values (1)", "here"
            )
        assert db.execute("SELECT a FROM t").fetchall() == [(1,)]


def test_a_dump_may_refer_to_what_comes_later() -> None:
    with Database(":memory:", CREATE) as db:
        run_script(
            db,
            "PRAGMA foreign_keys=OFF; BEGIN TRANSACTION; CREATE TABLE c (a REFERENCES p (id));"
            "INSERT INTO c VALUES (1); CREATE TABLE p (id PRIMARY KEY); COMMIT;",
            "here",
        )
        assert db.execute("SELECT a FROM c").fetchall() == [(1,)]
