"""What a database engine can do for a program of ours: a database that is its own, with a known schema.

`pynetdb.db.open_store` gives a Store. Here the tables and statements are the program's and trusted, and
many rows are written at once; `engine.Engine` is for the statements of users. Tables and inserts are data,
from which each engine makes its own SQL. Whatever else is said in SQL uses words that all engines have in
common, and `?` for a value.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol

Row = tuple[Any, ...]

Kind = Literal["number", "integer", "real", "text", "json", "bytes"]
"""What a column holds. A `number` is the key by which the database counts rows; `json` is kept as a text.

Texts are compared by their code points, whatever language a server is set to.
"""


class StoreColumn(NamedTuple):
    """A column of a table."""

    name: str
    kind: Kind
    comment: str = ""
    required: bool = False
    table: str = ""
    """The table whose number it holds."""
    one_of: Sequence[str] = ()
    """The only texts that it takes; any if there are none."""
    default: int | None = None


class ForeignKey(NamedTuple):
    """Columns that hold the key of a row of another table."""

    columns: Sequence[str]
    table: str
    key: Sequence[str]


class StoreTable(NamedTuple):
    """A table."""

    name: str
    columns: Sequence[StoreColumn]
    key: Sequence[str] = ()
    """Its primary key, where no column of it is a `number`."""
    references: Sequence[ForeignKey] = ()


class StoreIndex(NamedTuple):
    """What makes looking up rows by some columns quick."""

    name: str
    table: str
    columns: Sequence[str]


class StoreSchema(NamedTuple):
    """What makes a database a store: whose it is, of which version, and what is in it."""

    name: str
    """What such a database is called in messages: `journal`."""
    application_id: int
    """What tells it from everybody else's databases, 32 bits."""
    version: int
    """A store of a later version is not opened."""
    tables: Sequence[StoreTable]
    indexes: Sequence[StoreIndex] = ()
    views: Mapping[str, str] = {}
    """The query of each view, by its name."""

    def columns_of(self, table: str) -> Sequence[StoreColumn]:
        """Return the columns of the table of that name."""
        return next(each.columns for each in self.tables if each.name == table)


class Insert(NamedTuple):
    """A statement that inserts a row with values for some columns."""

    table: str
    columns: tuple[str, ...]
    constants: tuple[tuple[str, str], ...] = ()
    """Columns that get the same text in each row, with their texts."""
    on_conflict: str = ""
    """The words of `ON CONFLICT` that say what happens to a row that is there already."""

    @property
    def names(self) -> list[str]:
        """All columns that get a value, those with constants last."""
        return [*self.columns, *(name for name, _ in self.constants)]


class Update(NamedTuple):
    """A statement that changes rows."""

    sql: str


Statement = Insert | Update


class Store(Protocol):
    """An open store, for one thread.

    Every method raises DatabaseError for what the database refuses, and NetworkError for a server that cannot
    be asked, or does not answer in time; the next call then tries to reach it again.
    """

    place: str
    """Where it is, as messages may tell it."""

    def insert_row(self, statement: Insert, values: Row) -> int:
        """Insert one row, and return its number."""
        ...

    def write(self, statements: Mapping[Statement, Sequence[Row]]) -> int:
        """Run each statement for each of its rows, all or nothing, in order; return how many were left out.

        Those are the ones that contradict what is there: somebody has deleted what they refer to. After an
        error the same statements are to be given again, before any others: if nobody knows whether they were
        written, they are written once all the same.
        """
        ...

    def fetch(self, sql: str, values: Row = ()) -> list[Row]:
        """Return the rows of a query."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...
