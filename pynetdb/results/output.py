"""Where a command's words go: results on standard output, words about them on standard error."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from typing import IO, TYPE_CHECKING, Any

from pynetdb.errors import PynetdbError
from pynetdb.terminal import decoded, obeys_escapes, safe, safe_json, wrap_line
from pynetdb.writing import BackgroundWriter, RawStream, write_fully

# On a terminal a cell may be cut to half of the line, but not to less than this many columns.
_MIN_CELL = 20

if TYPE_CHECKING:
    from pynetdb.results.tables import TableStyle
    from pynetdb.whole_file import WholeFile

Row = Sequence[Any]
Blocks = Iterable[bytes]


class Output:
    """Where a command's words go, and in which form.

    `format` is one of `table`, `json`, `jsonl`, `csv`, `tsv`, `markdown`, `raw`, as the command offers
    them. `verbosity` is -1 with --quiet, 0 by default, 1 with --verbose. A server's output is written in the
    `background`: a reader that stalls must not stop the loop; what it misses is counted and told.
    """

    def __init__(
        self,
        format: str = "table",  # noqa: A002 - the option's name
        verbosity: int = 0,
        *,
        background: bool = False,
        describe: Callable[[PynetdbError], str] = str,
    ) -> None:
        """`describe` words an error for the user, with the option that would help."""
        self.format = format
        self.verbosity = verbosity
        self.describe = describe
        self.on_failure: Callable[[OSError], None] | None = None
        """Called from another thread when standard output, in the background, can be written no more."""
        self.path: str | None = None
        """The file that the user wants results in, for `into`."""
        self.null: str | None = None
        """What stands for a missing value, where the user says it."""
        self.tells_null = False
        """Whether a terminal shows that a value is missing, and not an empty text."""
        self.vertical = False
        """Whether tables are drawn row by row, a line a value."""
        self._file: WholeFile | None = None
        self._background = background
        self._writer: BackgroundWriter | None = None
        self._stderr_writer: BackgroundWriter | None = None

    def info(self, line: str) -> None:
        """Say a line on standard error, unless --quiet."""
        if self.verbosity >= 0:
            self.say(_fit(safe(line), sys.stderr) + "\n")

    def debug(self, line: str) -> None:
        """Say a line on standard error, with --verbose only."""
        if self.verbosity > 0:
            self.say(_fit(safe(line), sys.stderr) + "\n")

    def say(self, text: str) -> None:
        """Write text, safe already, on standard error. A courtesy: if nobody takes it, the work goes on."""
        if self._background:
            if self._stderr_writer is None and sys.stderr is not None:
                self._stderr_writer = BackgroundWriter(raw_stream(sys.stderr), _gap_in_stderr)
            if self._stderr_writer is not None:
                self._stderr_writer.write(text.encode("utf-8", "backslashreplace"))
            return
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except (OSError, AttributeError):
            pass

    def text(self, text: str, end: str = "\n") -> None:
        """Write text for people: safe for a terminal, flushed."""
        self.safe_text(safe(text), end)

    def safe_text(self, text: str, end: str = "\n") -> None:
        """Write text that is safe already, flushed."""
        self._write((text if self._file is not None else _fit(text, sys.stdout)) + end)

    def exact(self, data: bytes) -> None:
        """Write exact bytes, flushed."""
        if self._file is not None:
            self._file.write(data)
        elif self._background:
            self._stdout().write(data)
        else:
            sys.stdout.flush()
            write_fully(raw_stream(sys.stdout), data)

    def event(self, event: Mapping[str, Any]) -> None:
        """Write one JSON object as a line of its own, flushed at once."""
        self._write(json_text(event) + "\n")

    def document(self, value: Any) -> None:
        """Write one JSON value over several lines."""
        self._write(json_text(value, indent=2) + "\n")

    def blocks(self, blocks: Blocks, *, json: bool = False, exact: bool = False) -> None:
        """Write text that is made already, in pieces that end where a line does, each flushed at once.

        Everywhere but on a terminal it is written as it is; `exact` bytes are there as well.
        """
        shown = safe_json if json else safe
        for block in blocks:
            if self.is_terminal and not exact:
                self._write(shown(decoded(block)))
            else:
                self.exact(block)

    def rows(self, columns: Sequence[str], rows: Iterable[Row], *, optional: str | None = None) -> None:
        """Write rows in the chosen format. No rows are a valid document: `[]`, a header alone.

        `optional` is a column that tables leave out where it is empty in every row.
        """
        from pynetdb.results.results import Results

        results = Results(self, columns, optional=optional)
        for row in rows:
            results.row(row)
        results.close()

    def table(
        self,
        columns: Sequence[str],
        blocks: Iterable[Sequence[Row]],
        numbers: Sequence[bool] | None = None,
    ) -> None:
        """Write rows as a table for people, or for Markdown; `numbers` are columns that are to the right.

        Without it those are that hold nothing but numbers and missing values.

        They are drawn block by block and may get wider on the way: memory does not grow with the result.
        Markdown of one block is drawn by tabulate. Text is not: it looks the same, but keeps the blanks at
        the ends of a cell, and to import tabulate takes longer than all that a query of a few rows does.
        """
        from pynetdb.results.tables import drawn, measure, streamed, vertical

        blocks = iter(blocks)
        first = next(blocks, [])
        second = next(blocks, None)
        style, room = self._table_style()
        every = chain((first,), () if second is None else (second,), blocks)
        if self.vertical or (room is not None and measure(style, columns, first) > room):
            # Lines that a terminal breaks are no table.
            for text in vertical(style._replace(max_cell=None), columns, every):
                self.safe_text(text, end="")
            return
        if style.markdown and second is None:
            text = drawn(style, columns, first, numbers) + "\n"
            # tabulate counts characters, which are not always columns.
            if text.isascii() or not first:
                self._write(text)
                return
        for text in streamed(style, columns, every, numbers):
            self._write(text)

    def _table_style(self) -> "tuple[TableStyle, int | None]":
        """Return the look of a table, and the columns of the terminal that it is for, None elsewhere."""
        from pynetdb.results.tables import TableStyle

        if self.format == "markdown" or not self.is_terminal:
            return TableStyle(markdown=self.format == "markdown", null=self.null or ""), None
        room = _terminal_width()
        most = None if room is None else max(_MIN_CELL, room // 2)
        null = "NULL" if self.tells_null and self.null is None else self.null or ""
        return TableStyle(null=null, dim=wants_colour(sys.stdout), max_cell=most), room

    @property
    def for_people(self) -> bool:
        """Whether results are shown as lines and tables for people."""
        return self.format == "table"

    @property
    def is_terminal(self) -> bool:
        """Whether a person reads along."""
        return self._file is None and sys.stdout.isatty()

    @contextmanager
    def into(self, path: str) -> Iterator[None]:
        """Write into a file what the block writes: all of it, or the file stays as it was.

        Raises CommandLineError for a file that cannot be made, PynetdbError for one that cannot be written.
        """
        from pynetdb.whole_file import WholeFile

        with WholeFile(path) as self._file:
            try:
                yield
                self._file.keep()
            finally:
                self._file = None

    def close(self) -> None:
        """Wait a moment for what is written in the background. Raises OSError if standard output failed."""
        self.close_stderr()
        if self._writer is not None:
            self._writer.close()

    def close_stderr(self) -> None:
        """Wait a moment for what is said in the background; harmless when done twice."""
        if self._stderr_writer is not None:
            with suppress(OSError):  # A courtesy, as in `say`.
                self._stderr_writer.close()

    def _write(self, text: str) -> None:
        if self._file is not None:
            self._file.write(text.encode("utf-8", "backslashreplace"))
        elif self._background:
            self._stdout().write(text.encode("utf-8", "backslashreplace"))
        else:
            sys.stdout.flush()
            write_fully(raw_stream(sys.stdout), text.encode("utf-8", "backslashreplace"))

    def _stdout(self) -> BackgroundWriter:
        if self._writer is None:
            self._writer = BackgroundWriter(raw_stream(sys.stdout), self._gap, self._failed)
        return self._writer

    def _failed(self, error: OSError) -> None:
        if self.on_failure is not None:
            self.on_failure(error)

    def _gap(self, number: int) -> "bytes":
        """What stands in standard output for so many pieces that nobody read in time."""
        if self.format == "jsonl":
            return (json_text({"event": "gap", "events": number}) + "\n").encode()
        self.info(f"{number} results left out: standard output was not read in time")
        return b""

    def delimited(self, rows: Iterable[Row], delimiter: str) -> None:
        """Write rows as delimited text (RFC 4180); the header is a row like the others."""
        # A terminal gets escapes; a file or a pipe gets exactly the text.
        shown = safe if self.is_terminal else str
        null = self.null or ""
        cells = ([null if cell is None else shown(str(cell)) for cell in row] for row in rows)
        from pynetdb.rows.csv_writer import csv_text

        self._write(csv_text(cells, delimiter))


def _fit(text: str, stream: IO[str] | None) -> str:
    """On a terminal, break lines where it would, so that the rest does not look like one of its own."""
    if stream is None or not stream.isatty():
        return text
    try:
        width = os.get_terminal_size(stream.fileno()).columns
    except OSError:
        return text
    return "\n".join(wrap_line(line, width) for line in text.split("\n"))


def _terminal_width() -> int | None:
    """The columns of the terminal that is standard output, None where nobody knows."""
    word = os.environ.get("COLUMNS", "")
    if word.isascii() and word.isdigit():
        return int(word) or None
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or None
    except (OSError, ValueError):
        return None


def raw_stream(stream: IO[str]) -> RawStream:
    """Return what writes the bytes of a standard stream, past its buffers."""
    buffer: Any = stream.buffer  # type: ignore[attr-defined]
    raw: RawStream = getattr(buffer, "raw", buffer)
    return raw


def json_text(value: Any, indent: int | None = None) -> str:
    """Return a value as JSON that is safe on a terminal; a NaN is a ValueError."""
    import json

    return safe_json(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent))


def wants_colour(stream: IO[str]) -> bool:
    """Colour is for terminals, and never with NO_COLOR (https://no-color.org) or TERM=dumb."""
    return not os.environ.get("NO_COLOR") and obeys_escapes(stream)


def terminal_width(stream: IO[str] | None) -> int | None:
    """Return how many columns the terminal has that `stream` is; None if it is none, or does not say."""
    if stream is None or not stream.isatty():
        return None
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except OSError:
        return None


def _gap_in_stderr(number: int) -> "bytes":
    return f"{number} lines left out: standard error was not read in time\n".encode()
