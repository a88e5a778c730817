"""The columns that a table made from data has: their names, their kinds, and why some are text."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pynetdb.db.schema import NewColumn
from pynetdb.errors import CommandLineError, DatabaseError
from pynetdb.rows.batch import ColumnConverter, Reader, Rule, widen_types
from pynetdb.rows.json_types import MIXED, ValueRule
from pynetdb.rows.names import casefold_ascii
from pynetdb.rows.text_types import EMPTY, TEXT, loses_point

if TYPE_CHECKING:
    from pynetdb.rows.data_file import DataFile


class InexactColumn(NamedTuple):
    """A column of numbers that is text, since one of them would come back as another text.

    `number` is what would come back; None for a decimal comma, of which nobody knows unless it is said, or
    where it was said, for a number that has none.
    """

    name: str
    text: str
    number: int | float | None
    comma_wanted: bool = False
    """Whether it was said that a comma stands before the fraction, and this text is no such number."""


def survey_file(
    data: "DataFile", keys: Sequence[str], types: Mapping[str, str]
) -> tuple[list[NewColumn], list[InexactColumn]]:
    """Read all of a data file, as `survey_columns` does; return those of numbers that are text as well."""
    detect = data.numbers != "text"
    source, reader = data.open(keep=True)
    with source:
        made = survey_columns(reader, keys, types, detect=detect)
        guesses = [(column.kind or "") if detect else "" for column in made]
        return made, find_inexact(reader, guesses, data.dialect.decimal == ",")


def survey_columns(
    reader: Reader, keys: Sequence[str], types: Mapping[str, str] | None = None, *, detect: bool = True
) -> list[NewColumn]:
    """Read all of a source for the columns that a table made from it has; `keys` are the primary key.

    `types` are the types of some columns in the words of the database; without `detect` the others are TEXT.
    Raises DatabaseError as `load` does, CommandLineError if one of `keys` or `types` is no column.
    """
    reader.learn_columns()
    reader.rewind()
    kinds = survey_kinds(reader) if detect else [TEXT] * len(reader.rules)
    return new_columns(reader, kinds, keys, types or {})


def survey_kinds(reader: Reader) -> list[str]:
    """Read all rows for the kinds of their columns."""
    rules = reader.rules
    kinds = [EMPTY] * len(rules)
    for batch in reader.batches():
        kinds = widen_types(rules, batch, kinds)
    return kinds


def has_column(reader: Reader, name: str) -> bool:
    """Whether the source has a column of that name."""
    return casefold_ascii(name) in map(casefold_ascii, reader.columns)


def find_type(types: Mapping[str, str], name: str) -> str | None:
    """Return the type that was given for a column, None for one that has none."""
    if not types:
        return None
    wanted = casefold_ascii(name)
    return next((given for column, given in types.items() if casefold_ascii(column) == wanted), None)


def new_columns(
    reader: Reader, kinds: Sequence[str], keys: Sequence[str], types: Mapping[str, str]
) -> list[NewColumn]:
    """Return the columns to be made of a source's; errors as `survey_columns` says."""
    names = reader.columns
    if not names:
        raise DatabaseError(f"{reader.name}: has no columns")
    known = ", ".join(names[:20])
    wanted = list(map(casefold_ascii, keys))
    for key in keys:
        if not has_column(reader, key):
            raise CommandLineError(f"{key}: no such column in {reader.name} ({known})", hint="key")
        if wanted.count(casefold_ascii(key)) > 1:
            raise CommandLineError(f"{key}: is given twice", hint="key")
    for name in types:
        if not has_column(reader, name):
            raise CommandLineError(f"{name}: no such column in {reader.name} ({known})", hint="column type")
    made = []
    for name, kind in zip(names, kinds, strict=True):
        declared = find_type(types, name)
        is_key = casefold_ascii(name) in wanted
        column = NewColumn(name, key=is_key)
        made.append(column._replace(kind=kind) if declared is None else column._replace(type=declared))
    return made


class InexactColumns:
    """Watches the columns of text in a table that is made, for those in which all are numbers.

    With `comma_wanted` numbers have been read with a comma before the fraction.
    """

    def __init__(self, names: Sequence[str], kinds: Sequence[str], comma_wanted: bool = False) -> None:
        self._names = names
        self._comma_wanted = comma_wanted
        watched = [number for number, kind in enumerate(kinds) if kind in (TEXT, MIXED)]
        # For each column that is numbers so far, the first that is not exactly one.
        self._found: dict[int, tuple[str, int | float | None] | None] = dict.fromkeys(watched)
        self._whole: dict[int, str] = {}
        # For each column that is numbers if commas stand before fractions, the first that has one.
        self._commas: dict[int, str | None] = {} if comma_wanted else dict.fromkeys(watched)

    @property
    def watches(self) -> bool:
        """Whether a column may still be one of numbers."""
        return bool(self._found or self._commas)

    def look(self, cells: Sequence[Any], start: int, end: int) -> None:
        """Look at the rows `start` to `end` of a batch with these cells."""
        if not self.watches:
            return
        from pynetdb.rows.column_rules import are_comma_numbers, are_numbers, find_decimal_comma

        width = len(self._names)
        for number in {**self._found, **self._commas}:
            texts = list(filter(None, cells[start * width + number : end * width : width]))
            if number in self._commas and not are_comma_numbers(texts):
                del self._commas[number]
            elif number in self._commas and self._commas[number] is None:
                self._commas[number] = find_decimal_comma(texts)
            if number not in self._found:
                continue
            if not are_numbers(texts):
                del self._found[number]
            elif self._found[number] is None:
                self._found[number] = self._find_inexact(number, texts)

    def _find_inexact(self, number: int, texts: Sequence[str]) -> tuple[str, int | float | None] | None:
        from pynetdb.rows.column_rules import are_comma_numbers, parse_number

        if self._comma_wanted:
            return next(((text, None) for text in texts if not are_comma_numbers([text])), None)
        for text in texts:
            value = parse_number(text)
            if repr(value) != text and value is not None:
                return text, value
            if isinstance(value, float) and loses_point(value):
                self._whole.setdefault(number, text)
        return None

    def result(self) -> list[InexactColumn]:
        """Return the columns that are numbers, in order, each with the first text that would be lost."""
        commas = [(self._names[number], text) for number, text in self._commas.items() if text is not None]
        inexact = [InexactColumn(name, text, None) for name, text in commas]
        for number, found in sorted(self._found.items()):
            if found is None and number in self._whole:
                # Among integers a whole number loses its point.
                text = self._whole[number]
                found = text, int(float(text))
            if found is not None:
                inexact.append(InexactColumn(self._names[number], *found, self._comma_wanted))
        return inexact


def watch_guesses(
    names: Sequence[str], rules: Sequence[Rule], kinds: Sequence[str], comma_wanted: bool
) -> InexactColumns:
    """Watch the columns that are text by the guess of their rules; no kind is no guess."""
    # Values of JSON say themselves whether they are numbers.
    typed = [isinstance(rule, ValueRule) for rule in rules]
    watched = [kind if not own or kind == MIXED else "" for kind, own in zip(kinds, typed, strict=True)]
    return InexactColumns(names, watched, comma_wanted)


def find_inexact(reader: Reader, kinds: Sequence[str], comma_wanted: bool) -> list[InexactColumn]:
    """Read rows from the beginning for columns of numbers that are text by a guess, as `watch_guesses`."""
    watcher = watch_guesses(reader.columns, reader.rules, kinds, comma_wanted)
    if watcher.watches:
        converter = ColumnConverter(reader.rules, kinds, [True] * len(kinds))
        reader.rewind()
        for batch in converter.convert_all(reader.batches()):
            watcher.look(batch.cells, 0, batch.count_rows(len(kinds)))
            if not watcher.watches:
                break
    return watcher.result()
