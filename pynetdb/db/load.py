"""A whole source of rows into a table, which may be made from them: all of it or nothing."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from typing import NamedTuple

from pynetdb.db.sqlite.database import Database
from pynetdb.db.sqlite.insert import ABORT, Insertion
from pynetdb.db.sqlite.schema import NewColumn, Table, create_table, table_to_fill
from pynetdb.errors import CommandLineError, DatabaseError
from pynetdb.rows.assignments import Assignment
from pynetdb.rows.batch import Batch, Conversion, KindsDifferError, Reader, Rule, UnknownColumnError, kinds_in
from pynetdb.rows.json_types import LONG, ValueRule
from pynetdb.rows.names import casefold_ascii
from pynetdb.rows.prefetch import read_ahead
from pynetdb.rows.text_types import EMPTY, INTEGER, TEXT, TextRule

Progress = Callable[[int], None]
"""Told how many bytes of the source have been read."""

# What the kinds are called in SQL. A column without any value is text until it has one.
_TYPES = {EMPTY: TEXT, LONG: INTEGER}


class Loading(NamedTuple):
    """What the user wants of an insertion."""

    table: str
    create: bool = False
    """Make the table from the data if it is missing."""
    key: str | None = None
    """The column that becomes its primary key."""
    on_conflict: str = ABORT
    batch_size: int | None = None
    """Commit after so many rows; None is once, at the end."""
    detect: bool = True
    """Give a table that is made the types of the data; otherwise all is TEXT."""
    dry_run: bool = False
    """Do everything but the COMMIT."""
    second_process: bool = False
    """Read in a process of its own."""


class Loaded(NamedTuple):
    """What came of it."""

    rows: int
    """Rows inserted, replaced or updated."""
    ignored: int
    """Rows left out because of `--on-conflict ignore`."""
    created: bool
    seconds: float


def load(db: Database, reader: Reader, wanted: Loading, progress: Progress | None = None) -> Loaded:
    """Insert every row of `reader`.

    Raises DatabaseError for what is refused, with the line where there is one; then nothing was
    inserted, but for earlier batches where a batch size was given, and the message says how many.
    """
    begun = time.monotonic()
    work = _Work(db, reader, wanted, progress)
    try:
        work.run()
    except (KindsDifferError, UnknownColumnError):
        # The beginning of the data has misled us: read all of it, then do it again. Nothing was kept.
        reader.rewind()
        work.survey()
        work.run()
    return Loaded(work.inserted, work.read - work.inserted, work.created, time.monotonic() - begun)


def surveyed_columns(reader: Reader, key: str | None) -> list[NewColumn]:
    """Read all of a source for the columns that a table made from it has; `key` is the primary key.

    Raises DatabaseError as `load` does, CommandLineError if there is no column `key`.
    """
    reader.learn_columns()
    reader.rewind()
    return _new_columns(reader, _surveyed_kinds(reader), key)


def _surveyed_kinds(reader: Reader) -> list[str]:
    """Read all rows for the kinds of their columns."""
    kinds = [EMPTY] * len(reader.columns)
    for batch in reader.batches():
        kinds = kinds_in(reader.rule, batch.cells, len(kinds), kinds)
    return kinds


def new_column(name: str, kind: str, key: str | None) -> NewColumn:
    """Return the column of a table made from data; `key` names the primary key, if there is one."""
    return NewColumn(
        name, _TYPES.get(kind, kind), key is not None and casefold_ascii(name) == casefold_ascii(key)
    )


def _new_columns(reader: Reader, kinds: Sequence[str], key: str | None) -> list[NewColumn]:
    names = reader.columns
    if not names:
        raise DatabaseError(f"{reader.name}: has no columns")
    if key is not None and casefold_ascii(key) not in map(casefold_ascii, names):
        raise CommandLineError(f"--pk {key}: no such column in {reader.name} ({', '.join(names[:20])})")
    return [new_column(name, kind, key) for name, kind in zip(names, kinds, strict=True)]


class _Work:
    def __init__(self, db: Database, reader: Reader, wanted: Loading, progress: Progress | None) -> None:
        self._db = db
        self._reader = reader
        self._wanted = wanted
        self._progress = progress or (lambda done: None)
        self._kinds: list[str] | None = None
        self.inserted = self.read = self._kept = 0
        self.created = False
        self._old = table_to_fill(db, wanted.table, wanted.create, "data")
        if self._old is not None and self._old.view:
            raise DatabaseError(f"{db.path}: {self._old.name!r} is a view, expected a table")
        if wanted.batch_size is not None:
            # What is committed cannot be done again with other columns or types.
            self.survey()

    def survey(self) -> None:
        """Read everything once: which columns are there, and of which kinds."""
        self._reader.learn_columns()
        self._reader.rewind()
        if self._old is None and self._wanted.detect:
            self._kinds = _surveyed_kinds(self._reader)
            self._reader.rewind()

    def run(self) -> None:
        """Read and insert."""
        self.inserted = self.read = 0
        batches = self._reader.batches()
        first = next(batches, None)
        if self._old is not None:
            columns, conversion = self._fitting(self._old)
        else:
            columns, conversion = self._new(first)
        with ExitStack() as stack:
            rest = _converted(batches, conversion)
            if self._wanted.second_process:
                # Before the transaction, in which the other process has no part.
                rest = stack.enter_context(read_ahead(rest))
            if first is not None:
                conversion.apply(first.cells)
                rest = chain((first,), rest)
            try:
                self._insert(columns, rest)
            except DatabaseError as error:
                if not self._kept:
                    raise
                told = f"{error} (the {self._kept} rows before its batch are in the table)"
                raise DatabaseError(told) from error

    def _fitting(self, table: Table) -> tuple[list[NewColumn], Conversion]:
        """The columns of a table that is there."""
        where = f"{self._reader.name} line 1"
        columns = [table.required_column(name, where) for name in self._reader.columns]
        conversion = Conversion(self._reader.rule, [column.affinity for column in columns], certain=True)
        return [NewColumn(column.name) for column in columns], conversion

    def _new(self, first: Batch | None) -> tuple[list[NewColumn], Conversion]:
        """The columns of a table made from the data; of their kinds the first batch gives a guess."""
        width = len(self._reader.columns)
        kinds = self._kinds
        if not self._wanted.detect:
            kinds = [TEXT] * width
        elif kinds is None:
            kinds = kinds_in(self._reader.rule, first.cells if first else [], width)
        columns = _new_columns(self._reader, kinds, self._wanted.key)
        return columns, Conversion(self._reader.rule, kinds, certain=False)

    def _insert(self, columns: list[NewColumn], batches: Iterator[Batch]) -> None:
        wanted = self._wanted
        name = self._old.name if self._old else wanted.table
        names = [column.name for column in columns]
        pieces = self._pieces(batches, len(names))
        more = True
        while more:
            with self._db.transaction(keep=not wanted.dry_run):
                if self._old is None and not self.created:
                    create_table(self._db, wanted.table, columns)
                insertion = Insertion(self._db, name, names, wanted.on_conflict)
                more = False
                for batch, start, end, full in pieces:
                    insertion.insert(batch, self._reader.name, start, end)
                    self.read += end - start
                    self._progress(batch.done)
                    if full:
                        more = True
                        break
                self.inserted += insertion.inserted
            self._kept = self.inserted
            self.created = self._old is None

    def _pieces(self, batches: Iterator[Batch], width: int) -> Iterator[tuple[Batch, int, int, bool]]:
        """Cut the batches where a transaction is full."""
        size = None if self._wanted.dry_run else self._wanted.batch_size
        room = size
        for batch in batches:
            rows = len(batch.cells) // width
            if room is None or size is None:
                yield batch, 0, rows, False
                continue
            start = 0
            while start < rows:
                end = min(rows, start + room)
                room -= end - start
                yield batch, start, end, not room
                start = end
                room = room or size


def _converted(batches: Iterator[Batch], conversion: Conversion) -> Iterator[Batch]:
    for batch in batches:
        conversion.apply(batch.cells)
        yield batch


def insert_row(db: Database, row: list[Assignment], wanted: Loading) -> Loaded:
    """Insert one row; the table is made of it if it is missing and `wanted.create` says so.

    Raises DatabaseError for what is refused, CommandLineError for a name given twice.
    """
    names = [casefold_ascii(given.name) for given in row]
    for given in row:
        if names.count(casefold_ascii(given.name)) > 1:
            raise CommandLineError(f"{given.name!r} is given twice")
    if wanted.key is not None and casefold_ascii(wanted.key) not in names:
        raise CommandLineError(f"--pk {wanted.key}: no such column among the values")
    with db.transaction(keep=not wanted.dry_run):
        old = table_to_fill(db, wanted.table, wanted.create, "values")
        columns: list[NewColumn] = []
        values = []
        for given in row:
            rule: Rule = ValueRule() if given.typed else TextRule()
            if old is not None:
                column = old.required_column(given.name, db.path)
                columns.append(NewColumn(column.name))
                values += rule.offered([given.value], column.affinity)
                continue
            kind = rule.kind_of([given.value]) if wanted.detect else TEXT
            columns.append(new_column(given.name, kind, wanted.key))
            values += rule.converted([given.value], kind) or [given.value]
        if old is None:
            create_table(db, wanted.table, columns)
        insertion = Insertion(
            db, old.name if old else wanted.table, [column.name for column in columns], wanted.on_conflict
        )
        insertion.one(values)
    return Loaded(insertion.inserted, 1 - insertion.inserted, old is None, 0.0)
