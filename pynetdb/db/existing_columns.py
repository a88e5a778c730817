"""What data find in a table that is there and may not be what their user thinks."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pynetdb.db.data_columns import InexactColumn, InexactColumns, find_type
from pynetdb.db.schema import Table, TableColumn
from pynetdb.errors import DatabaseError
from pynetdb.rows.names import casefold_ascii
from pynetdb.rows.text_types import INTEGER, NUMERIC, REAL, TEXT


class TextsAmongNumbers(NamedTuple):
    """A column of numbers that has got texts which are none."""

    name: str
    type: str
    """As declared."""
    text: str
    """The first of them."""
    number: int
    """How many there are."""
    comma: bool
    """Whether that one is a number if a comma stands before the fraction."""


class ExistingColumns(NamedTuple):
    """What is worth knowing of the columns of a table that was there already."""

    texts: Sequence[TextsAmongNumbers] = ()
    kept: Sequence[InexactColumn] = ()
    """Columns of TEXT which keep numbers as texts, although the user has said how to read them."""
    types: Sequence[str] = ()
    """Columns that have another type than the user names."""
    keys: Sequence[str] | None = None
    """The table's key, where it is not the one that the user names."""
    computed: Sequence[str] = ()
    """Columns that the database computes, for which the data have values."""


class ExistingTable:
    """Watches what goes into a table that is there."""

    def __init__(self, table: Table, columns: Sequence[TableColumn], numbers_wanted: bool) -> None:
        self._table = table
        self._columns = columns
        self._numbers = [number for number, column in enumerate(columns) if _holds_numbers(column)]
        self._found: dict[int, tuple[str, int]] = {}
        watched = [numbers_wanted and column.kind == TEXT and column in table.columns for column in columns]
        self._kept = InexactColumns(
            [column.name for column in columns], [TEXT if watch else "" for watch in watched]
        )
        self._generated = {number for number, column in enumerate(columns) if column.generated}
        self._computed: set[int] = set()

    def look(self, cells: Sequence[Any], start: int, end: int) -> None:
        """Look at the rows `start` to `end` of a batch with these cells, converted."""
        width = len(self._columns)
        for number in self._generated - self._computed:
            if not {None, ""}.issuperset(cells[start * width + number : end * width : width]):
                self._computed.add(number)
        for number in self._numbers:
            column = cells[start * width + number : end * width : width]
            # As good as always all of them are numbers by now.
            if str not in set(map(type, column)):
                continue
            from pynetdb.rows.column_rules import is_number

            texts = [text for text in column if isinstance(text, str) and text and not is_number(text)]
            if texts:
                first, count = self._found.get(number, (texts[0], 0))
                self._found[number] = first, count + len(texts)
        self._kept.look(cells, start, end)

    def result(
        self, keys: Sequence[str], types: Mapping[str, str], kind_of: Callable[[str], str]
    ) -> ExistingColumns:
        """Return what was found, and what of these keys and types the table has not.

        `kind_of` gives the kind of a type in the words of the database.
        """
        texts = []
        for number, (text, count) in sorted(self._found.items()):
            column = self._columns[number]
            texts.append(TextsAmongNumbers(column.name, column.type, text, count, _has_comma(text)))
        other = []
        for column in self._columns if types else ():
            wanted = find_type(types, column.name)
            if wanted is not None and column in self._table.columns and kind_of(wanted) != column.kind:
                other.append(column.name)
        own = [column.name for column in self._table.columns if column.key]
        differs = bool(keys) and _folded(keys) != _folded(own)
        computed = [self._columns[number].name for number in sorted(self._computed)]
        return ExistingColumns(texts, self._kept.result(), other, own if differs else None, computed)


def refuse_row(place: str, message: str, values: Iterable[Any]) -> DatabaseError:
    """Return the error for a row of a file in which a text is no number: perhaps it has a decimal comma."""
    comma = next((value for value in values if isinstance(value, str) and _has_comma(value)), None)
    hint = None if comma is None else "decimal comma"
    return DatabaseError(f"{place}: {message}", hint=hint, about=comma or "")


def _has_comma(text: str) -> bool:
    """Whether a text is a number with a decimal comma."""
    from pynetdb.rows.column_rules import are_comma_numbers

    return "," in text and are_comma_numbers([text])


def _folded(names: Iterable[str]) -> set[str]:
    return set(map(casefold_ascii, names))


def _holds_numbers(column: TableColumn) -> bool:
    """Whether a column is for numbers: NUMERIC alone is also what SQLite takes DATE and BOOLEAN for."""
    declared = column.type.upper()
    numeric = column.kind == NUMERIC and ("NUM" in declared or "DEC" in declared)
    return not column.generated and (numeric or column.kind in (INTEGER, REAL))
