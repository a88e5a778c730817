"""Which reader reads a data file."""

import os
from contextlib import ExitStack
from typing import NamedTuple

from pynetdb.errors import CommandLineError
from pynetdb.rows.batch import Reader
from pynetdb.rows.csv_reader import CsvReader
from pynetdb.rows.source import Source

_BY_EXTENSION = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}


class DataFile(NamedTuple):
    """A data file as the user describes it."""

    path: str
    """`-` is standard input."""
    format: str | None = None
    """`csv`, `tsv`, `json` or `jsonl`; None is by the extension, CSV where that says nothing."""
    delimiter: str | None = None
    encoding: str = "utf-8"
    header: bool = True

    def open(self, keep: bool) -> tuple[Source, Reader]:
        """Open the file. With `keep` even a pipe can be read again.

        Raises CommandLineError for a file that cannot be read or options that do not go together.
        """
        form = self.format or _BY_EXTENSION.get(os.path.splitext(self.path)[1].lower(), "csv")
        if form in ("json", "jsonl") and (self.delimiter is not None or not self.header):
            raise CommandLineError(
                f"are for CSV and TSV, and this is {form}", hint="options of delimited text"
            )
        # A later object may have keys that the first have not: then all are read, and then again.
        source = Source(self.path, self.encoding, keep or form in ("json", "jsonl"))
        with ExitStack() as undo:
            undo.callback(source.close)
            reader = self._reader(source, form)
            undo.pop_all()
        return source, reader

    def _reader(self, source: Source, form: str) -> Reader:
        if form in ("json", "jsonl"):
            from pynetdb.rows.json_reader import JsonReader

            return JsonReader(source, lines=form == "jsonl")
        delimiter = self.delimiter or {"csv": ",", "tsv": "\t"}[form]
        return CsvReader(source, "\t" if delimiter == "\\t" else delimiter, self.header)
