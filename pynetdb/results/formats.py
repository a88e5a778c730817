"""A class for each format: what becomes of rows, of texts between them, and of the summary."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from pynetdb.results.output import Output, Row

Record = Mapping[str, Any]


class Shape(NamedTuple):
    """What results look like, whatever the format."""

    columns: Sequence[str]
    """Without columns rows are never shown in tables and delimited text, nor a header."""
    lines: bool = False
    """People see a row as a line of its own, or not at all, in place of a table."""
    summarised: bool = False
    """The result is the summary; JSON is that one object in place of an array of the rows."""
    live: bool = False
    """Delimited text is written as the rows come, in place of all at the end or nothing."""
    optional: str | None = None
    """A column that tables leave out where it is empty in every row."""


class Format:
    """What all formats have. Each row comes in every form that a format may want: it takes its own."""

    def __init__(self, output: Output, shape: Shape) -> None:
        self.wants_rows = True
        """False where no row would ever be shown, so that nobody need make one."""
        self._output = output
        self._shape = shape

    def row(self, cells: Row, text: str | None, record: Record | None, data: bytes | None) -> None:
        """Take a row."""

    def text(self, text: str, record: Record | None, data: bytes | None, end: str) -> None:
        """Take a text that belongs to no row."""

    def amend(self, more: Record) -> None:
        """Add to the last row's JSON object, if it is not written yet."""

    def close(self, summary: Record | None) -> None:
        """Nothing more comes."""

    def _record(self, cells: Row, record: Record | None) -> Record:
        return dict(zip(self._shape.columns, cells, strict=True)) if record is None else record


class TableFormat(Format):
    """For people: lines as they come, or a table at the end."""

    def __init__(self, output: Output, shape: Shape) -> None:
        super().__init__(output, shape)
        self._rows: list[Row] = []

    def row(self, cells: Row, text: str | None, record: Record | None, data: bytes | None) -> None:
        if not self._shape.lines:
            self._rows.append(cells)
        elif text is not None:
            self._output.text(text)

    def text(self, text: str, record: Record | None, data: bytes | None, end: str) -> None:
        self._output.text(text, end)

    def close(self, summary: Record | None) -> None:
        if self._shape.lines or not self._shape.columns:
            return
        columns, rows = self._shape.columns, self._rows
        if self._shape.optional in columns:
            at = columns.index(self._shape.optional or "")
            if not any(row[at] for row in rows):
                columns, rows = _without(columns, at), [_without(row, at) for row in rows]
        self._output.table(columns, [rows])


class MarkdownFormat(TableFormat):
    """Like a table for people, but a table in any case: Markdown has no other form for rows."""

    def __init__(self, output: Output, shape: Shape) -> None:
        super().__init__(output, shape._replace(lines=False))


class RawFormat(TableFormat):
    """Exact bytes; rows that have none are a table, unless people see lines."""

    def row(self, cells: Row, text: str | None, record: Record | None, data: bytes | None) -> None:
        if data is not None:
            self._output.exact(data)
        elif not self._shape.lines:
            self._rows.append(cells)

    def text(self, text: str, record: Record | None, data: bytes | None, end: str) -> None:
        if data is not None:
            self._output.exact(data)

    def close(self, summary: Record | None) -> None:
        if self._rows:
            super().close(summary)


class DelimitedFormat(Format):
    """CSV or TSV: a header, and the rows."""

    delimiter: ClassVar[str] = ","

    def __init__(self, output: Output, shape: Shape) -> None:
        super().__init__(output, shape)
        self._rows: list[Row] = [shape.columns] if shape.columns else []

    def row(self, cells: Row, text: str | None, record: Record | None, data: bytes | None) -> None:
        self._rows.append(cells)
        if self._shape.live:
            self._write()

    def text(self, text: str, record: Record | None, data: bytes | None, end: str) -> None:
        self._output.text(text, end)

    def close(self, summary: Record | None) -> None:
        if self._rows:
            self._write()

    def _write(self) -> None:
        self._output.delimited(self._rows, self.delimiter)
        self._rows = []


class TsvFormat(DelimitedFormat):
    """Like CSV, with tabs."""

    delimiter = "\t"


class JsonFormat(Format):
    """One document: the summary, or an array of the rows. It is written at the end."""

    def __init__(self, output: Output, shape: Shape) -> None:
        super().__init__(output, shape)
        self.wants_rows = not shape.summarised
        self._records: list[Record] = []

    def row(self, cells: Row, text: str | None, record: Record | None, data: bytes | None) -> None:
        if self.wants_rows:
            self._records.append(self._record(cells, record))

    def amend(self, more: Record) -> None:
        if self._records:
            self._records[-1] = {**self._records[-1], **more}

    def close(self, summary: Record | None) -> None:
        self._output.document(summary if self._shape.summarised else self._records)


class JsonLinesFormat(Format):
    """An object a line, as each row comes; the summary is the last."""

    def row(self, cells: Row, text: str | None, record: Record | None, data: bytes | None) -> None:
        self._output.event(self._record(cells, record))

    def text(self, text: str, record: Record | None, data: bytes | None, end: str) -> None:
        if record is not None:
            self._output.event(record)

    def close(self, summary: Record | None) -> None:
        if summary is not None:
            self._output.event({"event": "summary", **summary})


FORMATS: Mapping[str, type[Format]] = {
    "table": TableFormat,
    "markdown": MarkdownFormat,
    "raw": RawFormat,
    "csv": DelimitedFormat,
    "tsv": TsvFormat,
    "json": JsonFormat,
    "jsonl": JsonLinesFormat,
}


def _without(cells: Sequence[Any], at: int) -> Sequence[Any]:
    return [*cells[:at], *cells[at + 1 :]]
