"""Which reader reads a data file, or several."""

import os
import re
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, NamedTuple

from pynetdb.errors import CommandLineError
from pynetdb.rows.batch import Reader, Rule
from pynetdb.rows.chained_reader import ChainedReader
from pynetdb.rows.compressed import EXTENSIONS
from pynetdb.rows.csv_reader import CsvReader, ignore
from pynetdb.rows.dialect import HEAD, Dialect, find_shape
from pynetdb.rows.source import Source

_BY_EXTENSION = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".json": "json",
    ".geojson": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".ldjson": "jsonl",
}

_JSON = ("json", "jsonl")

# How JSON that holds rows begins, which no table of text does.
_ARRAY_OR_OBJECT = re.compile(r'\s*(?:\[\s*(?:[\[{\]]|\Z)|\{\s*(?:["}]|\Z))')
# An object on a line of its own, and another one after it.
_OBJECT_A_LINE = re.compile(r"\s*\{[^\n]*\}[ \t\r]*\n\s*\{")


class DataFile(NamedTuple):
    """A data file as the user describes it, or several with the same columns."""

    paths: tuple[str, ...]
    """`-` is standard input."""
    format: str | None = None
    """`csv`, `tsv`, `json` or `jsonl`; None is by contents and extension, CSV where they say nothing."""
    dialect: Dialect = Dialect()
    encoding: str = "utf-8"
    at: str | None = None
    """The keys, with points between them, that lead to rows inside of an object of JSON, or of each line."""
    flatten: bool = False
    """Whether the members of objects inside of rows are columns of their own."""
    exact: bool = False
    """Whether the rows go where decimals are kept as they are written."""
    numbers: str = "detect"
    """`detect`: a number is what comes back as it is; `numeric`: what means one; `text`: nothing is."""
    tell_all: bool = False
    """Whether every row that was made to fit is told, and not the first few."""
    tell: Callable[[str], None] = ignore
    """Told of what was found out about a file when it is opened."""
    tell_row: Callable[[str], None] = ignore
    """Told of rows that were made to fit, while they are read; perhaps in another process."""
    mixed: bool = False
    """Whether what is said of delimited text and of JSON is for those of several files that are such."""

    def open(self, keep: bool) -> tuple["Sources", Reader]:
        """Open the files. With `keep` even a pipe can be read again.

        Raises CommandLineError for a file that cannot be read or options that do not go together,
        DatabaseError for files that do not have the same columns.
        """
        if self.paths.count("-") > 1:
            raise CommandLineError("standard input can be read only once")
        if "" in self.paths:
            raise CommandLineError("a data file without a name: expected its path, or - for standard input")
        with ExitStack() as stack:
            sources = [stack.enter_context(Source(path, self.encoding)) for path in self.paths]
            forms = [self._form(path, source) for path, source in zip(self.paths, sources, strict=True)]
            if len({form in _JSON for form in forms}) > 1:
                raise CommandLineError("files of JSON and of delimited text cannot be read together")
            for source, form in zip(sources, forms, strict=True):
                # A later object may have keys that the first have not: then all are read, and then again.
                source.settle(keep or form in _JSON)
            readers = [self._reader(source, form) for source, form in zip(sources, forms, strict=True)]
            reader = readers[0] if len(readers) == 1 else ChainedReader(readers, fixed=forms[0] not in _JSON)
            return Sources(sources, stack.pop_all()), reader

    def _form(self, path: str, source: Source) -> str:
        form = self.format or self._recognise(_extension(path), source)
        if form in _JSON and self.dialect.given() and not self.mixed:
            raise CommandLineError(
                f"are for CSV and TSV, and this is {form}", hint="options of delimited text"
            )
        if form not in _JSON and (self.at is not None or self.flatten) and not self.mixed:
            raise CommandLineError(f"are for JSON, and this is {form}", hint="options of JSON")
        return form

    def _recognise(self, extension: str, source: Source) -> str:
        form = _BY_EXTENSION.get(extension)
        head = source.peek(HEAD)
        if not head.strip() or not _ARRAY_OR_OBJECT.match(head):
            return form or "csv"
        if form in ("csv", "tsv"):
            self.tell(f"{source.name}: this is JSON, not {form.upper()}")
        if form == "jsonl" and not head.lstrip().startswith("["):
            return form
        return "jsonl" if _OBJECT_A_LINE.match(head) else "json"

    def _reader(self, source: Source, form: str) -> Reader:
        if form in _JSON:
            from pynetdb.rows.json_reader import JsonReader
            from pynetdb.rows.json_types import make_value_rule

            return JsonReader(
                source,
                lines=form == "jsonl",
                at=None if self.at is None else tuple(self.at.split(".")),
                flatten=self.flatten,
                keep_numbers=self.numbers == "text",
                exact=self.exact,
                rule=make_value_rule(self.numbers, self.exact),
                tell=self.tell_row,
            )
        dialect = self.dialect
        shape = find_shape(source.peek(HEAD), dialect, form, source.name, self.tell)
        settings: dict[str, Any] = {"header": dialect.header, "shape": shape, "names": dialect.columns}
        settings |= {"rule": self._rule(), "tell": self.tell}
        if dialect.lenient:
            from pynetdb.rows.lenient_csv_reader import LenientCsvReader

            settings |= {"tell_all": self.tell_all, "tell_row": self.tell_row}
            return LenientCsvReader(source, **settings)
        return CsvReader(source, **settings)

    def _rule(self) -> Rule | None:
        """Return what the columns' types follow; None is the lossless rule alone."""
        from pynetdb.rows.text_types import make_text_rule

        dialect = self.dialect
        if not (dialect.decimal or dialect.nulls or dialect.lenient or self.numbers == "numeric"):
            return make_text_rule(self.numbers, True) if self.exact else None
        from pynetdb.rows.column_rules import DecimalCommaRule, NullRule

        comma = dialect.decimal == ","
        rule: Rule = DecimalCommaRule() if comma else make_text_rule(self.numbers, self.exact)
        return NullRule(rule, dialect.nulls) if dialect.nulls or dialect.lenient else rule


def _extension(path: str) -> str:
    """Return the extension that says what a file holds: `.csv` of `trips.csv.gz` as well."""
    name, extension = os.path.splitext(path.lower())
    return os.path.splitext(name)[1] if extension in EXTENSIONS else extension


class Sources:
    """Sources that are open for the length of a block."""

    def __init__(self, sources: list[Source], stack: ExitStack) -> None:
        sizes = [source.size for source in sources]
        self.size = None if None in sizes else sum(filter(None, sizes))
        """Bytes of all of them; None where one is a pipe or compressed."""
        self._stack = stack

    def __enter__(self) -> "Sources":
        return self

    def __exit__(self, *exc: Any) -> None:
        self._stack.close()
