"""What a database engine can do: the small protocol that everything above the engines speaks.

Nothing that holds an Engine asks which one it is. Every method raises DatabaseError for what the
database refuses and DeadlineError when the time of `limited` is over; each engine translates its own
library's errors, and begins their messages with `place`.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Literal, Protocol

from pynetdb.errors import DatabaseError

if TYPE_CHECKING:
    from pynetdb.db.schema import NewColumn, Table, TableColumn
    from pynetdb.rows.batch import Batch

Mode = Literal["read", "write", "create"]
"""`read` can change nothing, `write` needs a database that is there, `create` makes a missing one."""

OnConflict = Literal["abort", "ignore", "replace", "update"]
"""A row whose key is there already is refused, left out, put in the old one's place, or merged into it."""

TextFormat = Literal["json", "jsonl", "csv", "tsv", "raw"]

Parameters = Sequence[Any] | Mapping[str, Any]
"""Values for `?` by position, or for `:name` by name."""

Rows = list[tuple[Any, ...]]

LOCK_TIMEOUT = 5.0
"""Seconds that a lock held by another program is waited for."""


class TransactionConflictError(DatabaseError):
    """Another transaction was in the way of this one, which has been undone and may be tried again."""


class Insertion(Protocol):
    """Rows on their way into some columns of a table."""

    def insert(self, batch: "Batch", start: int, end: int) -> None:
        """Insert the rows `start` to `end` of a batch; an error names the line of the row at fault.

        With `batch.present` all of them name the same columns; what they do not name is left to the table.
        """
        ...

    def end(self) -> int:
        """Return how many rows were inserted, replaced or updated, all of which are in the table now."""
        ...


class Query(Protocol):
    """A statement that was run, and its rows as they are asked for."""

    columns: list[str] | None
    """The names of the result's columns; None for a statement that has no result."""
    numbers: Sequence[bool] | None
    """Which columns are numbers, whatever their values look like; None where the values themselves say it."""
    found: bool
    """Whether there was a row, once some have been asked for."""
    verb: str
    """The statement's first words: `CREATE TABLE`, `SELECT`."""
    changed: int
    """How many rows it inserted, updated or deleted; -1 for any other statement."""

    def blocks(self, limit: int | None = None, undecoded: bool = False) -> Iterator[Rows]:
        """The rows, at most `limit`, some at a time.

        With `undecoded` a text may be a bytearray of its bytes, and a number of one of `numbers` its text,
        which costs less; bytes are a BLOB.
        """
        ...

    def text_blocks(self, form: TextFormat, limit: int | None = None, null: str = "") -> Iterator[bytes]:
        """The rows, at most `limit`, as ready-made text, in pieces that end where a row does.

        `null` stands for a missing value in CSV and TSV.
        """
        ...


class Engine(Protocol):
    """One database, opened by `pynetdb.db.open`; statements outside of `transaction` commit by themselves."""

    place: str
    """What the database is called in messages; never holds a password."""
    version: str
    """Name and version of the engine: `SQLite 3.45.1`."""
    remark: str
    """What is worth knowing of the way to the database; nothing for a file."""

    def transaction(self, keep: bool = True) -> AbstractContextManager[None]:
        """Everything in the block is written, or nothing is; nothing in any case unless it is to `keep`."""
        ...

    def limited(self, seconds: float | None) -> AbstractContextManager[None]:
        """In the block statements have so long, all together; None is for ever. ^C ends one as well.

        For the main thread of a command: a library that hears of neither ends with the process.
        """
        ...

    def close(self, keep: bool = True) -> None:
        """Let go of the database; unless it is to `keep`, one that was made when it was opened is removed."""
        ...

    def ensure_exists(self) -> bool:
        """Return whether the database was made when it was opened; then it lasts, even with nothing in it."""
        ...

    def find_table(self, name: str) -> "Table | None":
        """Return the table or view of that name, or None."""
        ...

    def all_tables(self) -> "list[Table]":
        """Return every table and view but the engine's own, by name."""
        ...

    def measure(self, table: str | None, seconds: float | None = None) -> tuple[int | None, int | None]:
        """Return how many rows a table has and how many bytes it takes, each None where that takes longer.

        None in place of a table is the whole database, whose rows are not counted.
        """
        ...

    def statements(self) -> list[tuple[str, str]]:
        """Return name and CREATE statement of everything that was made."""
        ...

    def create_table(self, table: str, columns: "Sequence[NewColumn]", strict: bool = False) -> "Table":
        """Make and return a table; a `strict` one refuses values of other types. Raises TableExistsError."""
        ...

    def describe_column(self, column: "NewColumn") -> "TableColumn":
        """Return what a column is once it is made: the database's own type and kind."""
        ...

    def add_columns(self, table: "Table", columns: "Sequence[NewColumn]") -> "Table":
        """Add columns to a table, without values in its rows; return it as it is then."""
        ...

    def drop_table(self, table: "Table") -> None:
        """Remove a table or view with its rows."""
        ...

    def start_insert(
        self, table: "Table", columns: Sequence[str], source: str, on_conflict: OnConflict = "abort"
    ) -> Insertion:
        """Begin to fill some columns of a table, within a transaction; `source` begins errors' messages."""
        ...

    def query(self, sql: str, parameters: Parameters = (), write: bool = False) -> Query:
        """Run one statement of the user's, which may only read unless it may `write`.

        Raises CommandLineError where parameters and statement do not belong together.
        """
        ...

    def plan(self, sql: str, parameters: Parameters = ()) -> list[tuple[int, int, str]]:
        """Return how a statement would be carried out: number of each step, that of its parent, words."""
        ...

    def split_statements(self, text: str) -> list[str]:
        """Return the statements of a text, each with its semicolon."""
        ...

    def ends_transactions(self, statements: Sequence[str]) -> bool:
        """Whether one of the statements begins or ends a transaction by itself."""
        ...

    def run_script(self, text: str, name: str, within: bool = False) -> int:
        """Run every statement of a text, all or nothing; return how many. `name` begins messages.

        `within` says that a transaction has been begun, which is the caller's to end.
        """
        ...

    def owns_file(self, path: str) -> bool:
        """Whether a file is part of the database: what is written there would destroy it."""
        ...

    def attach(self, name: str, place: str) -> None:
        """Make the tables of another database readable as `name`.table."""
        ...
