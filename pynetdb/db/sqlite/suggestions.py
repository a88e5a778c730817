"""What a statement that SQLite does not understand may have meant."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

from pynetdb.db.schema import Table
from pynetdb.db.sqlite.database import Database
from pynetdb.db.sqlite.schema import all_tables
from pynetdb.errors import PynetdbError
from pynetdb.rows.names import casefold_ascii

_MOST = 20


def suggest(db: Database, sql: str, message: str) -> str | None:
    """Return what would help against SQLite's message about a statement, None where we know nothing."""
    try:
        tables = all_tables(db)
    except PynetdbError:
        return None
    bare = sql.strip()
    if bare.startswith("."):
        return "that is a command of the sqlite3 shell; without SQL the tables are listed"
    for table in tables:
        if casefold_ascii(table.name) == casefold_ascii(bare.strip("\"'`[]")):
            return f"{table.name} is a table, and 'select * from {table.name}' reads it"  # noqa: S608 - not run
    if match := re.match(r"no such table: (?:[^.]*\.)?(.+)", message):
        names = [table.name for table in tables]
        return _there_is(match[1], names) if names else "there are no tables in it"
    if match := re.match(r"no such column: (?:.*\.)?(.+)", message) or re.match(
        r"table .* has no column named (.+)", message
    ):
        return _suggest_column(match[1], tables, sql)
    return None


def _suggest_column(wanted: str, tables: list[Table], sql: str) -> str | None:
    words = {casefold_ascii(word) for word in re.findall(r"\w+", sql)}
    meant = [table for table in tables if casefold_ascii(table.name) in words] or tables
    names = [column.name for table in meant for column in table.columns]
    there = "; ".join(
        f"{table.name} has {_list_names([column.name for column in table.columns])}" for table in meant[:5]
    )
    near = _nearest(wanted, names)
    return f"{there}; did you mean {near}?" if near else there or None


def _there_is(wanted: str, names: list[str]) -> str:
    near = _nearest(wanted, names)
    return f"there is {_list_names(names)}" + (f"; did you mean {near}?" if near else "")


def _nearest(wanted: str, names: Iterable[str]) -> str | None:
    folded = {casefold_ascii(name): name for name in names}
    near = get_close_matches(casefold_ascii(wanted), list(folded), n=1, cutoff=0.5)
    return folded[near[0]] if near else None


def _list_names(names: list[str]) -> str:
    return ", ".join(names[:_MOST]) + (", ..." if len(names) > _MOST else "")
