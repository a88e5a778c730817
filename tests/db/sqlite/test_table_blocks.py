"""Whole tables some rows at a time: which statements, and every row once and in order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pynetdb.db.sqlite.database import CREATE, Database
from pynetdb.db.sqlite.query import Query
from pynetdb.db.sqlite.table_blocks import find_plain_table, in_blocks

ROWIDS = st.lists(
    st.integers(-(2**63), 2**63 - 1) | st.integers(-9, 9) | st.sampled_from([2**63 - 1, -(2**63)]),
    unique=True,
)


@settings(deadline=None)
@given(ROWIDS, st.integers(1, 5))
def test_a_whole_table_comes_in_order_whatever_its_rowids(rowids: list[int], size: int) -> None:
    with Database(":memory:", CREATE) as db:
        db.execute("CREATE TABLE t (rowid, b)")
        db.connection.executemany(
            "INSERT INTO t (_rowid_, rowid, b) VALUES (?, ?, ?)",
            [(n, number, n) for number, n in enumerate(rowids)],
        )
        plain = find_plain_table(db, "SELECT * FROM t", ["rowid", "b"])
        assert plain == ('"main"."t"', "_rowid_")
        blocks = db.execute(in_blocks(*plain, "group_concat(b)", size)).fetchall()
    found = [[int(word) for word in text.split(",")] for (text,) in blocks]
    assert [n for block in found for n in block] == sorted(rowids)
    assert {len(block) for block in found[:-1]} <= {size} and all(found)


@pytest.mark.parametrize(
    ("sql", "plain"),
    [
        ("SELECT * FROM t", True),
        ("select b, A from main.t", True),
        ("SELECT a FROM t", False),  # Read from its index, in the order of that.
        ('SELECT b, "no column" FROM t', False),
        ("SELECT * FROM v", False),
        ("SELECT * FROM w", False),
        ("SELECT * FROM t WHERE a", False),
        ("SELECT * FROM sqlite_schema", False),
        ("SELECT max(a), b FROM t", False),
        ("SELECT * FROM json_each('[1]')", False),
    ],
)
def test_which_statement_is_a_whole_table(sql: str, plain: bool) -> None:
    with Database(":memory:", CREATE) as db:
        db.connection.executescript(
            "CREATE TABLE t (a, b); CREATE INDEX i ON t (a); CREATE VIEW v AS SELECT * FROM t AS v;"
            "CREATE TABLE w (rowid, _rowid_, oid)"
        )
        query = Query(db, sql, write=True)
        found = find_plain_table(db, query.sql, query.columns or [])
        assert found == (('"main"."t"', "rowid") if plain else None)
