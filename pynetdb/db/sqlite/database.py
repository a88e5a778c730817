"""A database file, opened for reading, for writing or to be made, and its transactions."""

import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from pynetdb.db.engine import LOCK_TIMEOUT, Parameters
from pynetdb.db.sqlite.errors import error_name, translate_errors
from pynetdb.db.sqlite.identifiers import quote_identifier
from pynetdb.errors import DatabaseError, DeadlineError
from pynetdb.narration import Narrator
from pynetdb.wording import format_count

READ = "ro"
WRITE = "rw"
CREATE = "rwc"

MEMORY = ":memory:"

# After so many instructions of its virtual machine (some milliseconds) SQLite asks whether to go on:
# a deadline is looked at, and ^C gets through.
_INSTRUCTIONS = 100_000

_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./~")


def file_uri(path: str, mode: str) -> str:
    """Return the `file:` URI that opens exactly `path` (https://sqlite.org/uri.html), in `ro`, `rw` or `rwc`.

    Whatever the name holds (`?`, `#`, `%`, a leading `//`) is escaped, so that it cannot become an option.
    """
    raw = os.fsencode(os.path.abspath(path))
    if os.name == "nt":
        raw = b"/" + raw.replace(b"\\", b"/")
        escaped = "".join(chr(byte) if byte in _SAFE or byte == 0x3A else f"%{byte:02X}" for byte in raw)
    else:
        escaped = "".join(chr(byte) if byte in _SAFE else f"%{byte:02X}" for byte in raw)
    return f"file://{escaped}?mode={mode}"


class Database:
    """One connection, in autocommit: `transaction` says where one begins and ends.

    `mode` is READ, WRITE (the file must exist) or CREATE. Foreign keys are enforced, and a lock is waited
    for `lock_timeout` seconds. Raises DatabaseError for whatever SQLite refuses.
    """

    def __init__(
        self,
        path: str,
        mode: str,
        narrator: Narrator | None = None,
        lock_timeout: float = LOCK_TIMEOUT,
    ) -> None:
        self.path = path
        self.narrator = narrator or Narrator()
        self._traced: list[str] = []
        self._deadline: float | None = None
        self.made = path != MEMORY and not os.path.exists(path)
        self._check(mode)
        with ExitStack() as undo:
            with translate_errors(path):
                self.connection = self._open(mode, lock_timeout)
            undo.callback(self.discard)
            self.connection.text_factory = _text
            self.connection.set_progress_handler(self._go_on, _INSTRUCTIONS)
            with translate_errors(path):
                if self.narrator:
                    self.connection.set_trace_callback(self._traced.append)
                # The first statement that reads: a file that is no database is refused here.
                self._begin_reading(mode, lock_timeout)
            self.execute("PRAGMA foreign_keys = ON")
            undo.pop_all()

    def _check(self, mode: str) -> None:
        """Say in plain words what SQLite can only call "unable to open database file"."""
        if self.path == MEMORY:
            return
        try:
            kind = os.stat(self.path).st_mode
        except FileNotFoundError as error:
            if mode != CREATE:
                raise DatabaseError(f"{self.path}: no such file", hint="no such database") from error
            folder = os.path.dirname(os.path.abspath(self.path))
            if not os.path.isdir(folder):
                raise DatabaseError(f"{self.path}: there is no folder {folder}") from error
            return
        except (OSError, ValueError) as error:
            raise DatabaseError(f"{self.path}: {getattr(error, 'strerror', None) or error}") from error
        if stat.S_ISDIR(kind):
            raise DatabaseError(f"{self.path}: is a folder, expected a database file")
        if not stat.S_ISREG(kind):
            raise DatabaseError(f"{self.path}: is not a regular file, expected a database file")
        needed = os.R_OK if mode == READ else os.R_OK | os.W_OK
        if not os.access(self.path, needed):
            readable = os.access(self.path, os.R_OK)
            message = "the file is read-only" if readable else "no permission to read it"
            raise DatabaseError(f"{self.path}: {message}")

    def _open(self, mode: str, lock_timeout: float) -> sqlite3.Connection:
        # A database in memory cannot be opened for reading only; nothing in it outlives the command.
        address = "file::memory:" if self.path == MEMORY else file_uri(self.path, mode)
        connection = sqlite3.connect(address, uri=True, timeout=lock_timeout, isolation_level=None)
        if self.narrator:
            note = {
                READ: "mode=ro: it is opened for reading, SQLite itself refuses to write",
                WRITE: "mode=rw: for reading and writing, and only if the file exists",
                CREATE: "mode=rwc: for reading and writing, and it is made if it is missing",
            }[mode]
            self.narrator.tell("sqlite", "open", [address], "connection", note=note)
        return connection

    def _begin_reading(self, mode: str, lock_timeout: float) -> None:
        try:
            self.connection.execute("PRAGMA schema_version").fetchone()
        except sqlite3.OperationalError as error:
            if mode != READ or error_name(error) != "SQLITE_READONLY_ROLLBACK":
                raise
            # A writer was killed in the middle. Whoever opens the file next for writing rolls its half
            # transaction back from the journal; a reader who may not would never be able to read.
            self._recover(lock_timeout)
            self.connection.execute("PRAGMA schema_version").fetchone()

    def _recover(self, lock_timeout: float) -> None:
        writer = sqlite3.connect(
            file_uri(self.path, WRITE), uri=True, timeout=lock_timeout, isolation_level=None
        )
        try:
            writer.execute("PRAGMA schema_version").fetchone()
        finally:
            writer.close()

    def execute(self, sql: str, parameters: Parameters = ()) -> sqlite3.Cursor:
        """Run one statement. Raises DatabaseError, DeadlineError, or KeyboardInterrupt after ^C."""
        with self.errors():
            cursor = self.connection.execute(sql, parameters)
        if self.narrator:
            self.narrate(cursor)
        return cursor

    def narrate(self, cursor: sqlite3.Cursor | None = None, rows: int | None = None) -> None:
        """Narrate the statements that SQLite has run since the last time."""
        traced, self._traced[:] = list(self._traced), []
        for text in traced:
            if text.startswith("-- PRAGMA"):
                continue  # How SQLite itself carries out a query of ours about the schema.
            result: str | int | None = None
            if text is traced[-1] and cursor is not None:
                if rows is not None:
                    result = format_count(rows, "row")
                elif cursor.rowcount >= 0:
                    result = f"{cursor.rowcount} changed"
            self.narrator.tell("sqlite", "sql", [_shorten(text)], result or "done", note=explain(text))

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Translate the errors of SQLite, and of an interrupted statement say why it was."""
        try:
            with translate_errors(self.path):
                yield
        except DatabaseError as error:
            if isinstance(error.__cause__, Exception) and error_name(error.__cause__) == "SQLITE_INTERRUPT":
                if self._deadline is not None and time.monotonic() > self._deadline:
                    raise DeadlineError(f"{self.path}: the statement did not end in time") from error
                raise KeyboardInterrupt from error
            raise

    @contextmanager
    def transaction(self, keep: bool = True) -> Iterator[None]:
        """Everything in the block is written, or nothing is; nothing in any case unless it is to `keep`.

        BEGIN IMMEDIATE takes the write lock at once: two writers wait for each other here, and never
        find out at the end that one of them must give up.
        """
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT" if keep else "ROLLBACK")
        finally:
            # After some errors (no space, a failing disk) SQLite has rolled back by itself.
            if self.connection.in_transaction:
                self._deadline = None
                self.execute("ROLLBACK")

    def write_header(self) -> None:
        """Make a new file a database of one page; SQLite leaves it empty until something is stored."""
        self.execute("PRAGMA user_version = 0")
        self.execute("VACUUM")

    def use_large_pages(self) -> None:
        """In a new file, make the pages 16 KiB: a large table is written faster than in pages of 4 KiB."""
        if self.made:
            self.execute("PRAGMA page_size = 16384")

    @contextmanager
    def text_as(self, kind: type[bytes] | type[bytearray] | None) -> Iterator[None]:
        """In the block text arrives as its bytes; in a bytearray it can be told from a BLOB. None: as str."""
        if kind is None:
            yield
            return
        self.connection.text_factory = kind
        try:
            yield
        finally:
            self.connection.text_factory = _text

    def within(self, seconds: float | None) -> None:
        """From now on statements have so long, all together; None is for ever."""
        self._deadline = None if seconds is None else time.monotonic() + seconds

    def attach(self, name: str, path: str, mode: str) -> None:
        """Make a second file readable as `name`.table. Raises DatabaseError."""
        other = Database(path, mode)  # Its errors are better than those of ATTACH.
        other.close()
        self.execute(f"ATTACH DATABASE ? AS {quote_identifier(name)}", (file_uri(path, mode),))

    def authorize(self, authorizer: "Callable[..., int] | None") -> None:
        """Ask `authorizer` about everything that a statement wants to do, from now on."""
        self.connection.set_authorizer(authorizer)

    def close(self) -> None:
        """Close the connection; what was not committed is rolled back."""
        self.connection.close()

    def discard(self) -> None:
        """Close, and remove the file again if it was made here: after an error nothing is left."""
        self.close()
        self._forget()

    def _forget(self) -> None:
        if self.made and os.path.exists(self.path):
            os.unlink(self.path)

    def _go_on(self) -> int:
        # ^C gets through here as well: the exception ends the statement as 1 does.
        return int(self._deadline is not None and time.monotonic() > self._deadline)

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, kind: object, *rest: object) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()


def _text(data: bytes) -> str:
    """Text need not be UTF-8. What is not becomes lone surrogates; sqlite3 alone would refuse the row."""
    return data.decode("utf-8", "surrogateescape")


def sqlite_version() -> str:
    """The version of the SQLite library in use."""
    return sqlite3.sqlite_version


_EXPLANATIONS = {
    "BEGIN": "a transaction begins and takes the write lock: until COMMIT nobody else can write, or see this",
    "COMMIT": "all of the transaction is on disk now, for everybody",
    "ROLLBACK": "none of the transaction has happened",
    "SELECT": "rows are read as they are asked for",
    "WITH": "a query with named parts",
    "VALUES": "rows from nowhere but this statement",
    "INSERT": "new rows; each value is bound, not pasted into the text",
    "REPLACE": "new rows, in place of those with the same key",
    "UPDATE": "rows are changed in place",
    "DELETE": "rows are removed",
    "CREATE": "the schema gets a new entry in sqlite_schema",
    "DROP": "an entry of the schema and its rows are removed",
    "ALTER": "the schema is changed",
    "ATTACH": "a second file joins this connection under a name of its own",
    "EXPLAIN": "SQLite says how it would go about it, and does not",
    "VACUUM": "the file is written anew without its gaps",
}


def explain(sql: str) -> str:
    """Return the explanation of a statement, by its first word."""
    if sql.startswith("--"):
        return "inside a trigger or a virtual table"
    if sql.startswith("PRAGMA"):
        if "foreign_keys" in sql:
            return "REFERENCES is enforced, which SQLite does only when asked"
        if "schema_version" in sql:
            return "reads the first page: is this a database, and which schema has it?"
        return "asks or sets something about the database itself"
    return _EXPLANATIONS.get(sql.split(None, 1)[0].upper() if sql.strip() else "", "a statement")


def _shorten(sql: str, most: int = 400) -> str:
    text = " ".join(sql.split()) if len(sql) < 10_000 else sql[:most]
    return text if len(text) <= most else f"{text[:most]}... ({len(sql)} characters)"
