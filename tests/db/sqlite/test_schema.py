"""SQLite's tables: what they are declared as, and the SQL that declares them."""

from pathlib import Path

import pytest

from pynetdb.db.constraints import Default, NotNull, References, Unique
from pynetdb.db.schema import NewColumn, TableExistsError
from pynetdb.db.sqlite.database import CREATE, Database
from pynetdb.db.sqlite.schema import (
    affinity,
    all_tables,
    create_statement,
    create_table,
    declared_type,
    drop_table,
    find_table,
    row_count,
    statements,
)
from pynetdb.errors import DatabaseError


def test_types() -> None:
    assert list(map(declared_type, ("", "BIGINT", "REAL"))) == ["TEXT", "INTEGER", "REAL"]
    declared = ("bigint", "varchar(10)", "", "any", "double", "date", "charint")
    assert list(map(affinity, declared)) == [
        "INTEGER", "TEXT", "BLOB", "BLOB", "REAL", "NUMERIC", "INTEGER",
    ]  # fmt: skip


def test_statements() -> None:
    columns = [
        NewColumn("id", "int", key=True),
        NewColumn('a"b', "text", constraints=(NotNull(), Default("it's"), Unique())),
        NewColumn("c", constraints=(Default(1.5), References("t", "x"))),
        NewColumn("d", kind="BIGINT", constraints=(Default("NULL", keyword=True), References("t"))),
    ]
    assert create_statement("t", columns) == (
        'CREATE TABLE "t" ("id" INTEGER PRIMARY KEY, "a""b" text NOT NULL DEFAULT \'it\'\'s\' UNIQUE, '
        '"c" DEFAULT 1.5 REFERENCES "t" ("x"), "d" INTEGER DEFAULT NULL REFERENCES "t")'
    )
    keys = [NewColumn("a", "int", key=True), NewColumn("b", key=True)]
    assert create_statement("t", keys, strict=True) == (
        'CREATE TABLE "t" ("a" int, "b" ANY, PRIMARY KEY ("a", "b")) STRICT'
    )


def test_tables(tmp_path: Path) -> None:
    with Database(str(tmp_path / "x.db"), CREATE) as db:
        made = create_table(db, "t", [NewColumn("a", kind="INTEGER", key=True), NewColumn("b")])
        assert find_table(db, "T") == made
        db.execute("CREATE VIEW v AS SELECT a FROM t")
        for name in ("t", "v"):
            with pytest.raises(TableExistsError):
                create_table(db, name, [NewColumn("a")])
        with pytest.raises(DatabaseError, match="reserved"):
            create_table(db, "sqlite_x", [NewColumn("a")])
        assert [(table.name, table.view) for table in all_tables(db)] == [("t", False), ("v", True)]
        view = find_table(db, "v")
        assert view is not None and not view.fillable
        drop_table(db, view)
        assert row_count(db, "t") == 0
        assert [name for name, _ in statements(db)] == ["t"]
