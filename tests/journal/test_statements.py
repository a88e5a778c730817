"""The statements that fill a journal: every engine understands them."""

from contextlib import closing
from typing import Any

import pytest

from pynetdb import db
from pynetdb.db.store import Insert
from pynetdb.journal.schema import SCHEMA
from pynetdb.journal.statements import BEGIN_RUN, LAST_MESSAGES, STATEMENTS

RUN = ("serve-echo", "1", 1, "2026-01-01T00:00:00.000000Z", None)


def values(insert: Insert) -> tuple[Any, ...]:
    """A row that nothing contradicts."""
    (table,) = [table for table in SCHEMA.tables if table.name == insert.table]
    columns = {column.name: column for column in table.columns}
    kinds = {"integer": 1, "real": 0.5, "text": "t", "json": "{}", "bytes": b"b"}
    return tuple(
        columns[name].one_of[0] if columns[name].one_of else kinds[columns[name].kind]
        for name in insert.columns
    )


@pytest.mark.parametrize("name", STATEMENTS)
@pytest.mark.parametrize("count", [1, 2])
def test_every_statement_is_understood(journal_place: str, name: str, count: int) -> None:
    statement = STATEMENTS[name]
    with closing(db.open_store(journal_place, SCHEMA)) as store:
        assert store.insert_row(BEGIN_RUN, RUN) == 1
        store.write({STATEMENTS["opened"]: [(1, 1, "a", "t")]})
        if isinstance(statement, Insert):
            row = values(statement)
        else:
            row = {"ready": ("url", 1), "left": ("t", "quit", 1, "Ann"), "ended": ("t", "signal", 0, 1)}[name]
        # Twice the same connection in one batch is nothing that servers do; it is written one by one.
        assert store.write({statement: [row] * count}) == 0


def test_the_last_messages(journal_place: str) -> None:
    with closing(db.open_store(journal_place, SCHEMA)) as store:
        assert store.fetch(LAST_MESSAGES, (5,)) == []
