"""One statement and its rows."""

import re
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pynetdb.db.engine import Parameters, Rows
from pynetdb.db.sqlite.database import Database
from pynetdb.db.sqlite.errors import describe
from pynetdb.db.sqlite.identifiers import quote_identifier
from pynetdb.db.sqlite.read_only import ReadOnly
from pynetdb.db.sqlite.script import find_named_parameter, without_comments
from pynetdb.errors import CommandLineError, DatabaseError
from pynetdb.wording import format_count

if TYPE_CHECKING:
    from pynetdb.db.sqlite.pace import Pace

_TWO_WORDS = {"CREATE", "DROP", "ALTER"}

BLOCK = 1000
"""Rows handed on at a time."""


class Named(dict[str, Any]):
    """Values for `:name`, which remembers the names that the statement asked for."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.used: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.used.add(name)
        return super().__getitem__(name)


class Query:
    """A statement that runs, and its rows as they are asked for.

    Without `write` it may only read. Raises DatabaseError for what SQLite refuses, CommandLineError
    where parameters and statement do not belong together, DeadlineError when `db.within` is over.
    """

    def __init__(self, db: Database, sql: str, parameters: Parameters = (), write: bool = False) -> None:
        self.db = db
        self.sql = sql = sql.strip("; \t\r\n")
        if not without_comments(sql):
            raise DatabaseError(f"{db.path}: no statement")
        if not sql.isascii():
            try:
                sql.encode()
            except UnicodeEncodeError as error:
                raise CommandLineError("the statement is not UTF-8") from error
        words = re.findall(r"\w+", without_comments(sql)) or [sql]
        self.verb = " ".join(words[: 2 if words[0].upper() in _TWO_WORDS else 1]).upper()
        self.parameters = parameters
        self._guard = None if write else ReadOnly()
        self.asked = time.monotonic()
        """When the statement was begun."""
        self._cursor = self.run(sql)
        self.columns: list[str] | None = None
        """The names of the result's columns; None for a statement that has no result."""
        if self._cursor.description is not None:
            self.columns = [column[0] for column in self._cursor.description]
        self.numbers: Sequence[bool] | None = None
        """Each value says by itself whether it is a number."""
        self.found = False
        """Whether there was a row, once `blocks` has been asked for some."""
        self.changed = self._cursor.rowcount
        """How many rows it inserted, updated or deleted; -1 for any other statement."""
        if self.verb == "WITH" and write and self.columns is None:
            # Python looks at the first word alone, and takes it for a query.
            self.changed = db.connection.execute("SELECT changes()").fetchone()[0]

    def run(self, sql: str) -> sqlite3.Cursor:
        """Run a statement with the parameters and the rights of this query."""
        named = Named(self.parameters) if isinstance(self.parameters, Mapping) else None
        parameters = self.parameters if named is None else named
        with self.db.errors():
            if named is None and parameters and (name := find_named_parameter(sql)):
                raise CommandLineError(
                    f"the statement has a parameter :{name}", hint="value for a name", about=name
                )
            try:
                cursor = self._run_guarded(sql, parameters)
            except sqlite3.Error as error:
                self._explain_parameters(error)
                self._explain_statement(error)
                raise
            except (OverflowError, UnicodeEncodeError) as error:
                raise CommandLineError(f"a parameter that SQLite cannot hold: {error}") from error
        if named is not None and (unused := sorted(set(named) - named.used)):
            cursor.close()
            raise CommandLineError(f"{unused[0]}: the statement has no :{unused[0]}", hint="name of a value")
        return cursor

    def _run_guarded(self, sql: str, parameters: Parameters) -> sqlite3.Cursor:
        guard, connection = self._guard, self.db.connection
        if guard is None:
            return connection.execute(sql, parameters)
        refusal: sqlite3.DatabaseError | None = None
        for retry in (True, False):
            guard.refused = None
            self.db.authorize(guard)
            try:
                return connection.execute(sql, parameters)
            except sqlite3.DatabaseError as error:
                if guard.refused is None or "authoriz" not in str(error) + describe(error):
                    raise
                refusal = error
            finally:
                self.db.authorize(None)
            if retry:
                self._connect_virtual_tables()
        message = f"reading only, and this would {guard.refused}"
        raise DatabaseError(f"{self.db.path}: {message}", hint="reading only") from refusal

    def _connect_virtual_tables(self) -> None:
        """Let SQLite prepare what virtual tables need inside, once for a connection and without the guard.

        An R-tree prepares its INSERTs when it is first used, even by a SELECT, and the guard cannot tell
        them from the user's. They can change nothing: the file is open for reading only.
        """
        schemas = [row[1] for row in self.db.connection.execute("PRAGMA database_list")]
        for schema in map(quote_identifier, schemas):
            found = self.db.connection.execute(
                f"SELECT name FROM {schema}.sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL%'"  # noqa: S608 - quoted
            ).fetchall()
            for (name,) in found:
                # One that is broken is refused when it is asked for.
                with suppress(sqlite3.Error):
                    self.db.connection.execute(f"SELECT 1 FROM {schema}.{quote_identifier(name)} LIMIT 0")  # noqa: S608

    def _explain_parameters(self, error: sqlite3.Error) -> None:
        message = str(error)
        if isinstance(error, sqlite3.ProgrammingError):
            if "has no name" in message:
                raise CommandLineError("the statement has a parameter ?", hint="value for ?") from error
            if "supply a value for binding" in message:
                name = message.rsplit(" ", 1)[-1].strip(".':")
                raise CommandLineError(
                    f"the statement has a parameter :{name}", hint="value for a name", about=name
                ) from error
            if "number of bindings" in message:
                numbers = [int(word) for word in message.replace(",", " ").split() if word.isdigit()]
                wanted, given = numbers[0], numbers[-1]
                raise CommandLineError(
                    f"the statement has {format_count(wanted, 'parameter')} and got {given}",
                    hint="number of values",
                ) from error
        if "one statement at a time" in message:
            message = f"{self.db.path}: more than one statement, expected one"
            raise DatabaseError(message, hint="several statements") from error

    def _explain_statement(self, error: sqlite3.Error) -> None:
        from pynetdb.db.sqlite.suggestions import explain_error

        if (better := explain_error(self.db, self.sql, error)) is not None:
            raise better from error

    def blocks(self, limit: int | None = None, undecoded: bool = False) -> Iterator[Rows]:
        """The rows, at most `limit`, some at a time.

        With `undecoded` text arrives as a bytearray of its bytes: to decode a thousand of them at once
        costs much less than one by one. Raises DatabaseError, DeadlineError, or KeyboardInterrupt after ^C.
        """
        return take_rows(self.fetch(bytearray if undecoded else None), limit)

    def fetch(
        self, text: type[bytes] | type[bytearray] | None = None, pace: "Pace | None" = None
    ) -> Iterator[Rows]:
        """The rows, some at a time, with text as str or as what `text` makes of its bytes.

        With a `pace` those that come slowly come in smaller blocks.
        """
        from pynetdb.db.sqlite.pace import Pace

        count = 0
        pace = pace or Pace(BLOCK, BLOCK, steady=True)
        try:
            while self.columns is not None:
                with pace, self.db.errors(), self.db.text_as(text):
                    rows = self._cursor.fetchmany(pace.size)
                if not rows:
                    break
                count += len(rows)
                self.found = True
                yield rows
        finally:
            if self.db.narrator:
                self.db.narrate(self._cursor, None if self.columns is None else count)

    def close(self) -> None:
        """Let go of the rows that were not asked for."""
        self._cursor.close()


def take_rows(blocks: Iterator[Rows], limit: int | None) -> Iterator[Rows]:
    """The first `limit` rows of some blocks; None is all of them."""
    if limit is None:
        yield from blocks
        return
    for rows in blocks:
        yield rows[:limit]
        limit -= len(rows)
        if limit <= 0:
            return


def plan(db: Database, sql: str, parameters: Parameters) -> list[tuple[int, int, str]]:
    """Return SQLite's plan for a statement: number, number of the step that it is part of, description."""
    if without_comments(sql).lower().startswith("pragma"):
        # SQLite carries some out while it prepares them, even in order to explain them.
        raise DatabaseError(f"{db.path}: a PRAGMA has no plan")
    cursor = Query(db, f"EXPLAIN QUERY PLAN {sql}", parameters, write=True)
    return [(row[0], row[1], row[3]) for rows in cursor.blocks() for row in rows]
