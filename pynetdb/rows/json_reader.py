"""Rows from JSON: an array of objects, one object, or an object a line (JSON lines)."""

import math
import os
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from operator import itemgetter
from typing import Any

from pynetdb.errors import DatabaseError
from pynetdb.rows.batch import Batch, Rule, UnknownColumnError
from pynetdb.rows.json_shapes import find_rows, flatten_row
from pynetdb.rows.json_types import ValueRule
from pynetdb.rows.json_values import (
    DuplicateKeyError,
    UnfitValueError,
    decode_plain_rows,
    decode_row,
    make_row_decoder,
    may_be_inexact,
    to_storable,
)
from pynetdb.rows.source import Source
from pynetdb.rows.text_types import LARGEST, SMALLEST

# So many objects of an array make a batch.
_ROWS = 500
_SPACE = " \t\n\r"
# Of random bytes in hexadecimal, what might stand in a number.
_AS_LETTERS = str.maketrans("0123456789e", "ghijklmnopq")
# An object of more characters than this is no row of a table.
MAX_OBJECT = 1 << 28

Row = dict[str, Any]


class JsonReader:
    """Reads objects from a source; the keys of the first batch are the columns.

    `lines` says that each line is an object, otherwise the text is one array of objects or one object: a
    row, or GeoJSON (RFC 7946), or where `at` leads to what holds the rows. With `flatten` the members of
    objects in rows are columns of their own, and with `keep_numbers` numbers are texts.
    A key that a row does not have is not named in it (`Batch.present`). Raises DatabaseError, by the line
    and in an array by the item, for what is not JSON or does not fit into a column, and
    UnknownColumnError for a key that is not among the columns.
    """

    what = "data"
    cheap = False
    named = True

    def __init__(
        self,
        source: Source,
        lines: bool,
        *,
        at: Sequence[str] | None = None,
        flatten: bool = False,
        keep_numbers: bool = False,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.name = source.name
        self.header = f"{source.name} line 1"
        self._source = source
        self._lines = lines
        self._at = at
        self._flatten = flatten
        self._tell = tell
        self._keep_numbers = keep_numbers
        self.decoder = make_row_decoder(keep_numbers, self._tell_inexact if tell else None)
        self._read = self._objects_by_line if lines else self._objects_of_array
        self.columns: list[str] = []
        self._begin()

    def _begin(self) -> None:
        self._rows = self._read_flat() if self._flatten else self._read()
        self._item = 1
        self._first = next(self._rows, None)
        if self._first is not None and not self.columns:
            self.columns = list(dict.fromkeys(chain.from_iterable(self._first[0])))

    @property
    def rules(self) -> list[Rule]:
        return [ValueRule()] * len(self.columns)

    def rewind(self) -> None:
        self._source.rewind()
        self._begin()

    def learn_columns(self) -> None:
        names = dict.fromkeys(self.columns)
        for rows, _ in self._rows:
            names.update(dict.fromkeys(chain.from_iterable(rows)))
        self.columns = list(names)

    def find_column(self, name: str) -> str:
        rows, lines = self._first or ((), ())
        for item, (row, line) in enumerate(zip(rows, lines, strict=True), 1):
            if name in row:
                return self._place(line, None if self._lines else item)
        return self.name

    def batches(self) -> Iterator[Batch]:
        group = self._first
        while group is not None:
            yield self._batch(*group)
            group = next(self._rows, None)

    def _tell_inexact(self, text: str) -> None:
        if self._tell is not None:
            self._tell(f"{self.name}: {text} has more digits than a number can keep")
            self._tell = None

    def _batch(self, rows: Sequence[Row], lines: Sequence[int]) -> Batch:
        columns = self.columns
        width = len(columns)
        item = None if self._lines else self._item
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

    def _to_storable(self, column: Sequence[Any], name: str, batch: Batch) -> list[Any]:
        values = []
        for row, value in enumerate(column):
            try:
                values.append(to_storable(value, self._keep_numbers))
            except UnfitValueError as error:
                place = batch.describe_place(row, self.name)
                raise DatabaseError(f"{place}: {name!r} is {error}") from error
        return values

    def _read_flat(self) -> Iterator[tuple[list[Row], list[int]]]:
        for rows, lines in self._read():
            try:
                yield [flatten_row(row) for row in rows], lines
            except DuplicateKeyError as error:
                raise self._error(lines[0], f"or a later one: {error}") from error
            except RecursionError as error:
                raise self._error(lines[0], "or a later one: nested too deeply") from error

    def _objects_by_line(self) -> Iterator[tuple[list[Row], list[int]]]:
        # Between the lines of a block stands a text that cannot be in them, so that two lines which are
        # JSON only together, or one which is two values, do not pass as rows.
        mark = os.urandom(12).hex().translate(_AS_LETTERS)
        between = f',"{mark}",'
        first = 1
        plain = not self._keep_numbers
        rest: list[str] = []
        held = 0
        for piece in chain(self._source.pieces(), ("",)):
            cut = piece.rfind("\n") + 1
            if piece and not cut:
                rest.append(piece)
                held += len(piece)
                self._bound(held, first)
                continue
            block = "".join([*rest, piece[:cut]])
            rest = [piece[cut:]]
            held = len(piece) - cut
            texts = block.split("\n")
            if not texts[-1]:
                texts.pop()
            if not texts:
                continue
            text = f"[{between.join(texts)}]"
            values = None
            if plain and not may_be_inexact(text):
                values = decode_plain_rows(text)
                # Where rows have objects in them others will.
                plain = values is not None
            if values is None:
                try:
                    values = decode_row(self.decoder, text)
                except ValueError:
                    values = []
            rows = values[::2]
            numbers: Sequence[int] = range(first, first + len(texts))
            if (
                len(values) != 2 * len(texts) - 1
                or values[1::2].count(mark) != len(texts) - 1
                or set(map(type, rows)) != {dict}
            ):
                rows, numbers = self._line_by_line(texts, first)
            first += len(texts)
            if rows:
                yield rows, list(numbers)

    def _line_by_line(self, texts: Sequence[str], first: int) -> tuple[list[Row], list[int]]:
        """Read lines of which one is blank or wrong."""
        rows = []
        numbers = []
        for number, text in enumerate(texts, first):
            if text.strip(_SPACE):
                rows.append(self._object(text, number))
                numbers.append(number)
        return rows, numbers

    def _object(self, text: str, line: int) -> Row:
        try:
            return self._row(decode_row(self.decoder, text), line)
        except ValueError as error:
            raise self._error(line, _describe(error)) from error

    def _row(self, value: Any, line: int, item: int | None = None) -> Row:
        if not isinstance(value, dict):
            expected = 'expected an object such as {"name": "Ann"}'
            raise self._error(line, f"{expected}, got {_kind_of_value(value)}", item)
        return value

    def _objects_of_array(self) -> Iterator[tuple[list[Row], list[int]]]:
        text = _Window(self._source, self)
        opening = text.peek()
        if opening != "[":
            line = text.line
            found = find_rows(self._row(text.value(), line), self._at, f"{self.name} line {line}")
            if text.peek():
                raise self._error(
                    text.line, "text after the end of the JSON value (one object a line is jsonl)"
                )
            rows = [self._row(row, line, number) for number, row in enumerate(found, 1)]
            for start in range(0, len(rows), _ROWS):
                part = rows[start : start + _ROWS]
                yield part, [line] * len(part)
            return
        if self._at is not None:
            raise self._error(text.line, f"an array, expected an object with {self._at[0]!r}")
        text.skip()
        text.item = 1
        rows = []
        lines: list[int] = []
        closing = text.peek()
        while closing != "]":
            text.peek()
            line = text.line
            rows.append(self._row(text.value(), line, text.item))
            lines.append(line)
            closing = text.peek()
            if closing not in (",", "]"):
                raise text.error(text.line, "is not JSON (expected , or ] after a value of the array)")
            text.item += 1
            if closing == ",":
                text.skip()
            if len(rows) == _ROWS:
                yield rows, lines
                rows, lines = [], []
        text.skip()
        if text.peek():
            raise self._error(text.line, "text after the end of the JSON value")
        if rows:
            yield rows, lines

    def _bound(self, held: int, line: int) -> None:
        if held > MAX_OBJECT:
            raise self._error(line, "a value of more than 256 million characters")

    def _error(self, line: int, message: str, item: int | None = None) -> DatabaseError:
        return DatabaseError(f"{self._place(line, item)}: {message}")

    def _place(self, line: int, item: int | None) -> str:
        return f"{self.name} line {line}" if item is None else f"{self.name} item {item}, line {line}"


class _Window:
    """A part of the text that moves along with what is read of it."""

    def __init__(self, source: Source, rows: JsonReader) -> None:
        self._pieces = source.pieces()
        self._rows = rows
        self._text = ""
        self._at = 0
        self.line = 1
        self.item: int | None = None
        """Which item of the array is being read, if it is an array."""

    def error(self, line: int, message: str) -> DatabaseError:
        """Return the error for what is wrong on a line."""
        return self._rows._error(line, message, self.item)

    def peek(self) -> str:
        """Pass over white space; return the character after it, or an empty text at the end."""
        while True:
            text, at = self._text, self._at
            while at < len(text) and text[at] in _SPACE:
                at += 1
            self._move(at)
            if at < len(text):
                return text[at]
            if not self._more():
                return ""

    def skip(self) -> None:
        """Pass over one character."""
        self._move(self._at + 1)

    def value(self) -> Any:
        """Read the value that begins here. Raises DatabaseError where none does."""
        wanted = 1
        while True:
            try:
                value, end = self._rows.decoder.raw_decode(self._text, self._at)
                # A number goes on after the end of what has been read, perhaps.
                if end < len(self._text) or not self._more():
                    self._move(end)
                    return value
            except RecursionError as error:
                raise self.error(self.line, "is not JSON (nested too deeply)") from error
            except DuplicateKeyError as error:
                raise self.error(self.line, str(error)) from error
            except ValueError as error:
                # It may only be incomplete. Each time as much again is read, so that a long value is
                # looked at a few times only.
                more = self._more(wanted)
                wanted *= 2
                if not more:
                    line = self.line + self._text.count("\n", self._at, getattr(error, "pos", self._at))
                    raise self.error(line, _describe(error)) from error
                self._rows._bound(len(self._text), self.line)

    def _move(self, end: int) -> None:
        self.line += self._text.count("\n", self._at, end)
        self._at = end

    def _more(self, pieces: int = 1) -> bool:
        """Read on; return whether there was anything."""
        more = "".join(islice(self._pieces, pieces))
        self._text = self._text[self._at :] + more
        self._at = 0
        return bool(more)


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


def _describe(error: ValueError) -> str:
    if isinstance(error, DuplicateKeyError):
        return str(error)
    message = str(getattr(error, "msg", error))
    if "Exceeds the limit" in message:
        return "is not JSON (an integer of thousands of digits)"
    column = getattr(error, "colno", None)
    # The module begins with a capital letter, our messages go on in the middle of a sentence.
    reason = message.replace("Expecting", "expecting") + (f" at column {column}" if column else "")
    return f"is not JSON ({reason})"


def _kind_of_value(value: Any) -> str:
    names = {list: "an array", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
