"""What an insertion is to do, and what came of it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pynetdb.db.data_columns import InexactColumn
from pynetdb.db.engine import OnConflict
from pynetdb.db.existing_columns import ExistingColumns

if TYPE_CHECKING:
    from pynetdb.rows.data_file import DataFile


class LoadOptions(NamedTuple):
    """What the user wants of an insertion."""

    table: str
    create: bool = False
    """Make the table from the data if it is missing."""
    keys: tuple[str, ...] = ()
    """The columns that become its primary key."""
    on_conflict: OnConflict = "abort"
    batch_size: int | None = None
    """Commit after so many rows; None is once, at the end."""
    detect: bool = True
    """Give a table that is made the types of the data; otherwise all is TEXT."""
    dry_run: bool = False
    """Do everything but the COMMIT, and keep no database that was made for it."""
    types: Mapping[str, str] = {}
    """The types of some columns of a table that is made, in the words of the database."""
    alter: bool = False
    """Add the columns that the data have and the table has not."""
    numbers_wanted: bool = False
    """Whether the user has said what numbers look like, and so expects some."""
    comma_wanted: bool = False
    """Whether it is a comma before the fraction that the user has said."""

    def for_data(self, data: "DataFile") -> "LoadOptions":
        """Return the options with what is said of the numbers in the data."""
        decimal = data.dialect.decimal
        wanted = data.numbers == "numeric" or decimal is not None
        return self._replace(numbers_wanted=wanted, comma_wanted=decimal == ",")


class LoadResult(NamedTuple):
    """What came of it."""

    rows: int
    """Rows inserted, replaced or updated."""
    ignored: int
    """Rows left out because their key was there already."""
    created: bool
    """Whether the table was made."""
    seconds: float
    inexact: Sequence[InexactColumn] = ()
    """Columns of numbers that a table made from the data has as text."""
    added: Sequence[str] = ()
    """Columns that the table did not have."""
    existing: ExistingColumns = ExistingColumns()
    """What a table that was there already made other than the user may think."""
    remark: str = ""
    """What is worth knowing of the way to the database."""
