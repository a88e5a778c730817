"""One test, two engines: a database that is a SQLite file, or one of a PostgreSQL server.

Tests call both by the name of a file, `school.db`. For PostgreSQL a command gets a URL in its place, and
what it says is read with the name again, so that the same words are expected of both.
"""

import re
import sqlite3
from pathlib import Path
from typing import Any

from postgres import Server

# What each engine says of the same.
_WORDS = {
    "UNIQUE constraint failed: students.id": 'duplicate key value violates unique constraint "students_pkey"',
    "NOT NULL constraint failed: students.name": 'null value in column "name"',
    "line 27: UNIQUE": "line 27: duplicate key",
    "datatype mismatch": "invalid input syntax for type bigint",
    "FOREIGN KEY": "foreign key",
    "no such table: nope": 'relation "nope" does not exist',
    'near "selec": syntax error': 'syntax error at or near "selec"',
}
_TYPES = {"bigint": "INTEGER", "numeric": "NUMERIC", "text": "TEXT", "bytea": "BLOB"}

_FILE = re.compile(r"[\w-]+\.db")


class Database:
    """The engine of the test that runs."""

    current: "Database"

    def __init__(self, server: Server | None) -> None:
        self.server = server
        self._urls: dict[str, str] = {}
        Database.current = self

    @property
    def is_sqlite(self) -> bool:
        return self.server is None

    def place(self, name: str) -> str:
        """What a command gets for a name."""
        if self.server is None:
            return name
        if name not in self._urls:
            self._urls[name] = self.server.empty(name.removesuffix(".db"))
        return self._urls[name]

    def run(self, runner: Any, *arguments: Any, **more: Any) -> Any:
        """Run a command by the fixture `run`."""
        if self.server is None:
            return runner(*arguments, **more)
        words = [
            self.place(word) if at == 1 and isinstance(word, str) and _FILE.fullmatch(word) else word
            for at, word in enumerate(arguments)
        ]
        done = runner(*words, **more)
        for name, url in self._urls.items():
            if isinstance(done.stdout, str):
                done.stdout, done.stderr = done.stdout.replace(url, name), done.stderr.replace(url, name)
        return done

    def path(self, name: str) -> Any:
        """What tests look at: a file, or something that reads like one."""
        if self.server is None:
            return Path.cwd() / name
        # It stands in the folder for the file that is there with SQLite.
        Path(name).touch()
        return _Contents(self, name)

    def words(self, told: str) -> str:
        """What this engine says where SQLite says `told`."""
        if self.server is not None:
            for words, others in _WORDS.items():
                told = told.replace(words, others)
        return told

    def declared(self, name: str, table: str) -> dict[str, str]:
        """The types of a table's columns, in SQLite's words."""
        if self.server is None:
            return dict(self.rows(name, f'SELECT name, type FROM pragma_table_info("{table}")'))
        found = self.rows(
            name,
            "SELECT column_name, data_type FROM information_schema.columns "
            f"WHERE table_name = '{table}' ORDER BY ordinal_position",
        )
        return {column: _TYPES.get(kind, kind) for column, kind in found}

    def objects(self, name: str, table: str) -> list[dict[str, Any]]:
        """The rows of a table by the names of its columns, as JSON has them."""
        names = list(self.declared(name, table))
        return [dict(zip(names, row, strict=True)) for row in self.rows(name, f'SELECT * FROM "{table}"')]

    def rows(self, name: str, sql: str) -> list[Any]:
        """Run a statement past our own code."""
        name = Path(name).name
        if self.server is not None:
            self.place(name)
            return self.server.execute(sql, name.removesuffix(".db"))
        connection = sqlite3.connect(name)
        try:
            connection.row_factory = None
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def run_script(self, name: str, sql: str) -> None:
        """Run several statements past our own code."""
        if self.server is not None:
            self.path(name)
            self.place(name)
            self.server.execute(sql, name.removesuffix(".db"))
            return
        connection = sqlite3.connect(name)
        connection.executescript(sql)
        connection.close()


class _Contents:
    """A database of PostgreSQL as tests look at files: the same bytes if nothing has changed."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self.name = name

    def __fspath__(self) -> str:
        return self.name

    def __str__(self) -> str:
        return self.name

    def read_bytes(self) -> bytes:
        tables = self._database.rows(
            self.name,
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1",
        )
        found = [(table, self._database.rows(self.name, f'SELECT * FROM "{table}"')) for (table,) in tables]
        return repr(found).encode()
