"""Results on standard output, talk on standard error; the only importer of tabulate."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any

from pynetdb.terminal import safe, safe_json, safe_line

Row = Sequence[Any]


class Output:
    """Where a command's words go, and in which form.

    `format` is one of `table`, `json`, `jsonl`, `csv`, `tsv`, `markdown`, `raw`, as the command offers
    them. `verbosity` is -1 with --quiet, 0 by default, 1 with --verbose.
    """

    def __init__(self, format: str = "table", verbosity: int = 0) -> None:  # noqa: A002 - the option's name
        self.format = format
        self.verbosity = verbosity

    def talk(self, line: str) -> None:
        """Say a line on standard error, unless --quiet."""
        if self.verbosity >= 0:
            _say(line)

    def detail(self, line: str) -> None:
        """Say a line on standard error, with --verbose only."""
        if self.verbosity > 0:
            _say(line)

    def text(self, text: str, end: str = "\n") -> None:
        """Write text for people: safe for a terminal, flushed."""
        _write(safe(text) + end)

    def bytes(self, data: bytes) -> None:
        """Write exact bytes, flushed."""
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    def event(self, event: Mapping[str, Any]) -> None:
        """Write one JSON object as a line of its own, flushed at once."""
        _write(json_text(event) + "\n")

    def document(self, value: Any) -> None:
        """Write one JSON value over several lines."""
        _write(json_text(value, indent=2) + "\n")

    def rows(self, columns: Sequence[str], rows: Iterable[Row], *, header: bool = True) -> None:
        """Write rows in the chosen format. No rows are a valid document: `[]`, a header alone.

        Without `header` rows of delimited text go on where the last call ended.
        """
        if self.format == "json":
            self.document([dict(zip(columns, row, strict=True)) for row in rows])
        elif self.format == "jsonl":
            for row in rows:
                self.event(dict(zip(columns, row, strict=True)))
        elif self.format in ("csv", "tsv"):
            lines = (columns, *rows) if header else rows
            self._delimited(lines, "," if self.format == "csv" else "\t")
        else:
            self._table(columns, rows)

    def _delimited(self, rows: Iterable[Row], delimiter: str) -> None:
        import csv

        # A terminal gets escapes; a file or a pipe gets exactly the text.
        shown = safe if sys.stdout.isatty() else str
        writer = csv.writer(sys.stdout, delimiter=delimiter, lineterminator="\n")
        for row in rows:
            writer.writerow(["" if cell is None else shown(str(cell)) for cell in row])
        sys.stdout.flush()

    def _table(self, columns: Sequence[str], rows: Iterable[Row]) -> None:
        from tabulate import tabulate

        cells = [["" if cell is None else safe_line(str(cell)) for cell in row] for row in rows]
        headers = [safe_line(column) for column in columns]
        if self.format == "markdown":
            cells = [[cell.replace("|", "\\|") for cell in row] for row in cells]
            headers = [header.replace("|", "\\|") for header in headers]
        style = "pipe" if self.format == "markdown" else "simple"
        _write(tabulate(cells, headers, tablefmt=style, disable_numparse=True) + "\n")


def json_text(value: Any, indent: int | None = None) -> str:
    """Return a value as JSON that is safe on a terminal; a NaN is a ValueError."""
    import json

    return safe_json(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent))


def wants_colour(stream: IO[str]) -> bool:
    """Colour is for terminals, and never with NO_COLOR (https://no-color.org) or TERM=dumb."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _say(line: str) -> None:
    # Talk is a courtesy: a closed or full standard error must not end the work.
    try:
        sys.stderr.write(safe(line) + "\n")
        sys.stderr.flush()
    except (OSError, AttributeError):
        pass
