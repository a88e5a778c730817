"""Rows on their way into a table, many at a time."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple, Protocol


class Batch(NamedTuple):
    """Rows that were read together."""

    cells: list[Any]
    """All values, one row after the other: a flat list costs half of what a list of rows does."""
    line: int
    """The line on which the first row begins; 0 for a row that stands in no file."""
    lines: Sequence[int] | None
    """The line on which each row begins, where not every row is a line of its own."""
    done: int
    """How many bytes of the source had been read then."""
    item: int | None = None
    """Which item of an array the first row is; None for rows that are lines."""
    present: Sequence[Sequence[int]] | None = None
    """Which columns each row names, by their numbers, where not every row names all; the rest are None."""

    source: str | None = None
    """What its source is called, where the reader has several."""
    kinds: Sequence[str] | None = None
    """The kind of each column's values, where numbers stand as texts since all are written alike."""

    def count_rows(self, width: int) -> int:
        """Return how many rows of so many columns there are."""
        return len(self.cells) // width if self.lines is None else len(self.lines)

    def describe_place(self, row: int, source: str) -> str:
        """Say where a row of the batch stands in `source`, as messages begin."""
        source = self.source or source
        if not self.line:
            return source
        item = "" if self.item is None else f" item {self.item + row},"
        return f"{source}{item} line {self.line_of(row)}"

    def line_of(self, row: int) -> int:
        """Return the line on which a row of the batch begins."""
        return self.line + row if self.lines is None else self.lines[row]

    def without_others(self, numbers: Sequence[int], width: int) -> "Batch":
        """Return the batch with rows that name none but these of `width` columns."""
        present = self.present or [range(width)] * self.count_rows(width)
        wanted = set(numbers)
        return self._replace(present=[tuple(number for number in row if number in wanted) for row in present])

    def spread(self, places: Sequence[int], width: int) -> "Batch":
        """Return the batch with each column at its place among `width`; the others are not named."""
        rows = self.count_rows(len(places))
        cells: list[Any] = [None] * (rows * width)
        for number, place in enumerate(places):
            cells[place::width] = self.cells[number :: len(places)]
        kinds = None
        if self.kinds is not None:
            known = dict(zip(places, self.kinds, strict=True))
            kinds = [known.get(number, "") for number in range(width)]
        present = self.present
        if present is not None or len(places) < width:
            named = present or [range(len(places))] * rows
            present = [tuple(sorted(places[number] for number in row)) for row in named]
        return self._replace(cells=cells, present=present, kinds=kinds)

    def split_by_columns(self, width: int) -> Iterator[tuple[int, int]]:
        """Cut the batch where the next row names other columns; return the first rows and the ends."""
        if self.present is None:
            yield 0, self.count_rows(width)
            return
        start = 0
        for _, rows in groupby(self.present):
            end = start + sum(1 for _ in rows)
            yield start, end
            start = end


class Rule(Protocol):
    """How the values of a column and its kind belong together: TextRule or ValueRule.

    A kind is INTEGER, REAL, NUMERIC, TEXT or one of the rule's own; what it is called in SQL the engine
    knows.
    """

    def keeps(self, kind: str, /) -> bool: ...
    def infer(self, column: list[Any], /) -> tuple[str, list[Any]]: ...
    def merge_kinds(self, kind: str, other: str, /) -> str: ...
    def convert(self, column: list[Any], kind: str, /) -> list[Any] | None: ...
    def adapt(self, column: list[Any], kind: str, /) -> list[Any]: ...


class UnknownColumnError(Exception):
    """A row has a column that no row before it had."""

    def __init__(self, name: str, line: int) -> None:
        super().__init__(name, line)
        self.name = name
        self.line = line


class TypeMismatchError(Exception):
    """A value is not of the kind that its column seemed to have."""


class Reader(Protocol):
    """Gives the rows of a source: first the names of the columns, then the batches."""

    name: str
    """What the source is called in messages."""
    header: str
    """Where the names of the columns stand, for messages."""
    what: str
    """What the source holds, for messages: `data` or `values`."""
    columns: list[str]
    """The names of the columns."""
    named: bool
    """Whether the source itself names them; otherwise they stand for positions."""

    @property
    def cheap(self) -> bool:
        """Whether to make its rows costs no more than to hand them on to another process."""
        ...

    @property
    def rules(self) -> Sequence[Rule]:
        """The rule of each column."""
        ...

    def find_column(self, name: str) -> str:
        """Return where the source first names one of its columns, for messages."""
        ...

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


class ColumnConverter:
    """Makes of what was read what is kept, a whole column of a batch at a time.

    `kinds` has a kind for each column. Where it is a guess (`certain` is false: the column is made from the
    data) a value that is not exactly of that kind raises TypeMismatchError; where it is the type of a column
    that is there, or that the user wants, it is left to the database.
    """

    def __init__(self, rules: Sequence[Rule], kinds: Sequence[str], certain: Sequence[bool]) -> None:
        self._width = len(rules)
        columns = enumerate(zip(rules, kinds, certain, strict=True))
        # What stays as it is need not be taken out of the cells.
        self._columns = [(number, *column) for number, column in columns if not column[0].keeps(column[1])]

    def convert_all(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        """The batches, each with what is kept in place of what was read."""
        for batch in batches:
            self.convert(batch)
            yield batch

    def convert(self, batch: Batch) -> None:
        """Change the cells in place."""
        width = self._width
        cells = batch.cells
        for number, rule, kind, certain in self._columns:
            if batch.kinds is not None:
                if not certain and rule.merge_kinds(kind, batch.kinds[number]) != kind:
                    raise TypeMismatchError
                continue
            column = cells[number::width]
            values = rule.adapt(column, kind) if certain else rule.convert(column, kind)
            if values is None:
                raise TypeMismatchError
            if values is not column:
                cells[number::width] = values


def infer_types(rules: Sequence[Rule], cells: list[Any], known: Sequence[str | None]) -> list[str]:
    """Return the kinds of the columns of a batch, whose cells become values of those kinds, in place.

    `known` has the kind of each column that is no guess, None for the others.
    """
    width = len(rules)
    kinds = []
    for number, (rule, given) in enumerate(zip(rules, known, strict=True)):
        column = cells[number::width]
        kind, values = rule.infer(column) if given is None else (given, rule.adapt(column, given))
        kinds.append(kind)
        if values is not column:
            cells[number::width] = values
    return kinds


def widen_types(rules: Sequence[Rule], batch: Batch, kinds: Sequence[str]) -> list[str]:
    """Return the kinds that hold the columns of a batch as well as those of the batches before."""
    width = len(rules)
    if batch.kinds is not None:
        pairs = zip(kinds, batch.kinds, strict=True)
        return [rule.merge_kinds(*pair) for rule, pair in zip(rules, pairs, strict=True)]
    found = []
    for number, (rule, known) in enumerate(zip(rules, kinds, strict=True)):
        # What is TEXT stays TEXT, whatever comes.
        if known != "TEXT":
            known = rule.merge_kinds(known, rule.infer(batch.cells[number::width])[0])
        found.append(known)
    return found
