"""SQLite's errors become ours, in words that say what to do."""

import sqlite3

import pytest

from pynetdb.db.sqlite.errors import describe, error_name, translate_errors
from pynetdb.errors import DatabaseError


def test_words() -> None:
    connection = sqlite3.connect(":memory:")
    try:
        with (
            pytest.raises(DatabaseError, match='^x.db: near "selekt": syntax error$') as caught,
            translate_errors("x.db"),
        ):
            connection.execute("selekt")
    finally:
        connection.close()
    assert isinstance(caught.value.__cause__, sqlite3.Error)
    assert error_name(caught.value.__cause__) == "SQLITE_ERROR"


def test_known_codes_have_words_of_their_own() -> None:
    error = sqlite3.OperationalError("database is locked")
    assert (error_name(error), describe(error)) == ("", "database is locked")
    error.sqlite_errorname = "SQLITE_BUSY_SNAPSHOT"
    assert describe(error) == "locked by another program for longer than we wait"
    assert describe(sqlite3.Error()) == "Error"
