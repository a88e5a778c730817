"""Rows on their way into a table, many at a time."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol


class Batch(NamedTuple):
    """Rows that were read together."""

    cells: list[Any]
    """All values, one row after the other: a flat list costs half of what a list of rows does."""
    line: int
    """The line on which the first row begins."""
    lines: Sequence[int] | None
    """The line on which each row begins, where not every row is a line of its own."""
    done: int
    """How many bytes of the source had been read then."""

    def line_of(self, row: int) -> int:
        """Return the line on which a row of the batch begins."""
        return self.line + row if self.lines is None else self.lines[row]


class Rule(Protocol):
    """How values and the kinds of columns belong together: TextRule or ValueRule."""

    def kind_of(self, column: Sequence[Any], /) -> str: ...
    def common(self, kind: str, other: str, /) -> str: ...
    def converted(self, column: list[Any], kind: str, /) -> list[Any] | None: ...
    def offered(self, column: list[Any], affinity: str, /) -> list[Any]: ...


class UnknownColumnError(Exception):
    """A row has a column that no row before it had."""

    def __init__(self, name: str, line: int) -> None:
        super().__init__(name, line)
        self.name = name
        self.line = line


class KindsDifferError(Exception):
    """A value is not of the kind that its column seemed to have."""


class Reader(Protocol):
    """Gives the rows of a source: first the names of the columns, then the batches."""

    name: str
    """What the source is called in messages."""
    columns: list[str]
    """The names of the columns."""
    rule: Rule

    def batches(self) -> Iterator[Batch]:
        """Read on to the end.

        Raises DatabaseError where the text is not what it should be, and UnknownColumnError.
        """
        ...

    def learn_columns(self) -> None:
        """Read on to the end and take every name for a column."""
        ...

    def rewind(self) -> None:
        """Begin again with the first row."""
        ...


class Conversion:
    """Makes of what was read what is kept, a whole column of a batch at a time.

    `kinds` has a kind for each column. If they are a guess (`certain` is false: the table is made from
    the data) a value that is not exactly of its column's kind raises KindsDifferError; if they are the
    types of a table that is there, it is left to SQLite.
    """

    def __init__(self, rule: Rule, kinds: Sequence[str], certain: bool) -> None:
        self._rule = rule
        self._kinds = tuple(kinds)
        self._certain = certain

    def apply(self, cells: list[Any]) -> None:
        """Change the cells in place."""
        width = len(self._kinds)
        for number, kind in enumerate(self._kinds):
            column = cells[number::width]
            values = self._rule.offered(column, kind) if self._certain else self._rule.converted(column, kind)
            if values is None:
                raise KindsDifferError
            if values is not column:
                cells[number::width] = values


def kinds_in(rule: Rule, cells: Sequence[Any], width: int, kinds: Sequence[str] | None = None) -> list[str]:
    """Return the kinds of the columns of a batch, together with those of the batches before."""
    found = []
    for number in range(width):
        known = kinds[number] if kinds else ""
        # What is TEXT stays TEXT, whatever comes.
        found.append(known if known == "TEXT" else rule.common(known, rule.kind_of(cells[number::width])))
    return found
