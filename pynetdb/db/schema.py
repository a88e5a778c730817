"""Tables and columns as structure: what an engine finds, and what it is asked to make."""

from typing import TYPE_CHECKING, NamedTuple

from pynetdb.errors import DatabaseError
from pynetdb.rows.names import casefold_ascii

if TYPE_CHECKING:
    from pynetdb.db.constraints import Constraint


class TableColumn(NamedTuple):
    """A column of a table that is there."""

    name: str
    type: str
    """As declared, empty where nothing was."""
    key: bool
    """Whether it is part of the primary key."""
    kind: str
    """What its values are by the engine's rules: `INTEGER`, `REAL`, `NUMERIC`, `TEXT` or `BLOB`."""
    generated: bool = False
    """Whether the database computes its values, so that none can be inserted."""


class Table(NamedTuple):
    """A table or a view."""

    name: str
    """As it was written when it was made."""
    columns: tuple[TableColumn, ...]
    view: bool
    fillable: bool = True
    """Whether rows can be inserted; into a view only where a trigger stands in for it."""
    broken: str | None = None
    """What keeps it from being read, such as a table that has gone."""

    @property
    def fillable_columns(self) -> list[TableColumn]:
        """The columns for which values can be inserted."""
        return [column for column in self.columns if not column.generated]

    def column(self, name: str) -> TableColumn | None:
        """Return the column of that name, in any case of its ASCII letters."""
        wanted = casefold_ascii(name)
        return next((column for column in self.columns if casefold_ascii(column.name) == wanted), None)

    def required_column(self, name: str, where: str) -> TableColumn:
        """Return the column of that name. Raises DatabaseError, which `where` begins, if there is none."""
        column = self.column(name)
        if column is None:
            known = ", ".join(column.name for column in self.columns[:20])
            told = f"{where}: no column {name!r} in table {self.name!r} (it has {known})"
            raise DatabaseError(told, hint="no column")
        return column


class NewColumn(NamedTuple):
    """A column to be made.

    It has either a `type`, in the words of the database, or a `kind`, for which the engine has a type.
    `type` goes into SQL as it is and must have been checked; everything else the engine quotes.
    """

    name: str
    type: str = ""
    kind: str | None = None
    """A kind of the lossless rule, where the column is made from data."""
    key: bool = False
    """Whether it is part of the primary key."""
    constraints: "tuple[Constraint, ...]" = ()
    """In the order in which they are written."""


class TableExistsError(DatabaseError):
    """The table that is to be made is there already."""
