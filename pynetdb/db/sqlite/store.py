"""A database file of a program of ours: made, checked and written to by several commands at once."""

import builtins
import time
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from pynetdb.db.sqlite.database import CREATE, READ, Database
from pynetdb.db.sqlite.errors import error_name
from pynetdb.db.sqlite.store_sql import create_statements, statement_sql
from pynetdb.db.store import Insert, Row, Statement, StoreSchema
from pynetdb.errors import DatabaseError
from pynetdb.file_kinds import SQLITE

# Where a file's header says whose it is (https://sqlite.org/fileformat2.html#the_database_header).
_HEADER_SIZE = 100
_USER_VERSION = slice(60, 64)
_APPLICATION_ID = slice(68, 72)

# Others who write to the same file hold its lock for some milliseconds at a time.
_LOCK_TIMEOUT = 5.0
_LOOK_AGAIN = 0.02

_LARGEST = 2**63

# For so many rows one call is made.
_ROWS_AT_ONCE = 64


class SqliteStore:
    """See `db.store.Store`. A missing file is made; one that is not ours is refused, and stays as it was."""

    def __init__(self, path: str, schema: StoreSchema) -> None:
        _check_header(path, schema)
        self.place = path
        self._schema = schema
        self._database = database = Database(path, CREATE, lock_timeout=_LOCK_TIMEOUT)
        try:
            if _number(database, "application_id") != schema.application_id:
                self._make()
            self._use_wal()
            # A crash of the machine may cost the last rows; that of a process cannot.
            database.execute("PRAGMA synchronous = NORMAL")
        except DatabaseError:
            # Not removed, even if it was made here: another command may have begun to use it.
            database.close()
            raise

    def insert_row(self, statement: Insert, values: Row) -> int:
        with self._database.transaction():
            return self._database.execute("".join(statement_sql(statement)), values).lastrowid or 0

    def write(self, statements: Mapping[Statement, Sequence[Row]]) -> int:
        try:
            self._write(statements)
        except (UnicodeEncodeError, OverflowError):
            # A lone surrogate or a huge number came from a peer: it must not cost the others their row.
            storable = {
                statement: [tuple(map(_make_storable, row)) for row in rows]
                for statement, rows in statements.items()
            }
            return self.write(storable)
        except DatabaseError as error:
            if not _is_of_a_row(error):
                raise
            return self._write_singly(statements)
        return 0

    def fetch(self, sql: str, values: Row = ()) -> list[Row]:
        with self._database.errors():
            return list(self._database.execute(sql, values))

    def close(self) -> None:
        self._database.close()

    def _write(self, statements: Mapping[Statement, Sequence[Row]]) -> None:
        database = self._database
        with database.transaction(), database.errors():
            for statement, rows in statements.items():
                whole = self._write_many(statement, rows)
                database.connection.executemany("".join(statement_sql(statement)), rows[whole:])

    def _write_many(self, statement: Statement, rows: Sequence[Row]) -> int:
        """Insert many rows with each call, and return how many were.

        Python's lock changes hands twice a call, and the loop's thread waits for it.
        """
        head, group, tail = statement_sql(statement)
        if not group or len(rows) < _ROWS_AT_ONCE:
            return 0
        many = head + ", ".join([group] * _ROWS_AT_ONCE) + tail
        whole = len(rows) - len(rows) % _ROWS_AT_ONCE
        for at in range(0, whole, _ROWS_AT_ONCE):
            values = list(chain.from_iterable(rows[at : at + _ROWS_AT_ONCE]))
            self._database.connection.execute(many, values)
        return whole

    def _write_singly(self, statements: Mapping[Statement, Sequence[Row]]) -> int:
        refused = 0
        with self._database.transaction():
            for statement, rows in statements.items():
                sql = "".join(statement_sql(statement))
                for row in rows:
                    try:
                        self._database.execute(sql, row)
                    except DatabaseError as error:
                        if not _is_of_a_row(error):
                            raise
                        refused += 1
        return refused

    def _make(self) -> None:
        database, schema = self._database, self._schema
        with database.transaction():
            if _is_of_somebody(database, schema):
                raise _not_ours(database.path, schema)
            if _number(database, "application_id") == schema.application_id:
                return  # Another command has made it since we looked.
            for sql in create_statements(schema):
                database.execute(sql)
            database.execute(f"PRAGMA application_id = {schema.application_id}")
            database.execute(f"PRAGMA user_version = {schema.version}")

    def _use_wal(self) -> None:
        """Let readers read while we write. Where the file system cannot, the store works without."""
        database = self._database
        end = time.monotonic() + _LOCK_TIMEOUT
        while database.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            try:
                database.execute("PRAGMA journal_mode = WAL")
                return
            except DatabaseError:
                # SQLite does not wait for a lock here: another command makes the same change.
                if time.monotonic() > end:
                    raise
                time.sleep(_LOOK_AGAIN)


def _check_header(path: str, schema: StoreSchema) -> None:
    """Refuse what is not ours by its first bytes: SQLite itself would leave files beside it."""
    try:
        with builtins.open(path, "rb") as file:
            header = file.read(_HEADER_SIZE)
    except (OSError, ValueError):
        return  # Missing, or no file: that is said when it is opened.
    if not header:
        return  # Made by `mktemp`, say: nobody's yet.
    if len(header) < _HEADER_SIZE or not header.startswith(SQLITE):
        raise DatabaseError(f"{path}: not a SQLite database, expected a {schema.name}")
    application_id = int.from_bytes(header[_APPLICATION_ID], "big")
    version = int.from_bytes(header[_USER_VERSION], "big")
    if application_id == schema.application_id:
        if version > schema.version:
            message = f"a {schema.name} of a later pynetdb, version {version}, expected {schema.version}"
            raise DatabaseError(f"{path}: {message}")
    elif application_id or version:
        raise _not_ours(path, schema)
    else:
        with Database(path, READ, lock_timeout=_LOCK_TIMEOUT) as database:
            if _is_of_somebody(database, schema):
                raise _not_ours(path, schema)


def _is_of_somebody(database: Database, schema: StoreSchema) -> bool:
    """Whether there is something in it that is not ours; `db-create` makes one with nothing in it."""
    count = database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    return bool(count) and _number(database, "application_id") != schema.application_id


def _not_ours(path: str, schema: StoreSchema) -> DatabaseError:
    return DatabaseError(f"{path}: somebody else's database, expected a {schema.name} or a new file")


def _is_of_a_row(error: DatabaseError) -> bool:
    """Whether a row was refused, and not the disk at fault."""
    cause = error.__cause__
    return isinstance(cause, Exception) and error_name(cause).startswith("SQLITE_CONSTRAINT")


def _number(database: Database, pragma: str) -> int:
    return int(database.execute(f"PRAGMA {pragma}").fetchone()[0])


def _make_storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        return None
    return value
