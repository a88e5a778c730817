"""What a database engine can do for a program of ours: a database that is its own, with a known schema.

`pynetdb.db.open_store` gives a Store. Here the statements are the program's and trusted, and many rows are
written at once; `engine.Engine` is for the statements of users.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

Row = tuple[Any, ...]


class StoreSchema(NamedTuple):
    """What makes a database a store: whose it is, of which version, and how its tables are made."""

    name: str
    """What such a database is called in messages: `journal`."""
    application_id: int
    """What tells it from everybody else's databases, 32 bits."""
    version: int
    """A store of a later version is not opened."""
    statements: Sequence[str]
    """What makes its tables and views."""


class Store(Protocol):
    """An open store, for one thread. Every method raises DatabaseError for what the database refuses."""

    def insert_row(self, sql: str, values: Row) -> int:
        """Insert one row, and return its number."""
        ...

    def write(self, statements: Mapping[str, Sequence[Row]]) -> int:
        """Run each statement for each of its rows, all or nothing, in order; return how many were left out.

        Those are the ones that contradict what is there: somebody has deleted what they refer to.
        """
        ...

    def fetch(self, sql: str, values: Row = ()) -> list[Row]:
        """Return the rows of a query."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...
