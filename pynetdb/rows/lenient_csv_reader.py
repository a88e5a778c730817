"""Delimited text that is polluted: rows that do not fit are made to, and told by their lines."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, dropwhile, islice
from typing import Any

from pynetdb.rows.batch import Batch, UnknownColumnError
from pynetdb.rows.csv_grammar import CsvGrammar
from pynetdb.rows.csv_reader import CsvReader, Tell, ignore, list_names
from pynetdb.rows.csv_writer import csv_text
from pynetdb.rows.dialect import SWAPPED
from pynetdb.rows.lenient_records import LenientRecord, LenientRecords
from pynetdb.rows.names import casefold_ascii, free_name
from pynetdb.rows.other_tables import OtherTables
from pynetdb.rows.source import Source
from pynetdb.wording import format_count

REST = "_rest"
"""The column of what rows have too much."""

_ROWS = 500
# So many records show how many fields a row usually has.
_SAMPLE = 500
# So many rows are told one by one unless all are asked for.
_TOLD = 5
# So many rows of another length behind a blank line are not a footer: they are not held for what may follow.
_MAX_DOUBTFUL = 200
# So many records stand in front of a table at most, where they are as long as its rows.
_MAX_PREAMBLE = 20


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
        shape = self._shape
        self._line = 1 + shape.skip
        self._text = LenientRecords(self._pieces(), self.name, self._line)
        self._use_grammar(CsvGrammar(shape.delimiter, shape.quote))
        self._undecided = shape.undecided
        records: Iterator[LenientRecord] = iter(self._text)
        if self._has_header:
            records = dropwhile(lambda record: not record.fields, records)
        beginning = list(islice(records, _SAMPLE))
        if not beginning:
            raise self._error(self._line, "is empty, expected a line with the names of the columns")
        # Where as many records have one number of fields as another, the first is a header's, unless it has
        # one field, and else the larger is that of the table.
        widths = [len(record.fields) for record in beginning if record.fields] or [1]
        counts, own = Counter(widths), widths[0]
        self._width = max(counts, key=lambda width: (counts[width], width == own > 1, width))
        rows = self._mark_gaps(chain(beginning, records))
        sample = list(islice(rows, len(beginning) if self._width == 1 else len(widths)))
        first = self._find_first(sample)
        self._leave_out(sample[:first])
        self._line = sample[first].line
        names = self._name_columns(sample[first].fields)
        self._tables = OtherTables(sample[first].fields if self._has_header else None)
        self._rest = free_name(REST, set(map(casefold_ascii, names)))
        self.columns = [*names, self._rest] if self._has_rest else names
        self._rest_of_records = chain(sample[first + 1 if self._has_header else first :], rows)

    def _use_grammar(self, grammar: CsvGrammar) -> None:
        super()._use_grammar(grammar)
        self._text.use_grammar(grammar)

    def _mark_gaps(self, records: Iterable[LenientRecord]) -> Iterator[LenientRecord]:
        """The records, without blank lines but in a table of one column, where they are empty fields."""
        blank = False
        for record in records:
            if not record.fields:
                if self._width > 1:
                    blank = True
                    continue
                record = record._replace(fields=[""])
            elif self._shape.swapped:
                record = record._replace(fields=[field.translate(SWAPPED) for field in record.fields])
            if blank:
                record = record._replace(after_blank=True)
                blank = False
            yield record

    def learn_columns(self) -> None:
        if not self._has_rest:
            self._rest_line = next((row.line for row in self._rows() if len(row.fields) > self._width), 0)
            self._has_rest = self._rest_line > 0

    def find_column(self, name: str) -> str:
        of_rest = self._has_rest and name == self._rest
        return f"{self.name} line {self._rest_line}" if of_rest else super().find_column(name)

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

    def _find_first(self, sample: list[LenientRecord]) -> int:
        """Return which record is the header, or the first row where there is none."""
        right = [number for number, record in enumerate(sample) if len(record.fields) == self._width]
        first, *others = right[:_MAX_PREAMBLE]
        fields = sample[first].fields
        # Spreadsheets fill a title and what is between it and the table with empty fields.
        if self._has_header and sum(map(bool, fields)) * 2 <= len(fields):
            named = OtherTables(None)
            return next((number for number in others if named.like_header(sample[number].fields)), first)
        return first

    def _rows(self) -> Iterator[LenientRecord]:
        """The records of the table, without what is between, of other tables or behind it."""
        tables = self._tables
        # What stands behind a gap, a blank line or an empty record, and does not look like a row.
        doubtful: list[LenientRecord] = []
        apart = elsewhere = emptied = False
        for record in self._rest_of_records:
            fields = record.fields
            gap = record.after_blank or emptied
            emptied = not any(fields)
            right = len(fields) == self._width
            # In a table of one column an empty record is a value.
            fits = right and (self._width == 1 or not emptied) and tables.fits(fields)
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

    def _is_table(self, doubtful: list[LenientRecord], record: LenientRecord) -> bool:
        """Whether records of another length than the table's rows are a table of their own."""
        width = len(doubtful[0].fields)
        if width == self._width:
            return False
        same = all(len(other.fields) == width for other in (*doubtful, record))
        header = same and self._is_header(doubtful[0].fields)
        return header or (doubtful[0].after_blank and len(doubtful) == _MAX_DOUBTFUL)

    def _doubt(self, record: LenientRecord, gap: bool) -> None:
        """Tell of a row that may be no row, though nothing shows it."""
        tables, fields = self._tables, record.fields
        unlike_rows = not tables.fits(fields) or (gap and not tables.knows_columns())
        if tables.repeats_header(fields) or (unlike_rows and tables.like_header(fields)):
            self._note("like the header of another table", record)

    def _tell_table(self, record: LenientRecord) -> None:
        if record.line not in self._tables_told:
            self._tables_told.add(record.line)
            names = list_names(record.fields)
            self._tell_rows(
                f"{self.name} line {record.line}: another table begins ({names}), which is left out"
            )

    def _leave_out(self, records: list[LenientRecord]) -> None:
        for record in records:
            self._note("left out", record)

    def _fit(self, record: LenientRecord) -> list[Any]:
        fields: list[Any] = record.fields
        missing = self._width - len(fields)
        if missing > 0:
            self._note("filled", record)
            fields = fields + [None] * missing
        elif missing < 0:
            if not self._has_rest:
                raise UnknownColumnError(self._rest, record.line)
            self._note("too long", record)
            rest = csv_text([fields[self._width :]], self._shape.delimiter).removesuffix("\n")
            return [*fields[: self._width], rest]
        elif record.stray:
            self._note("with a stray quote", record)
        return [*fields, None] if self._has_rest else fields

    def _note(self, what: str, record: LenientRecord, reason: str = "") -> None:
        self._counts[what] += 1
        # A file may be read twice, from the beginning or after a column has come late.
        if record.line not in self._told and (self._tell_all or self._counts[what] <= _TOLD):
            self._told.add(record.line)
            reason = reason or f"it has {format_count(len(record.fields), 'field')}"
            self._tell_rows(f"{self.name} line {record.line}: {what}, {reason}")
