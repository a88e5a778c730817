"""What a command found: rows, texts and a summary, in the one format that the user chose."""

from collections.abc import Sequence

from pynetdb.results.formats import FORMATS, Record, Shape
from pynetdb.results.output import Output, Row


class Results:
    """Takes rows, texts between them and a summary, and writes of them what the format has room for.

    Without a call of `close` only what is written as it comes is there: lines for people, JSON lines, raw
    bytes. The parameters after `columns` are those of `formats.Shape`.
    """

    def __init__(
        self,
        output: Output,
        columns: Sequence[str] = (),
        *,
        lines: bool = False,
        summarised: bool = False,
        live: bool = False,
        optional: str | None = None,
    ) -> None:
        shape = Shape(columns, lines, summarised, live, optional)
        self._format = FORMATS[output.format](output, shape)

    @property
    def wants_rows(self) -> bool:
        """Whether any row would be shown: who makes many of them asks first."""
        return self._format.wants_rows

    def row(
        self, cells: Row, *, text: str | None = None, record: Record | None = None, data: bytes | None = None
    ) -> None:
        """Take a row: its `cells` in tables and delimited text, `text` for people who see lines.

        `record` is its JSON object, by default the cells by the names of their columns; `data` its exact
        bytes for the format raw.
        """
        self._format.row(cells, text, record, data)

    def text(
        self, text: str, *, record: Record | None = None, data: bytes | None = None, end: str = "\n"
    ) -> None:
        """Take a text that belongs to no row; JSON lines show `record` in its place, raw `data`."""
        self._format.text(text, record, data, end)

    def amend(self, **more: object) -> None:
        """Add to the JSON object of the last row, in a document that is not written yet."""
        self._format.amend(more)

    def close(self, summary: Record | None = None) -> None:
        """Write what was kept for the end; `summary` is for JSON."""
        self._format.close(summary)
