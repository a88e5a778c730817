"""What reading may do."""

import pytest

from pynetdb.db.sqlite.database import CREATE, Database
from pynetdb.db.sqlite.query import Query
from pynetdb.errors import DatabaseError


@pytest.mark.parametrize(
    "sql",
    ["SELECT * FROM t", "PRAGMA table_info(t)", "PRAGMA user_version", "SELECT * FROM pragma_table_list"],
)
def test_reading(sql: str) -> None:
    with Database(":memory:", CREATE) as db:
        db.execute("CREATE TABLE t (a)")
        Query(db, sql).close()


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("DROP TABLE t", "DROP TABLE t"),
        ("DELETE FROM t", "DELETE t"),
        ("PRAGMA user_version = 3", "PRAGMA user_version = 3"),
        ("PRAGMA wal_checkpoint", "PRAGMA wal_checkpoint"),
        ("ATTACH 'x' AS x", "ATTACH x"),
        ("VACUUM", "VACUUM or ATTACH ''"),
        ("BEGIN", "BEGIN a transaction"),
        ("SAVEPOINT s", "SAVEPOINT s"),
        ("ROLLBACK TO s", "ROLLBACK TO s"),
        ("ALTER TABLE t RENAME TO u", "ALTER TABLE t"),
        ("CREATE VIRTUAL TABLE f USING fts5(a)", "CREATE VIRTUAL TABLE f"),
        ("SELECT load_extension('x')", "load_extension()"),
    ],
)
def test_anything_else_is_refused_by_its_name(sql: str, named: str) -> None:
    with Database(":memory:", CREATE) as db:
        db.execute("CREATE TABLE t (a)")
        with pytest.raises(DatabaseError) as caught:
            Query(db, sql)
    assert str(caught.value) == f":memory:: reading only, and this would {named}"
