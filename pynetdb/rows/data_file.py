"""Which reader reads a data file, or several."""

import os
from contextlib import ExitStack
from typing import Any, NamedTuple

from pynetdb.errors import CommandLineError
from pynetdb.rows.batch import Reader
from pynetdb.rows.chained_reader import ChainedReader
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

_JSON = ("json", "jsonl")


class DataFile(NamedTuple):
    """A data file as the user describes it, or several with the same columns."""

    paths: tuple[str, ...]
    """`-` is standard input."""
    format: str | None = None
    """`csv`, `tsv`, `json` or `jsonl`; None is by the extension, CSV where that says nothing."""
    delimiter: str | None = None
    encoding: str = "utf-8"
    header: bool = True

    def open(self, keep: bool) -> tuple["Sources", Reader]:
        """Open the files. With `keep` even a pipe can be read again.

        Raises CommandLineError for a file that cannot be read or options that do not go together,
        DatabaseError for files that do not have the same columns.
        """
        forms = [self._form(path) for path in self.paths]
        if len({form in _JSON for form in forms}) > 1:
            raise CommandLineError("files of JSON and of delimited text cannot be read together")
        if self.paths.count("-") > 1:
            raise CommandLineError("standard input can be read only once")
        with ExitStack() as stack:
            opened = [
                self._open(path, form, keep, stack) for path, form in zip(self.paths, forms, strict=True)
            ]
            readers = [reader for _, reader in opened]
            reader = readers[0] if len(readers) == 1 else ChainedReader(readers, fixed=forms[0] not in _JSON)
            return Sources([source for source, _ in opened], stack.pop_all()), reader

    def _form(self, path: str) -> str:
        form = self.format or _BY_EXTENSION.get(os.path.splitext(path)[1].lower(), "csv")
        if form in _JSON and (self.delimiter is not None or not self.header):
            raise CommandLineError(
                f"are for CSV and TSV, and this is {form}", hint="options of delimited text"
            )
        return form

    def _open(self, path: str, form: str, keep: bool, stack: ExitStack) -> tuple[Source, Reader]:
        # A later object may have keys that the first have not: then all are read, and then again.
        source = stack.enter_context(Source(path, self.encoding, keep or form in _JSON))
        return source, self._reader(source, form)

    def _reader(self, source: Source, form: str) -> Reader:
        if form in _JSON:
            from pynetdb.rows.json_reader import JsonReader

            return JsonReader(source, lines=form == "jsonl")
        delimiter = self.delimiter or {"csv": ",", "tsv": "\t"}[form]
        return CsvReader(source, "\t" if delimiter == "\\t" else delimiter, self.header)


class Sources:
    """Sources that are open for the length of a block."""

    def __init__(self, sources: list[Source], stack: ExitStack) -> None:
        sizes = [source.size for source in sources]
        self.size = None if None in sizes else sum(filter(None, sizes))
        """Bytes of all of them; None where one is a pipe."""
        self._stack = stack

    def __enter__(self) -> "Sources":
        return self

    def __exit__(self, *exc: Any) -> None:
        self._stack.close()
