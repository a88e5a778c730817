"""Delimited text that is polluted: rows that do not fit are made to, and told by their lines."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any, NamedTuple

from pynetdb.rows.batch import Batch, UnknownColumnError
from pynetdb.rows.csv_reader import MAX_FIELD, CsvReader, Tell, ignore, list_names
from pynetdb.rows.csv_writer import csv_text
from pynetdb.rows.dialect import SWAPPED
from pynetdb.rows.other_tables import OtherTables
from pynetdb.rows.source import Source
from pynetdb.wording import format_count

REST = "_rest"
"""The column of what rows have too much."""

_ROWS = 500
# So many records show how many fields a row usually has.
_SAMPLE = 500
# A quoted field over more lines than these is a stray quote.
_MAX_LINES = 100
# So many rows are told one by one unless all are asked for.
_TOLD = 5
# So many rows of another length behind a blank line are not a footer: they are not held for what may follow.
_MAX_DOUBTFUL = 200
# So many records stand in front of a table at most, where they are as long as its rows.
_MAX_PREAMBLE = 20


class _Record(NamedTuple):
    line: int
    fields: list[str]
    stray: bool
    """Whether a quote of it was taken as it stands."""
    after_blank: bool
    """Whether a blank line stands before it."""


class LenientCsvReader(CsvReader):
    """Reads what `CsvReader` refuses.

    The number of fields that most of the first records have is that of the columns. What stands before the
    first such record is left out, and so is what follows the last one behind a blank line, and another table
    in the same text. A short row is filled with None, what is too much goes into a column `_rest`, and a
    quote that quotes nothing is a character like others. How many such rows there were, and where the first
    are, is told.
    """

    cheap = False

    def __init__(
        self, source: Source, *, tell_all: bool = False, tell_row: Tell = ignore, **settings: Any
    ) -> None:
        """`tell_row` is told of such rows, with `tell_all` of every one; the rest is CsvReader's."""
        self._tell_all = tell_all
        self._tell_rows = tell_row
        self._has_rest = False
        self._told: set[int] = set()
        self._tables_told: set[int] = set()
        super().__init__(source, **settings)

    def _begin(self) -> None:
        self._counts: Counter[str] = Counter()
        self._line = 1 + self._shape.skip
        quote = re.escape(self._shape.quote or '"')
        between = re.escape(self._shape.delimiter)
        self._quoted = re.compile(f"{quote}((?:[^{quote}]|{quote}{quote})*+){quote}(?={between}|\\Z)")
        self._stray = re.compile(f"{quote}(.*?){quote}(?={between}|\\Z)", re.DOTALL)
        records = self._records()
        sample = list(islice(records, _SAMPLE))
        if not sample:
            raise self._error(self._line, "is empty, expected a line with the names of the columns")
        # Where as many records have one number of fields as another, the first is a header's, unless it has
        # one field, and else the larger is that of the table.
        counts = Counter(len(record.fields) for record in sample)
        own = len(sample[0].fields)
        self._width = max(counts, key=lambda width: (counts[width], width == own > 1, width))
        first = self._find_first(sample)
        self._leave_out(sample[:first])
        self._line = sample[first].line
        names = self._name_columns(sample[first].fields)
        self._tables = OtherTables(sample[first].fields if self._has_header else None)
        self.columns = [*names, REST] if self._has_rest else names
        self._rest_of_records = chain(sample[first + 1 if self._has_header else first :], records)

    def learn_columns(self) -> None:
        if not self._has_rest and any(len(record.fields) > self._width for record in self._rows()):
            self._has_rest = True

    def batches(self) -> Iterator[Batch]:
        cells: list[Any] = []
        lines: list[int] = []
        for record in self._rows():
            cells += self._fit(record)
            lines.append(record.line)
            if len(lines) == _ROWS:
                yield Batch(cells, lines[0], lines, self._source.done)
                cells, lines = [], []
        if lines:
            yield Batch(cells, lines[0], lines, self._source.done)
        if self._counts:
            told = ", ".join(f"{format_count(count, 'row')} {what}" for what, count in self._counts.items())
            self._tell_rows(f"{self.name}: {told}")
            self._tell_rows = ignore

    def _find_first(self, sample: list[_Record]) -> int:
        """Return which record is the header, or the first row where there is none."""
        right = [number for number, record in enumerate(sample) if len(record.fields) == self._width]
        first, *others = right[:_MAX_PREAMBLE]
        fields = sample[first].fields
        # Spreadsheets fill a title and what is between it and the table with empty fields.
        if self._has_header and sum(map(bool, fields)) * 2 <= len(fields):
            named = OtherTables(None)
            return next((number for number in others if named.like_header(sample[number].fields)), first)
        return first

    def _rows(self) -> Iterator[_Record]:
        """The records of the table, without what is between, of other tables or behind it."""
        tables = self._tables
        # What stands behind a gap, a blank line or an empty record, and does not look like a row.
        doubtful: list[_Record] = []
        apart = elsewhere = emptied = False
        for record in self._rest_of_records:
            fields = record.fields
            gap = record.after_blank or emptied
            emptied = not any(fields)
            right = len(fields) == self._width
            fits = right and not emptied and tables.fits(fields)
            if (gap or elsewhere or not fits) and tables.repeats_header(fields):
                self._leave_out(doubtful)
                self._note("left out", record, "it repeats the header")
                doubtful, elsewhere = [], False
                continue
            elsewhere = elsewhere and not (gap and fits and not tables.like_header(fields))
            found = record if right and gap and self._is_header(fields) else None
            if doubtful and self._is_table(doubtful, record):
                found = doubtful[0]
            if found is not None and not elsewhere:
                self._tell_table(found)
            if found is not None or elsewhere:
                self._leave_out([*doubtful, record])
                doubtful, elsewhere = [], True
                continue
            if not fits and (doubtful or gap or emptied or (not right and self._is_header(fields))):
                apart = bool(doubtful and apart) or gap or emptied
                doubtful.append(record)
                if len(doubtful) <= _MAX_DOUBTFUL:
                    continue
                record = doubtful.pop()
            yield from doubtful
            doubtful = []
            if right:
                self._doubt(record, gap)
                tables.learn(fields)
            yield record
        if apart:
            self._leave_out(doubtful)
        else:
            yield from doubtful

    def _is_header(self, fields: list[str]) -> bool:
        """Whether a record is no row of the table, and could be the header of another."""
        return self._tables.like_header(fields) and not self._tables.fits(fields)

    def _is_table(self, doubtful: list[_Record], record: _Record) -> bool:
        """Whether records of another length than the table's rows are a table of their own."""
        width = len(doubtful[0].fields)
        if width == self._width:
            return False
        same = all(len(other.fields) == width for other in (*doubtful, record))
        header = same and self._is_header(doubtful[0].fields)
        return header or (doubtful[0].after_blank and len(doubtful) == _MAX_DOUBTFUL)

    def _doubt(self, record: _Record, gap: bool) -> None:
        """Tell of a row that may be no row, though nothing shows it."""
        tables, fields = self._tables, record.fields
        unlike_rows = not tables.fits(fields) or (gap and not tables.knows_columns())
        if tables.repeats_header(fields) or (unlike_rows and tables.like_header(fields)):
            self._note("like the header of another table", record)

    def _tell_table(self, record: _Record) -> None:
        if record.line not in self._tables_told:
            self._tables_told.add(record.line)
            names = list_names(record.fields)
            self._tell_rows(
                f"{self.name} line {record.line}: another table begins ({names}), which is left out"
            )

    def _leave_out(self, records: list[_Record]) -> None:
        for record in records:
            self._note("left out", record)

    def _fit(self, record: _Record) -> list[Any]:
        fields: list[Any] = record.fields
        missing = self._width - len(fields)
        if missing > 0:
            self._note("filled", record)
            fields = fields + [None] * missing
        elif missing < 0:
            if not self._has_rest:
                raise UnknownColumnError(REST, record.line)
            self._note("too long", record)
            rest = csv_text([fields[self._width :]], self._shape.delimiter).removesuffix("\n")
            return [*fields[: self._width], rest]
        elif record.stray:
            self._note("with a stray quote", record)
        return [*fields, None] if self._has_rest else fields

    def _note(self, what: str, record: _Record, reason: str = "") -> None:
        self._counts[what] += 1
        # A file may be read twice, from the beginning or after a column has come late.
        if record.line not in self._told and (self._tell_all or self._counts[what] <= _TOLD):
            self._told.add(record.line)
            reason = reason or f"it has {format_count(len(record.fields), 'field')}"
            self._tell_rows(f"{self.name} line {record.line}: {what}, {reason}")

    def _records(self) -> Iterator[_Record]:
        lines = self._lines()
        blank = False
        for number, line in lines:
            if not line:
                blank = True
                continue
            quote = self._shape.quote
            if quote is None or quote not in line:
                fields, stray = line.split(self._shape.delimiter), False
            else:
                fields, stray = self._split(line, lines)
            if self._shape.swapped:
                fields = [field.translate(SWAPPED) for field in fields]
            yield _Record(number, fields, stray, blank)
            blank = False

    def _lines(self) -> "_Lines":
        return _Lines(self._pieces(), 1 + self._shape.skip)

    def _split(self, text: str, lines: "_Lines") -> tuple[list[str], bool]:
        """Return the fields of a record that begins with a line, and whether one has a stray quote."""
        delimiter, quote = self._shape.delimiter, self._shape.quote or '"'
        fields = []
        stray = False
        at = 0
        while True:
            blank = 0
            while text.startswith(" ", at + blank):
                blank += 1
            if blank and self._quoted.match(text, at + blank):
                # `1, "a, b"` means a quoted field; the spaces in front of it are nothing.
                stray = True
                at += blank
            if text.startswith(quote, at):
                match = self._quoted.match(text, at)
                if match is None and (longer := self._read_on(text, at, lines)):
                    text = longer
                    match = self._quoted.match(text, at)
                if match is None:
                    stray = True
                    match = self._stray.match(text, at)
                if match is not None:
                    fields.append(match[1].replace(quote * 2, quote))
                    at = match.end()
                    if at == len(text):
                        return fields, stray
                    at += 1
                    continue
            end = text.find(delimiter, at)
            field = text[at:] if end < 0 else text[at:end]
            stray = stray or quote in field
            fields.append(field)
            if end < 0:
                return fields, stray
            at = end + 1

    def _read_on(self, text: str, at: int, lines: "_Lines") -> str | None:
        """Return the text with as many lines more as end the quoted field; None if it is not ended soon."""
        if self._stray.match(text, at):
            return None  # Another quote on the same line ends it, and quotes inside are stray.
        more = lines.peek(_MAX_LINES)
        for count in range(1, len(more) + 1):
            longer = "\n".join([text, *more[:count]])
            if self._quoted.match(longer, at):
                lines.skip(count)
                return longer
        return None


class _Lines:
    """The lines of a text, with their numbers, of which some can be looked at before they are taken."""

    def __init__(self, pieces: Iterator[str], number: int) -> None:
        self._texts = _split_lines(pieces)
        self._ahead: list[str] = []
        self._number = number

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> tuple[int, str]:
        text = self._ahead.pop(0) if self._ahead else next(self._texts)
        self._number += 1
        return self._number - 1, text

    def peek(self, count: int) -> list[str]:
        """Return the next lines, at most so many."""
        self._ahead += islice(self._texts, count - len(self._ahead))
        return self._ahead[:count]

    def skip(self, count: int) -> None:
        """Take lines that were looked at."""
        del self._ahead[:count]
        self._number += count


def _split_lines(pieces: Iterator[str]) -> Iterator[str]:
    """Cut a text at LF, CRLF and CR, whichever comes."""
    rest = ""
    for piece in pieces:
        text = (rest + piece)[:MAX_FIELD]
        # A CR at the end may be half of a CRLF.
        held = "\r" if text.endswith("\r") else ""
        lines = re.split("\r\n|\n|\r", text[: len(text) - len(held)])
        rest = lines.pop() + held
        yield from lines
    if rest:
        yield rest.removesuffix("\r")
