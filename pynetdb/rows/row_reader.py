"""One row that was written out by name, read as a source of a single batch."""

from collections.abc import Iterator, Sequence

from pynetdb.errors import CommandLineError
from pynetdb.rows.assignments import Assignment
from pynetdb.rows.batch import Batch, Rule
from pynetdb.rows.json_types import ValueRule
from pynetdb.rows.names import casefold_ascii
from pynetdb.rows.text_types import make_text_rule


class RowReader:
    """Gives the one row that assignments make: a Reader. `name` begins messages about it.

    Raises CommandLineError for a name given twice.
    """

    what = "values"
    cheap = True
    named = True

    def __init__(
        self, row: Sequence[Assignment], name: str, numbers: str = "detect", *, exact: bool = False
    ) -> None:
        """`numbers` and `exact` are as in a DataFile: which texts are numbers, and where they go."""
        self.name = self.header = name
        self.columns = [given.name for given in row]
        rule = make_text_rule(numbers, exact)
        self.rules: list[Rule] = [ValueRule() if given.typed else rule for given in row]
        self._values = [given.value for given in row]
        names = list(map(casefold_ascii, self.columns))
        for given, folded in zip(row, names, strict=True):
            if names.count(folded) > 1:
                raise CommandLineError(f"{given.name!r} is given twice")

    def find_column(self, name: str) -> str:
        return self.header

    def batches(self) -> Iterator[Batch]:
        """The row."""
        yield Batch(list(self._values), 0, None, 0)

    def learn_columns(self) -> None:
        """They are given."""

    def rewind(self) -> None:
        """The row is there at any time."""
