"""Where rows go: a journal in SQLite, made, checked, written to and read back."""

import os
import time
from collections.abc import Sequence
from typing import Any

from pynetdb.db.sqlite.database import CREATE, READ, WRITE, Database
from pynetdb.errors import CommandLineError, DatabaseError
from pynetdb.journal.rows import Row
from pynetdb.journal.schema import (
    APPLICATION_ID,
    BEGIN_RUN,
    LAST_MESSAGES,
    STATEMENTS,
    TABLES,
    VERSION,
    VIEWS,
)
from pynetdb.wording import timestamp

# The first bytes of every SQLite file, and where its header says whose it is
# (https://sqlite.org/fileformat2.html#the_database_header).
_MAGIC = b"SQLite format 3\0"
_HEADER_SIZE = 100
_USER_VERSION = slice(60, 64)
_APPLICATION_ID = slice(68, 72)

# Others who write to the same journal hold its lock for some milliseconds at a time.
_LOCK_TIMEOUT = 5.0
_LOOK_AGAIN = 0.02

_LARGEST = 2**63


class SqliteSink:
    """A journal in a SQLite file. Every method raises DatabaseError for what SQLite refuses.

    The connection is made by the first `write`, so that it belongs to the thread that writes.
    """

    def __init__(self, path: str) -> None:
        self.place = path
        self._database: Database | None = None

    def begin_run(self, command: str, version: str, started: float, seed: int | None) -> int:
        """Make the journal if it is missing, and return the number of a new run in it.

        A file that is no database, somebody else's, or of a later version is an error, and stays as it was.
        """
        if self.place == ":memory:":
            raise CommandLineError("a journal in memory would be gone at once: expected a file")
        if "://" in self.place:
            scheme = self.place.partition("://")[0]
            raise CommandLineError(f"{scheme}://: no such kind of journal, expected a file")
        _check_header(self.place)
        with Database(self.place, CREATE, lock_timeout=_LOCK_TIMEOUT) as database:
            if _number(database, "application_id") != APPLICATION_ID:
                _make(database, self.place)
            _use_wal(database)
            values = (command, version, os.getpid(), timestamp(started), seed)
            with database.transaction():
                row = database.execute(BEGIN_RUN, values).lastrowid
        assert row is not None
        return row

    def write(self, rows: Sequence[Row]) -> int:
        """Write all of the rows, or none; return how many were left out.

        Those are the ones that contradict what is in the journal: somebody has deleted what they refer to.
        """
        try:
            self._write(rows)
        except (UnicodeEncodeError, OverflowError):
            # A lone surrogate or a huge number came from a peer: it must not cost the others their row.
            return self.write([(name, tuple(map(_storable, values))) for name, values in rows])
        except DatabaseError as error:
            if not _is_of_a_row(error):
                raise
            return self._write_singly(rows)
        return 0

    def _write(self, rows: Sequence[Row]) -> None:
        grouped: dict[str, list[tuple[Any, ...]]] = {}
        for name, values in rows:
            grouped.setdefault(name, []).append(values)
        database = self._opened()
        with database.transaction(), database.errors():
            for name, sql in STATEMENTS.items():
                if name in grouped:
                    database.connection.executemany(sql, grouped[name])

    def _write_singly(self, rows: Sequence[Row]) -> int:
        refused = 0
        database = self._opened()
        with database.transaction():
            for name, values in sorted(rows, key=lambda row: list(STATEMENTS).index(row[0])):
                try:
                    database.execute(STATEMENTS[name], values)
                except DatabaseError as error:
                    if not _is_of_a_row(error):
                        raise
                    refused += 1
        return refused

    def _opened(self) -> Database:
        if self._database is None:
            self._database = Database(self.place, WRITE, lock_timeout=_LOCK_TIMEOUT)
            # A crash of the machine may cost the last rows; that of a process cannot.
            self._database.execute("PRAGMA synchronous = NORMAL")
        return self._database

    def last_messages(self, most: int) -> list[tuple[str, str]]:
        """Return sender and text of the last public messages of chat-server, the oldest first."""
        with Database(self.place, READ, lock_timeout=_LOCK_TIMEOUT) as database:
            return [(str(sender), str(text)) for sender, text in database.execute(LAST_MESSAGES, (most,))]

    def close(self) -> None:
        """Let go of the file; by the thread that wrote."""
        if self._database is not None:
            self._database.close()
            self._database = None


def _check_header(path: str) -> None:
    """Refuse what is not a journal of ours, by its first bytes: SQLite itself would leave files beside it."""
    try:
        with open(path, "rb") as file:
            header = file.read(_HEADER_SIZE)
    except OSError:
        return  # Missing, or no file: that is said when it is opened.
    if not header:
        return  # Made by `mktemp`, say: nobody's yet.
    if len(header) < _HEADER_SIZE or not header.startswith(_MAGIC):
        raise DatabaseError(f"{path}: not a SQLite database, expected a journal")
    application_id = int.from_bytes(header[_APPLICATION_ID], "big")
    version = int.from_bytes(header[_USER_VERSION], "big")
    if application_id == APPLICATION_ID:
        if version > VERSION:
            message = f"a journal of a later pynetdb (version {version}), expected version {VERSION}"
            raise DatabaseError(f"{path}: {message}")
    elif application_id or version:
        raise DatabaseError(f"{path}: somebody else's database, expected a journal")
    else:
        with Database(path, READ, lock_timeout=_LOCK_TIMEOUT) as database:
            _check_empty(database, path)


def _check_empty(database: Database, path: str) -> None:
    if database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        # Another command may have made it a journal since we looked.
        if _number(database, "application_id") == APPLICATION_ID:
            return
        raise DatabaseError(f"{path}: somebody else's database, expected a journal")


def _make(database: Database, path: str) -> None:
    with database.transaction():
        _check_empty(database, path)
        if _number(database, "application_id") == APPLICATION_ID:
            return
        for sql in (*TABLES, *VIEWS):
            database.execute(sql.strip())
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute(f"PRAGMA user_version = {VERSION}")


def _use_wal(database: Database) -> None:
    """Let readers read while we write. Where the file system cannot, the journal works without."""
    end = time.monotonic() + _LOCK_TIMEOUT
    while _text(database, "journal_mode") != "wal":
        try:
            database.execute("PRAGMA journal_mode = WAL")
            return
        except DatabaseError:
            # SQLite does not wait for a lock here: another command makes the same change.
            if time.monotonic() > end:
                raise
            time.sleep(_LOOK_AGAIN)


def _number(database: Database, pragma: str) -> int:
    return int(database.execute(f"PRAGMA {pragma}").fetchone()[0])


def _text(database: Database, pragma: str) -> str:
    return str(database.execute(f"PRAGMA {pragma}").fetchone()[0])


def _is_of_a_row(error: DatabaseError) -> bool:
    """Whether a row was refused, and not the disk at fault."""
    return str(getattr(error.__cause__, "sqlite_errorname", "")).startswith("SQLITE_CONSTRAINT")


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        return None
    return value
