"""CSV and TSV, strictly (RFC 4180): what is not a record is refused, by its line.

A record is a line of fields between delimiters. A field in double quotes may hold delimiters, line ends
and, doubled, quotes; one without may hold neither quotes nor line ends. Line ends are LF or CRLF, and the
last may be missing. What stands between two delimiters is the value, byte for byte, spaces included.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, chain

from pynetdb.errors import CommandLineError, DatabaseError
from pynetdb.rows.batch import Batch, Rule
from pynetdb.rows.csv_grammar import CsvGrammar
from pynetdb.rows.dialect import SWAPPED, Shape, check_delimiter, quotes_of_csv
from pynetdb.rows.names import casefold_ascii, complete_names
from pynetdb.rows.source import Source
from pynetdb.rows.text_types import TextRule
from pynetdb.wording import format_count

MAX_FIELD = 1 << 28
"""Characters in one record. A quote that is never closed must not read a whole disk into memory."""

# So many characters of a block show whether most of its lines have quotes.
_SAMPLE = 4096

Tell = Callable[[str], None]
"""Told of what a reader has made of something, for the user to know."""


def ignore(note: str) -> None:
    """Tell nobody."""


class CsvReader:
    """Reads records from a source.

    With `header` the first record names the columns, otherwise they are c1, c2... or what `names` says, which
    also stands in place of a header's names. Names that are missing or there twice are made, and `tell`
    is told. Raises DatabaseError for text that is not CSV, by its line, and for rows of another length than
    the first.
    """

    what = "data"
    cheap = True

    def __init__(
        self,
        source: Source,
        delimiter: str = ",",
        header: bool = True,
        *,
        shape: Shape | None = None,
        names: Sequence[str] = (),
        rule: Rule | None = None,
        tell: Tell = ignore,
    ) -> None:
        check_delimiter(delimiter)
        self._shape = shape = shape or Shape(delimiter, '"')
        self.name = source.name
        self.header = f"{source.name} line {1 + shape.skip}"
        self.named = header or bool(names)
        self._source = source
        self._delimiter = shape.delimiter
        self._has_header = header
        self._given_names = names
        self._rule = rule or TextRule()
        self._tell: Tell = tell
        # Longer fields than the csv module's default of 131,072 characters are data like others.
        csv.field_size_limit(MAX_FIELD)
        self._begin()
        # What was made of the header is said once, however often it is read.
        self._tell = ignore

    def _begin(self) -> None:
        shape = self._shape
        self._use_grammar(CsvGrammar(shape.delimiter, shape.quote))
        # Quotes may turn out to be CSV's where the first of them comes.
        self._undecided = shape.undecided
        self._failure: DatabaseError | None = None
        self._blocks = self._whole_records()
        self._line = 1 + shape.skip
        self._first = next(self._blocks, "")
        self._read_header()

    def _use_grammar(self, grammar: CsvGrammar) -> None:
        self._grammar = grammar
        self._quote = grammar.quote

    def _read_header(self) -> None:
        end = self._end_of_first_record()
        record = self._first[:end]
        fields = self._fields(record)
        while self._has_header and not fields and end:
            # Blank lines in front of a header say nothing.
            self._line += 1
            self._first = self._first[end:] or next(self._blocks, "")
            end = self._end_of_first_record()
            record = self._first[:end]
            fields = self._fields(record)
        if not end:
            raise self._error(self._line, "is empty, expected a line with the names of the columns")
        self.columns = self._name_columns(fields or [""])
        if self._has_header:
            self._line += record.count("\n")
            self._first = self._first[end:]

    def _name_columns(self, fields: list[str]) -> list[str]:
        if self._given_names:
            if len(self._given_names) != len(fields):
                given = format_count(len(self._given_names), "name")
                raise self._error(self._line, f"{format_count(len(fields), 'field')}, and {given} for them")
            folded = list(map(casefold_ascii, self._given_names))
            for name in self._given_names:
                if not name or folded.count(casefold_ascii(name)) > 1:
                    told = f"{name!r} is given twice" if name else "a name is empty"
                    raise CommandLineError(told, hint="columns")
            return list(self._given_names)
        if not self._has_header:
            return [f"c{number}" for number in range(1, len(fields) + 1)]
        return complete_names(fields, lambda note: self._tell(f"{self.name} line {self._line}: {note}"))

    @property
    def rules(self) -> list[Rule]:
        return [self._rule] * len(self.columns)

    def rewind(self) -> None:
        self._source.rewind()
        self._begin()

    def learn_columns(self) -> None:
        """The first record names them all."""

    def find_column(self, name: str) -> str:
        return self.header

    def batches(self) -> Iterator[Batch]:
        block: str | None = self._first
        while block is not None:
            if block:
                batch = self._quickly(block)
                if batch is None:
                    batch = self._thoroughly(block)
                # To count newlines takes long beside the fast ways, whose rows are lines where all are.
                rows = batch.count_rows(len(self.columns)) if batch.lines is None else block.count("\n")
                self._line += rows
                if batch.cells:
                    yield batch
                if self._failure is not None:
                    # What is before the record that is wrong came first.
                    raise self._failure
            block = next(self._blocks, None)

    def _pieces(self) -> Iterator[str]:
        """The text with LF or CRLF at the end of its lines, from the first line that counts."""
        left = self._shape.skip
        for piece in self._source.pieces():
            if self._shape.swapped:
                piece = piece.translate(SWAPPED)
            while left and piece:
                left -= "\n" in piece
                piece = piece.partition("\n")[2]
            if self._undecided and '"' in piece:
                self._decide_quotes(piece)
            if piece:
                yield piece

    def _whole_records(self) -> Iterator[str]:
        """The text in blocks that end where a record does: after a newline outside of quotes."""
        rest: list[str] = []
        held = 0
        quotes = 0
        for piece in self._pieces():
            cut = piece.rfind("\n") + 1
            held += len(piece)
            if held > MAX_FIELD:
                raise too_long(self.name, self._line)
            # After an even number of quotes the text is outside of them, wherever the escaped ones are.
            before, after = self._grammar.count_quotes(piece, cut)
            if not cut or (quotes + before) & 1:
                rest.append(piece)
                quotes += before + after
                continue
            rest.append(piece[:cut])
            yield "".join(rest)
            rest = [piece[cut:]]
            held = len(rest[0])
            quotes = after
        last = "".join(rest)
        if last:
            yield last

    def _quickly(self, block: str) -> Batch | None:
        """Split a block of plain lines; None if it needs a closer look.

        A line without quotes is exactly its fields between delimiters. A few with quotes are taken out
        and given to the csv module, which gets all of the block if there are many. Anything else (blank
        lines, a wrong number of fields, lone carriage returns, bad quotes) is left to `_thoroughly`.
        """
        quote = self._quote
        if quote is not None and block.count(quote, 0, _SAMPLE) > block.count("\n", 0, _SAMPLE):
            return self._by_csv_module(block)
        if "\r" in block:
            # If a CRLF is inside of quotes, its line has an odd number of them and is seen below.
            block = block.replace("\r\n", "\n")
            if "\r" in block:
                return None
        if not block.endswith("\n"):
            block += "\n"
        delimiter = self._delimiter
        width = len(self.columns)
        quoted: list[int] = []
        records: list[list[str]] = []
        if quote is not None and quote in block:
            plain, quoted, texts = self._without_quoted_lines(block, quote)
            if not plain or not self._grammar.records.fullmatch("\n".join(texts)):
                return None
            records = list(csv.reader(texts, **self._grammar.arguments))
            if any([len(record) != width for record in records]):  # noqa: C419 - a list is faster
                return None
            block = plain
        # The end of each line becomes a cell as well: if every row has its fields, each stands in its place.
        cells = block.replace("\n", f"{delimiter}\n{delimiter}").split(delimiter)
        cells.pop()
        rows, more = divmod(len(cells), width + 1)
        # Two lines that are too short can have as many cells together as one that is right.
        if more or cells[width :: width + 1] != ["\n"] * rows or block.count("\n") != rows:
            return None
        del cells[width :: width + 1]
        for number, record in zip(quoted, records, strict=True):
            cells[number * width : (number + 1) * width] = record
        return Batch(cells, self._line, None, self._source.done)

    def _by_csv_module(self, block: str) -> Batch | None:
        """Split a block in which most lines have quotes; None if it needs a closer look."""
        swapped = self._shape.swapped
        if (swapped and "\r" in block) or not self._grammar.records.fullmatch(block):
            return None
        # Only a newline ends a line here; to the csv module a text is read by its lines.
        records = list(csv.reader(io.StringIO(block, newline="\n"), **self._grammar.arguments))
        if set(map(len, records)) != {len(self.columns)}:
            return None
        lines: list[int] | None = None
        if len(records) < block.count("\n") + (not block.endswith("\n")):
            if swapped:
                return None
            lengths = [1 + "".join(record).count("\n") for record in records]
            lines = list(accumulate(lengths[:-1], initial=self._line))
        return Batch(list(chain.from_iterable(records)), self._line, lines, self._source.done)

    def _without_quoted_lines(self, block: str, quote: str) -> tuple[str, list[int], list[str]]:
        """Return the block with empty fields in place of each line that has quotes, and those lines.

        The block is empty if one of them ends inside of quotes, so that its record goes on.
        """
        placeholder = self._delimiter * (len(self.columns) - 1)
        parts: list[str] = []
        numbers: list[int] = []
        texts: list[str] = []
        at = number = 0
        while (found := block.find(quote, at)) >= 0:
            start = max(at, block.rfind("\n", at, found) + 1)
            end = block.index("\n", found)
            text = block[start:end]
            if text.count(quote) & 1:
                return "", [], []
            number += block.count("\n", at, start)
            numbers.append(number)
            texts.append(text)
            parts += (block[at:start], placeholder)
            at = end
        parts.append(block[at:])
        return "".join(parts), numbers, texts

    def _thoroughly(self, block: str) -> Batch:
        """Read a block record by record, up to the first that is wrong, which becomes the failure."""
        width = len(self.columns)
        cells: list[str] = []
        lines: list[int] = []
        line = self._line
        for match in self._grammar.record.finditer(block):
            record = match.group()
            if not record:
                break
            fields = self._fields(record) if self._grammar.records.fullmatch(record) else None
            if fields is None:
                self._failure = self._error(line + self._where(record), *self._complaint(record))
                break
            if fields or width == 1:
                fields = fields or [""]
                if len(fields) != width:
                    counted = format_count(len(fields), "field")
                    told = f"{counted}, expected {width} ({list_names(self.columns)})"
                    self._failure = self._error(line, told, "row that does not fit")
                    break
                cells += fields
                lines.append(line)
            line += record.count("\n")
        return Batch(cells, self._line, lines, self._source.done)

    def _fields(self, record: str) -> list[str]:
        """Return the fields of one record, none for a blank line."""
        fields = self._grammar.fields(record)
        # What ends lines with CR alone has an LF only inside of a field.
        return [field.translate(SWAPPED) for field in fields] if self._shape.swapped else fields

    def _decide_quotes(self, piece: str) -> None:
        """Take the quotes of tab-separated text for CSV's if the first of them are used so."""
        self._undecided = False
        if quotes_of_csv(piece):
            self._use_grammar(CsvGrammar(self._delimiter, '"'))

    def _end_of_first_record(self) -> int:
        match = self._grammar.record.match(self._first)
        end = match.end() if match else 0
        record = self._first[:end]
        if end and not self._grammar.records.fullmatch(record):
            raise self._error(self._line + self._where(record), *self._complaint(record))
        return end

    def _where(self, record: str) -> int:
        """Return how many lines into a wrong record the mistake is; an endless one is told by its start."""
        if self._never_closed(record):
            return 0
        match = self._grammar.records.match(record)
        return record.count("\n", 0, match.end() if match else 0)

    def _never_closed(self, record: str) -> bool:
        """Whether what is wrong is a quote at the beginning of a field, with no other one to end it."""
        if self._quote is None or not record.count(self._quote) & 1:
            return False
        match = self._grammar.front.match(record)
        at = match.end() if match else 0
        return record.startswith(self._quote, at) and record[at - 1 : at] in ("", self._delimiter)

    def _complaint(self, record: str) -> tuple[str, str]:
        """Return what is wrong with a record, and the hint of what may help."""
        if self._never_closed(record):
            return "a quote that is never closed", "stray quote"
        if "\r" in self._grammar.without_quoted(record).replace("\r\n", "\n"):
            told = "a carriage return outside of quotes, expected a line to end with LF or CRLF"
            return told, "row that does not fit"
        told = 'a quote in the wrong place, expected "..." around the whole field and its quotes doubled'
        return told, "stray quote"

    def _error(self, line: int, message: str, hint: str | None = None) -> DatabaseError:
        return DatabaseError(f"{self.name} line {line}: {message}", hint=hint)


def too_long(name: str, line: int) -> DatabaseError:
    """Return the error that a record of a text is longer than MAX_FIELD."""
    told = "a record of more than 256 million characters: is a quote not closed?"
    return DatabaseError(f"{name} line {line}: {told}")


def list_names(columns: Sequence[str], most: int = 8) -> str:
    """Return names of columns for a message, not too many of them."""
    return ", ".join(columns[:most]) + (", ..." if len(columns) > most else "")
