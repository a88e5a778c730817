"""A database file, opened for reading, for writing or to be made, and its transactions."""

import _thread
import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

from pynetdb import interrupts
from pynetdb.db.engine import LOCK_TIMEOUT, Parameters
from pynetdb.db.sqlite.errors import error_name, translate_errors
from pynetdb.db.sqlite.file_uri import CREATE, READ, WRITE, file_uri, needs_no_lock
from pynetdb.db.sqlite.identifiers import quote_identifier
from pynetdb.db.sqlite.new_file import NewFile, identify_file
from pynetdb.errors import CommandLineError, DatabaseError, DeadlineError, PynetdbError
from pynetdb.narration import Narrator
from pynetdb.wording import format_count, shorten_sql

__all__ = ["CREATE", "MEMORY", "READ", "WRITE", "Database", "explain", "file_uri", "sqlite_version"]

MEMORY = ":memory:"

# The files of a database: itself, its rollback journal, its write-ahead log and that one's index.
_SUFFIXES = ("", "-journal", "-wal", "-shm")

# After so many instructions of its virtual machine (some milliseconds) SQLite asks whether to go on:
# a deadline is looked at, and ^C gets through.
_INSTRUCTIONS = 100_000


class BudgetError(Exception):
    """Something took longer than it was worth."""


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
        self._mode = mode
        self._lock_timeout = lock_timeout
        self._traced: list[str] = []
        self._deadline: float | None = None
        self._unlocked: dict[str, os.stat_result] = {}
        self._statements = 0
        self.running: int | None = None
        """The number of the statement that SQLite is at; None while it does nothing."""
        self._check(mode)
        self._connect()

    def _connect(self) -> None:
        path = self.path
        self._new_file = self._make_file()
        self.made = self._new_file is not None
        with ExitStack() as undo:
            with translate_errors(path):
                self.connection = self._open()
            undo.callback(self.discard)
            self._identity = None if path == MEMORY else identify_file(path)
            self.connection.text_factory = _text
            self.connection.set_progress_handler(self._go_on, _INSTRUCTIONS)
            with self.errors():
                if self.narrator:
                    self.connection.set_trace_callback(self._traced.append)
                # The first statement that reads: a file that is no database is refused here.
                self.connection.execute("PRAGMA schema_version").fetchone()
            self.execute("PRAGMA foreign_keys = ON")
            undo.pop_all()

    def _make_file(self) -> NewFile | None:
        """Make a missing file, so that we know it for ours; None if it is there."""
        if self._mode != CREATE or self.path == MEMORY or os.path.exists(self.path):
            return None
        try:
            return NewFile(self.path)
        except FileExistsError:
            return None
        except OSError as error:
            raise DatabaseError(f"{self.path}: {error.strerror}") from error

    def _check(self, mode: str) -> None:
        """Say in plain words what SQLite can only call "unable to open database file"."""
        if self.path == MEMORY:
            return
        if self.narrator.writes_into(self.path):
            raise CommandLineError(f"{self.path}: the trace would overwrite the database")
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

    def _open(self) -> sqlite3.Connection:
        address, note = self._address()
        connection = sqlite3.connect(address, uri=True, timeout=self._lock_timeout, isolation_level=None)
        if self.narrator:
            self.narrator.tell("sqlite", "open", [address], "connection", note=note)
        return connection

    def _address(self) -> tuple[str, str]:
        """Return the URI to be opened, and its explanation."""
        note = {
            READ: "mode=ro: it is opened for reading, SQLite itself refuses to write",
            WRITE: "mode=rw: for reading and writing, and only if the file exists",
            CREATE: "mode=rwc: for reading and writing, and it is made if it is missing",
        }[self._mode]
        if self.path == MEMORY:
            # A database in memory cannot be opened for reading only; nothing in it outlives the command.
            return "file::memory:", note
        address = file_uri(self.path, self._mode)
        if self._mode == READ and needs_no_lock(self.path):
            self._unlocked[self.path] = os.stat(self.path)
            address += "&immutable=1"
            note += "; immutable=1: nobody writes, so nothing is locked and no log is made to read it"
        return address, note

    def _check_unlocked(self) -> None:
        """Raise DatabaseError if somebody has written to a file that was read without a lock."""
        unlocked, self._unlocked = self._unlocked, {}
        for path, before in unlocked.items():
            now = os.stat(path)
            if (now.st_mtime_ns, now.st_size) != (before.st_mtime_ns, before.st_size):
                raise DatabaseError(f"{path}: was changed while it was read, ask again")

    def execute(self, sql: str, parameters: Parameters = ()) -> sqlite3.Cursor:
        """Run one statement. Raises DatabaseError, DeadlineError, or KeyboardInterrupt after ^C."""
        with self.errors():
            try:
                cursor = self.connection.execute(sql, parameters)
            except UnicodeEncodeError as error:
                raise CommandLineError(f"{error.object!r}: is not UTF-8") from error
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
            self.narrator.tell("sqlite", "sql", [shorten_sql(text)], result or "done", note=explain(text))

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Translate the errors of SQLite, and of an interrupted statement say why it was."""
        outer = self.running
        before = interrupts.latest()
        self._statements += 1
        self.running = self._statements
        try:
            with translate_errors(self.path):
                yield
        except PynetdbError as error:
            stop = interrupts.latest()
            if stop is not None and stop is not before:
                # It came within a function that SQLite calls, and SQLite made an error of it.
                raise stop from error
            if isinstance(error.__cause__, Exception) and error_name(error.__cause__) == "SQLITE_INTERRUPT":
                if self._deadline is not None and time.monotonic() > self._deadline:
                    raise DeadlineError(f"{self.path}: the statement did not end in time") from error
                raise KeyboardInterrupt from error
            raise
        finally:
            self.running = outer

    @contextmanager
    def transaction(self, keep: bool = True) -> Iterator[None]:
        """Everything in the block is written, or nothing is; nothing in any case unless it is to `keep`.

        BEGIN IMMEDIATE takes the write lock at once: two writers wait for each other here, and never
        find out at the end that one of them must give up.
        """
        self._begin()
        try:
            yield
            self.execute("COMMIT" if keep else "ROLLBACK")
        finally:
            # After some errors (no space, a failing disk) SQLite has rolled back by itself.
            if self.connection.in_transaction:
                self._deadline = None
                self.execute("ROLLBACK")

    def _begin(self) -> None:
        while True:
            try:
                self.execute("BEGIN IMMEDIATE")
            except DatabaseError:
                if not self._has_gone():
                    raise
            else:
                if not self._has_gone():
                    return
            # Whoever made the file had to give up while we waited, and has removed it again.
            self.connection.close()
            self._connect()

    def _has_gone(self) -> bool:
        """Whether another program has removed the file that is open, where a missing one is to be made."""
        return self._mode == CREATE and self.path != MEMORY and identify_file(self.path) != self._identity

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

    @contextmanager
    def budget(self, seconds: float) -> Iterator[None]:
        """In the block statements have so long at most; more is a DeadlineError, as it always is."""
        before = self._deadline
        end = time.monotonic() + seconds
        self._deadline = end if before is None else min(end, before)
        over, ending = _thread.allocate_lock(), _thread.allocate_lock()
        over.acquire()
        # Counting the rows of a large table is one instruction, within which SQLite asks nobody.
        with suppress(RuntimeError):
            _thread.start_new_thread(_interrupt_late, (self.connection, seconds, over, ending))
        try:
            yield
        except DeadlineError:
            if before is not None and time.monotonic() > before:
                raise
            raise BudgetError from None
        finally:
            with ending:
                over.release()
            self._deadline = before

    def attach(self, name: str, path: str, mode: str) -> None:
        """Make a second file readable as `name`.table. Raises DatabaseError."""
        other = Database(path, mode)  # Its errors are better than those of ATTACH.
        address, _ = other._address()
        self._unlocked |= other._unlocked
        other.close()
        self.execute(f"ATTACH DATABASE ? AS {quote_identifier(name)}", (address,))

    def owns_file(self, path: str) -> bool:
        """Whether a file is the database itself, an attached one, or one that SQLite keeps beside them."""
        wanted, name = identify_file(path), os.path.realpath(path)
        for _, _, file in self.connection.execute("PRAGMA database_list").fetchall():
            for own in [file + suffix for suffix in _SUFFIXES if file]:
                if os.path.realpath(own) == name or (wanted is not None and identify_file(own) == wanted):
                    return True
        return False

    def authorize(self, authorizer: "Callable[..., int] | None") -> None:
        """Ask `authorizer` about everything that a statement wants to do, from now on."""
        self.connection.set_authorizer(authorizer)

    def close(self) -> None:
        """Close the connection; what was not committed is rolled back.

        Raises DatabaseError if what was read may not belong together, because somebody wrote meanwhile.
        """
        self.connection.close()
        self._check_unlocked()

    def discard(self) -> None:
        """Close, and remove the file again if it was made here and nothing was written into it."""
        if self._new_file is None:
            self.connection.close()
            return
        self._new_file.remove(self.connection)
        self._new_file = None

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


def _interrupt_late(
    connection: sqlite3.Connection, seconds: float, over: "_thread.LockType", ending: "_thread.LockType"
) -> None:
    if over.acquire(timeout=seconds):
        return
    with ending:
        # Otherwise it has just ended: the next statement is not meant, nor is a connection that was closed.
        if over.locked():
            connection.interrupt()


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
