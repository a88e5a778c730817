"""Whole tables some rows at a time: to hand on several texts in one costs less than to hand on each.

That is only for a statement that is nothing but `SELECT columns FROM table`: its rows come in the order of
their rowids, and a block of them is found by its first and its last one.
"""

import re
from collections.abc import Sequence

from pynetdb.db.sqlite.database import Database
from pynetdb.db.sqlite.identifiers import quote_identifier, quote_text
from pynetdb.rows.names import casefold_ascii

_NAME = r'(?:[A-Za-z_]\w*|"(?:[^"]|"")+")'
_PLAIN = re.compile(
    rf"select\s+(\*|{_NAME}(?:\s*,\s*{_NAME})*)\s+from\s+(?:({_NAME})\s*\.\s*)?({_NAME})", re.IGNORECASE
)
# The greatest rowid there can be.
_LAST = 9223372036854775807

_ROWIDS = ("rowid", "_rowid_", "oid")


def find_plain_table(db: Database, sql: str, columns: Sequence[str]) -> tuple[str, str] | None:
    """Return SQL for the table whose rows a statement reads one after the other, and for their rowid.

    None for any other statement. `columns` are those of the result, which are columns of the table then.
    """
    match = _PLAIN.fullmatch(sql.strip())
    if match is None:
        return None
    table = _unquoted(match[3])
    schema = _find_schema(db, table, None if match[2] is None else _unquoted(match[2]))
    if schema is None:
        return None
    with db.errors():
        steps = db.connection.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()
        known = db.connection.execute(
            f"PRAGMA {quote_identifier(schema)}.table_xinfo({quote_text(table)})"
        ).fetchall()
    # An index that has all the columns is read in its place, in its own order.
    scans = [step[3].removeprefix("SCAN TABLE ").removeprefix("SCAN ") for step in steps]
    wanted = (casefold_ascii(table), casefold_ascii(f"{schema}.{table}"))
    if len(scans) != 1 or casefold_ascii(scans[0]) not in wanted:
        return None
    names = {casefold_ascii(row[1]) for row in known}
    rowid = next((name for name in _ROWIDS if name not in names), None)
    # What a name in quotes stands for that is no column is a text.
    if rowid is None or not names.issuperset(map(casefold_ascii, columns)):
        return None
    return f"{quote_identifier(schema)}.{quote_identifier(table)}", rowid


def in_blocks(table: str, rowid: str, aggregate: str, size: int) -> str:
    """Return SQL for an aggregate of each so many rows of a table without an index, in order."""
    last = (
        f"ifnull((SELECT {rowid} FROM {table} NOT INDEXED WHERE {rowid} > {{0}} "  # noqa: S608 - quoted
        f"ORDER BY {rowid} LIMIT 1 OFFSET {size - 1}) - 1, {_LAST})"
    )
    return f"""WITH RECURSIVE pynetdb_blocks(low, high) AS (
        SELECT low, {last.format("low")}
        FROM (SELECT (SELECT {rowid} FROM {table} NOT INDEXED ORDER BY {rowid} LIMIT 1) AS low)
        WHERE low IS NOT NULL
        UNION ALL SELECT high + 1, {last.format("high + 1")}
        FROM pynetdb_blocks WHERE high < {_LAST}
    ) SELECT (SELECT {aggregate} FROM {table} NOT INDEXED WHERE {rowid} BETWEEN low AND high)
    FROM pynetdb_blocks"""  # noqa: S608 - quoted


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def _find_schema(db: Database, table: str, schema: str | None) -> str | None:
    """Return the schema that a name of a table is in; None if the name is another thing's."""
    if schema is not None:
        schemas = [schema]
    else:
        with db.errors():
            attached = [row[1] for row in db.connection.execute("PRAGMA database_list").fetchall()]
        schemas = ["temp", *[name for name in attached if name != "temp"]]
    for name in schemas:
        with db.errors():
            found = db.connection.execute(
                f"SELECT type FROM {quote_identifier(name)}.sqlite_master "  # noqa: S608 - quoted
                "WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE",
                (table,),
            ).fetchone()
        if found is not None:
            return name if found[0] == "table" else None
    return None
