"""CSV and TSV, strictly (RFC 4180): what is not a record is refused, by its line.

A record is a line of fields between delimiters. A field in double quotes may hold delimiters, line ends
and, doubled, quotes; one without may hold neither quotes nor line ends. Line ends are LF or CRLF, and the
last may be missing. What stands between two delimiters is the value, byte for byte, spaces included.
"""

import csv
import re
from collections.abc import Iterator
from functools import cached_property

from pynetdb.errors import CommandLineError, DatabaseError
from pynetdb.rows.batch import Batch, Rule
from pynetdb.rows.names import casefold_ascii
from pynetdb.rows.source import Source
from pynetdb.rows.text_types import TextRule
from pynetdb.wording import format_count

MAX_FIELD = 1 << 28
"""Characters in one record. A quote that is never closed must not read a whole disk into memory."""


class CsvReader:
    """Reads records from a source.

    With `header` the first record names the columns, otherwise they are c1, c2... Raises DatabaseError
    for text that is not CSV, by its line, and for rows of another length than the first.
    """

    what = "data"

    def __init__(self, source: Source, delimiter: str = ",", header: bool = True) -> None:
        if len(delimiter) != 1 or delimiter in '"\r\n\0':
            raise CommandLineError(
                f"{delimiter!r}: expected one character, not a quote or line end", hint="delimiter"
            )
        self.name = source.name
        self.header = f"{source.name} line 1"
        self._source = source
        self._delimiter = delimiter
        self.named = header
        # Longer fields than the csv module's default of 131,072 characters are data like others.
        csv.field_size_limit(MAX_FIELD)
        self._begin()

    def _begin(self) -> None:
        self._blocks = self._whole_records()
        self._line = 1
        self._first = next(self._blocks, "")
        end = self._end_of_first_record()
        if not end:
            raise self._error(1, "is empty, expected a line with the names of the columns")
        record = self._first[:end]
        fields = self._fields(record) or [""]
        self.columns = self._names(fields) if self.named else [f"c{i}" for i in range(1, len(fields) + 1)]
        if self.named:
            self._line += record.count("\n")
            self._first = self._first[end:]

    @property
    def rules(self) -> list[Rule]:
        return [TextRule()] * len(self.columns)

    def rewind(self) -> None:
        self._source.rewind()
        self._begin()

    def learn_columns(self) -> None:
        """The first record names them all."""

    def batches(self) -> Iterator[Batch]:
        block: str | None = self._first
        while block is not None:
            if block:
                batch = self._quickly(block) or self._thoroughly(block)
                self._line += block.count("\n")
                if batch.cells:
                    yield batch
            block = next(self._blocks, None)

    def _names(self, fields: list[str]) -> list[str]:
        seen = set()
        for number, field in enumerate(fields, 1):
            if not field:
                raise self._error(1, f"column {number} has no name", "column without a name")
            if casefold_ascii(field) in seen:
                raise self._error(1, f"two columns are called {field!r}")
            seen.add(casefold_ascii(field))
        return fields

    def _whole_records(self) -> Iterator[str]:
        """The text in blocks that end where a record does: after a newline outside of quotes."""
        rest: list[str] = []
        held = 0
        quotes = 0
        for piece in self._source.pieces():
            cut = piece.rfind("\n") + 1
            held += len(piece)
            if held > MAX_FIELD:
                raise self._error(
                    self._line, "a record of more than 256 million characters: is a quote not closed?"
                )
            # After an even number of quotes the text is outside of them, wherever the escaped ones are.
            odd = (quotes + piece.count('"', 0, cut)) & 1
            if not cut or odd:
                rest.append(piece)
                quotes += piece.count('"')
                continue
            rest.append(piece[:cut])
            yield "".join(rest)
            rest = [piece[cut:]]
            held = len(rest[0])
            quotes = rest[0].count('"')
        last = "".join(rest)
        if last:
            yield last

    def _quickly(self, block: str) -> Batch | None:
        """Split a block of plain lines; None if it needs a closer look.

        A line without quotes is exactly its fields between delimiters. The few with quotes are taken out
        and given to the csv module. Anything else (records over several lines, blank lines, a wrong
        number of fields, lone carriage returns, bad quotes) is left to `_thoroughly`.
        """
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
        if '"' in block:
            plain, quoted, texts = self._without_quoted_lines(block)
            if not plain or not self._grammar.fullmatch("\n".join(texts)):
                return None
            records = list(csv.reader(texts, delimiter=delimiter))
            if any([len(record) != width for record in records]):  # noqa: C419 - a list is faster
                return None
            block = plain
        # The end of each line becomes a cell as well: if every row has its fields, each stands in its place.
        cells = block.replace("\n", f"{delimiter}\n{delimiter}").split(delimiter)
        cells.pop()
        rows, more = divmod(len(cells), width + 1)
        if more or cells[width :: width + 1] != ["\n"] * rows:
            return None
        del cells[width :: width + 1]
        for number, record in zip(quoted, records, strict=True):
            cells[number * width : (number + 1) * width] = record
        return Batch(cells, self._line, None, self._source.done)

    def _without_quoted_lines(self, block: str) -> tuple[str, list[int], list[str]]:
        """Return the block with empty fields in place of each line that has quotes, and those lines.

        The block is empty if one of them ends inside of quotes, so that its record goes on.
        """
        placeholder = self._delimiter * (len(self.columns) - 1)
        parts: list[str] = []
        numbers: list[int] = []
        texts: list[str] = []
        at = number = 0
        while (quote := block.find('"', at)) >= 0:
            start = max(at, block.rfind("\n", at, quote) + 1)
            end = block.index("\n", quote)
            text = block[start:end]
            if text.count('"') & 1:
                return "", [], []
            number += block.count("\n", at, start)
            numbers.append(number)
            texts.append(text)
            parts += (block[at:start], placeholder)
            at = end
        parts.append(block[at:])
        return "".join(parts), numbers, texts

    def _thoroughly(self, block: str) -> Batch:
        """Read a block record by record. Raises DatabaseError with the line of the first that is wrong."""
        width = len(self.columns)
        cells: list[str] = []
        lines: list[int] = []
        line = self._line
        for match in self._record.finditer(block):
            record = match.group()
            if not record:
                break
            fields = self._fields(record) if self._grammar.fullmatch(record) else None
            if fields is None:
                raise self._error(line + self._where(record), self._complaint(record))
            if fields or width == 1:
                fields = fields or [""]
                if len(fields) != width:
                    counted = format_count(len(fields), "field")
                    raise self._error(line, f"{counted}, expected {width} ({_list_names(self.columns)})")
                cells += fields
                lines.append(line)
            line += record.count("\n")
        return Batch(cells, self._line, lines, self._source.done)

    def _fields(self, record: str) -> list[str]:
        """Return the fields of one record, none for a blank line."""
        body = record.removesuffix("\n").removesuffix("\r")
        return next(csv.reader([body], delimiter=self._delimiter)) if body else []

    @cached_property
    def _record_body(self) -> str:
        """The fields of a record (RFC 4180 section 2), as a regular expression."""
        field = f'(?:"(?:[^"]|"")*+"|[^"{re.escape(self._delimiter)}\r\n]*+)'
        return f"{field}(?:{re.escape(self._delimiter)}{field})*+"

    @cached_property
    def _grammar(self) -> "re.Pattern[str]":
        """Records with their line ends, any number of them."""
        return re.compile(f"(?:{self._record_body}(?:\r?\n|\\Z))*+")

    @cached_property
    def _fields_in_front(self) -> "re.Pattern[str]":
        """As much of a record as is right."""
        return re.compile(self._record_body)

    @cached_property
    def _record(self) -> "re.Pattern[str]":
        """One record with its line end: it ends at a newline that an even number of quotes precedes."""
        return re.compile('(?:[^"\n]|"[^"]*+(?:"|\\Z))*+(?:\n|\\Z)')

    def _end_of_first_record(self) -> int:
        match = self._record.match(self._first)
        end = match.end() if match else 0
        if end and not self._grammar.fullmatch(self._first[:end]):
            raise self._error(1 + self._where(self._first[:end]), self._complaint(self._first[:end]))
        return end

    def _where(self, record: str) -> int:
        """Return how many lines into a wrong record the mistake is; an endless one is told by its start."""
        if self._never_closed(record):
            return 0
        match = self._grammar.match(record)
        return record.count("\n", 0, match.end() if match else 0)

    def _never_closed(self, record: str) -> bool:
        """Whether what is wrong is a quote at the beginning of a field, with no other one to end it."""
        if not record.count('"') & 1:
            return False
        match = self._fields_in_front.match(record)
        at = match.end() if match else 0
        return record.startswith('"', at) and record[at - 1 : at] in ("", self._delimiter)

    def _complaint(self, record: str) -> str:
        if self._never_closed(record):
            return "a quote that is never closed"
        if re.search(r"\r(?!\n)", re.sub(r'"[^"]*"', "", record)):
            return "a carriage return outside of quotes, expected a line to end with LF or CRLF"
        return 'a quote in the wrong place, expected "..." around the whole field and its quotes doubled'

    def _error(self, line: int, message: str, hint: str | None = None) -> DatabaseError:
        return DatabaseError(f"{self.name} line {line}: {message}", hint=hint)


def _list_names(columns: list[str], most: int = 8) -> str:
    return ", ".join(columns[:most]) + (", ..." if len(columns) > most else "")
