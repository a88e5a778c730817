"""Rows from JSON: an array of objects, one object, or an object a line (JSON lines)."""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any, NoReturn

from pynetdb.errors import DatabaseError
from pynetdb.rows.batch import Batch, Rule, UnknownColumnError
from pynetdb.rows.json_array import read_array
from pynetdb.rows.json_columns import KeyColumns, UnknownKeyError
from pynetdb.rows.json_line_pattern import WrittenRows
from pynetdb.rows.json_lines import JsonLines
from pynetdb.rows.json_places import Places, Row
from pynetdb.rows.json_shapes import find_rows, flatten_row
from pynetdb.rows.json_types import ValueRule
from pynetdb.rows.json_values import DuplicateKeyError, RowDecoder, UnfitValueError
from pynetdb.rows.source import Source
from pynetdb.rows.text_types import LARGEST, SMALLEST

Group = tuple[Sequence[Row] | WrittenRows, Sequence[int]]
"""Rows that were read together, and the line of each."""


class JsonReader:
    """Reads objects from a source; the keys of the first batch are the columns, in any case of ASCII letters.

    `lines` says that each line is an object, otherwise the text is one array of objects or one object: a
    row, or GeoJSON (RFC 7946). Where `at` are keys, an object holds rows, to which they lead. With `flatten`
    the members of objects in rows are columns of their own, and with `keep_numbers` numbers are texts.
    `exact` says that rows go where numbers are taken as they are written; then those of lines may be
    (`Batch.kinds`). `rule` is that of the columns, `tell` is told of what is not as it was in the source.
    A key that a row does not have is not named in it (`Batch.present`). Raises DatabaseError, by the line
    and in an array by the item, for what is not JSON or does not fit into a column, and
    UnknownColumnError for a key that is not among the columns.
    """

    what = "data"
    named = True

    def __init__(
        self,
        source: Source,
        lines: bool,
        *,
        at: Sequence[str] | None = None,
        flatten: bool = False,
        keep_numbers: bool = False,
        exact: bool = False,
        rule: Rule | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.name = source.name
        self.header = f"{source.name} line 1"
        self._source = source
        self._places = Places(source.name, lines)
        self._at = at
        self._flatten = flatten
        self._tell = tell
        self._told: set[str] = set()
        self._inexact = False
        self._exact = exact and not flatten and at is None
        self._rule = rule or ValueRule()
        self._decoder = RowDecoder(keep_numbers, tell and self._tell_inexact)
        self._keys = KeyColumns()
        self.columns: list[str] = self._keys.names
        self._begin()

    def _begin(self) -> None:
        self._groups = self._read_flat() if self._flatten else self._read()
        self._item = 1
        # These are never as they are written: only they say how others are.
        self._first = next(self._groups, None)
        if self._first is not None and not self._keys.names:
            self._keys.add(dict.fromkeys(chain.from_iterable(self._first[0])))

    def _read(self) -> Iterator[Group]:
        source, decoder, places, at = self._source, self._decoder, self._places, self._at
        self._lines = None
        if not places.lines:
            yield from read_array(source, decoder, places, at, self._tell_once)
            return
        self._lines = JsonLines(source, decoder, places, as_written=self._exact)
        if at is None:
            yield from self._lines.groups()
            return
        for rows, lines in self._lines.groups():
            assert not isinstance(rows, WrittenRows)  # noqa: S101 - what holds rows is parsed
            held = [find_rows(row, at, places, line) for row, line in zip(rows, lines, strict=True)]
            found = list(chain.from_iterable(held))
            if found:
                yield found, [line for some, line in zip(held, lines, strict=True) for _ in some]

    @property
    def cheap(self) -> bool:
        return self._lines is not None and self._lines.has_pattern

    @property
    def rules(self) -> list[Rule]:
        return [self._rule] * len(self.columns)

    def rewind(self) -> None:
        self._source.rewind()
        self._begin()

    def learn_columns(self) -> None:
        for rows, _ in self._groups:
            if not isinstance(rows, WrittenRows):
                self._keys.add(dict.fromkeys(chain.from_iterable(rows)))

    def find_column(self, name: str) -> str:
        rows, lines = self._first or ((), ())
        for item, (row, line) in enumerate(zip(rows, lines, strict=True), 1):
            if name in row:
                return self._places.describe(line, None if self._places.lines else item)
        return self.name

    def batches(self) -> Iterator[Batch]:
        group = self._first
        while group is not None:
            yield self._batch(*group)
            group = next(self._groups, None)

    def _tell_once(self, note: str) -> None:
        if self._tell is not None and note not in self._told:
            self._told.add(note)
            self._tell(note)

    def _tell_inexact(self, text: str) -> None:
        # The first of them stands for all.
        if not self._inexact:
            self._inexact = True
            self._tell_once(f"{self.name}: {text} has more digits than a number can keep")

    def _batch(self, rows: Sequence[Row] | WrittenRows, lines: Sequence[int]) -> Batch:
        columns = self.columns
        if isinstance(rows, WrittenRows):
            batch = Batch(rows.cells, lines[0], lines, self._source.done, kinds=rows.kinds)
            return batch if rows.keys == columns else self._spread(batch, rows.keys)
        width = len(columns)
        item = None if self._places.lines else self._item
        self._item += len(rows)
        present = None
        try:
            # All rows have all columns and no other: the common case, at the speed of C.
            if set(map(len, rows)) != {width} or not width:
                raise KeyError
            cells = (
                list(map(itemgetter(columns[0]), rows))
                if width == 1
                else list(chain.from_iterable(map(itemgetter(*columns), rows)))
            )
        except KeyError:
            cells, present = self._place(rows, lines, item)
        for number in range(width):
            column = cells[number::width]
            if not _fits(column):
                batch = Batch(cells, lines[0], lines, self._source.done, item)
                cells[number::width] = self._to_storable(column, columns[number], batch)
        return Batch(cells, lines[0], lines, self._source.done, item, present)

    def _place(
        self, rows: Sequence[Row], lines: Sequence[int], first: int | None
    ) -> tuple[list[Any], list[tuple[int, ...]]]:
        """Return the cells of rows that have not all the same keys, and which columns each names."""
        keys, columns = self._keys, self.columns
        found = []
        for at, row in enumerate(rows if keys.respelled or not self._are_known(rows) else ()):
            try:
                numbers = keys.find(row)
            except (UnknownKeyError, DuplicateKeyError) as error:
                self._refuse(error, lines[at], None if first is None else first + at)
            found.append({columns[number]: row[key] for key, number in zip(row, numbers, strict=True)})
        rows = found or rows
        known = keys.numbers.__getitem__
        present = [tuple(sorted(map(known, row))) for row in rows]
        return [row.get(column) for row in rows for column in columns], present

    def _are_known(self, rows: Sequence[Row]) -> bool:
        """Whether all keys of the rows have been met."""
        return self._keys.numbers.keys() >= set().union(*rows)

    def _refuse(self, error: Exception, line: int, item: int | None) -> NoReturn:
        if isinstance(error, UnknownKeyError):
            raise UnknownColumnError(str(error.args[0]), line) from None
        raise self._places.error(line, str(error), item) from error

    def _spread(self, batch: Batch, keys: Sequence[str]) -> Batch:
        try:
            return batch.spread(self._keys.find(keys), len(self.columns))
        except (UnknownKeyError, DuplicateKeyError) as error:
            self._refuse(error, batch.line, None)

    def _to_storable(self, column: Sequence[Any], name: str, batch: Batch) -> list[Any]:
        decoder, values = self._decoder, []
        for row, value in enumerate(column):
            try:
                values.append(decoder.to_storable(value))
            except UnfitValueError as error:
                place = batch.describe_place(row, self.name)
                raise DatabaseError(f"{place}: {name!r} is {error}") from error
        return values

    def _read_flat(self) -> Iterator[Group]:
        item = 1
        for rows, lines in self._read():
            assert not isinstance(rows, WrittenRows)  # noqa: S101 - what is flattened is parsed
            flat = []
            for at, (row, line) in enumerate(zip(rows, lines, strict=True), item):
                place = None if self._places.lines else at
                try:
                    flat.append(flatten_row(row))
                except DuplicateKeyError as error:
                    raise self._places.error(line, str(error), place) from error
                except RecursionError as error:
                    raise self._places.error(line, "nested too deeply", place) from error
            item += len(rows)
            yield flat, lines


def _fits(column: Sequence[Any]) -> bool:
    """Whether all values can be kept as they are; lone surrogates show when they are bound."""
    types = set(map(type, column))
    if not types <= {str, int, float, type(None)}:
        return False
    if int in types:
        numbers = column if types == {int} else [value for value in column if type(value) is int]
        if min(numbers) < SMALLEST or max(numbers) > LARGEST:
            return False
    if float in types:
        floats = column if types == {float} else [value for value in column if type(value) is float]
        return all(map(math.isfinite, floats))
    return True
