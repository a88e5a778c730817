"""Rows from JSON: an array of objects, one object, or an object a line (JSON lines)."""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

from pynetdb.errors import DatabaseError
from pynetdb.rows.batch import Batch, Rule, UnknownColumnError
from pynetdb.rows.json_array import read_array
from pynetdb.rows.json_line_pattern import WrittenRows
from pynetdb.rows.json_lines import JsonLines
from pynetdb.rows.json_places import Places, Row
from pynetdb.rows.json_shapes import flatten_row
from pynetdb.rows.json_types import ValueRule
from pynetdb.rows.json_values import DuplicateKeyError, UnfitValueError, make_row_decoder, to_storable
from pynetdb.rows.source import Source
from pynetdb.rows.text_types import LARGEST, SMALLEST

Group = tuple[Sequence[Row] | WrittenRows, Sequence[int]]
"""Rows that were read together, and the line of each."""


class JsonReader:
    """Reads objects from a source; the keys of the first batch are the columns.

    `lines` says that each line is an object, otherwise the text is one array of objects or one object: a
    row, or GeoJSON (RFC 7946), or where `at` leads to what holds the rows. With `flatten` the members of
    objects in rows are columns of their own, and with `keep_numbers` numbers are texts. `exact` says that
    rows go where numbers are taken as they are written; then those of lines may be (`Batch.kinds`).
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
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.name = source.name
        self.header = f"{source.name} line 1"
        self._source = source
        self._places = Places(source.name, lines)
        self._at = at
        self._flatten = flatten
        self._tell = tell
        self._keep_numbers = keep_numbers
        self._exact = exact and not flatten
        self._decoder = make_row_decoder(keep_numbers, self._tell_inexact if tell else None)
        self.columns: list[str] = []
        self._begin()

    def _begin(self) -> None:
        self._groups = self._read_flat() if self._flatten else self._read()
        self._item = 1
        # These are never as they are written: only they say how others are.
        self._first = next(self._groups, None)
        if self._first is not None and not self.columns:
            self.columns = list(dict.fromkeys(chain.from_iterable(self._first[0])))

    def _read(self) -> Iterator[Group]:
        source, decoder, places = self._source, self._decoder, self._places
        self._lines = None
        if places.lines:
            plain = not self._keep_numbers
            self._lines = JsonLines(source, decoder, places, plain=plain, as_written=self._exact)
            yield from self._lines.groups()
        else:
            yield from read_array(source, decoder, places, self._at)

    @property
    def cheap(self) -> bool:
        return self._lines is not None and self._lines.has_pattern

    @property
    def rules(self) -> list[Rule]:
        return [ValueRule()] * len(self.columns)

    def rewind(self) -> None:
        self._source.rewind()
        self._begin()

    def learn_columns(self) -> None:
        names = dict.fromkeys(self.columns)
        for rows, _ in self._groups:
            if not isinstance(rows, WrittenRows):
                names.update(dict.fromkeys(chain.from_iterable(rows)))
        self.columns = list(names)

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

    def _tell_inexact(self, text: str) -> None:
        if self._tell is not None:
            self._tell(f"{self.name}: {text} has more digits than a number can keep")
            self._tell = None

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
            known = {column: number for number, column in enumerate(columns)}
            for row, line in zip(rows, lines, strict=True):
                unknown = next((key for key in row if key not in known), None)
                if unknown is not None:
                    raise UnknownColumnError(unknown, line) from None
            present = [tuple(sorted(map(known.__getitem__, row))) for row in rows]
            cells = [row.get(column) for row in rows for column in columns]
        for number in range(width):
            column = cells[number::width]
            if not _fits(column):
                batch = Batch(cells, lines[0], lines, self._source.done, item)
                cells[number::width] = self._to_storable(column, columns[number], batch)
        return Batch(cells, lines[0], lines, self._source.done, item, present)

    def _spread(self, batch: Batch, keys: Sequence[str]) -> Batch:
        known = {column: number for number, column in enumerate(self.columns)}
        unknown = next((key for key in keys if key not in known), None)
        if unknown is not None:
            raise UnknownColumnError(unknown, batch.line)
        return batch.spread([known[key] for key in keys], len(known))

    def _to_storable(self, column: Sequence[Any], name: str, batch: Batch) -> list[Any]:
        values = []
        for row, value in enumerate(column):
            try:
                values.append(to_storable(value, self._keep_numbers))
            except UnfitValueError as error:
                place = batch.describe_place(row, self.name)
                raise DatabaseError(f"{place}: {name!r} is {error}") from error
        return values

    def _read_flat(self) -> Iterator[Group]:
        for rows, lines in self._read():
            assert not isinstance(rows, WrittenRows)  # noqa: S101 - what is flattened is parsed
            try:
                yield [flatten_row(row) for row in rows], lines
            except DuplicateKeyError as error:
                raise self._places.error(lines[0], f"or a later one: {error}") from error
            except RecursionError as error:
                raise self._places.error(lines[0], "or a later one: nested too deeply") from error


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
