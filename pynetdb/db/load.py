"""A whole source of rows into a table, which may be made from them: all of it or nothing."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from itertools import chain
from typing import TYPE_CHECKING

from pynetdb import db
from pynetdb.db.data_columns import (
    InexactColumn,
    InexactColumns,
    find_type,
    has_column,
    new_columns,
    survey_kinds,
    watch_guesses,
)
from pynetdb.db.engine import Engine, Mode, TransactionConflictError
from pynetdb.db.existing_columns import ExistingColumns, ExistingTable
from pynetdb.db.load_options import LoadOptions, LoadResult
from pynetdb.db.places import keeps_decimals
from pynetdb.db.schema import NewColumn, Table, TableColumn, TableExistsError
from pynetdb.db.tables import find_target_table
from pynetdb.errors import CommandLineError, DatabaseError
from pynetdb.narration import Narrator
from pynetdb.rows import prefetch
from pynetdb.rows.assignments import Assignment
from pynetdb.rows.batch import (
    Batch,
    ColumnConverter,
    Reader,
    TypeMismatchError,
    UnknownColumnError,
    infer_types,
)
from pynetdb.rows.json_types import ValueRule
from pynetdb.rows.names import casefold_ascii
from pynetdb.rows.row_reader import RowReader
from pynetdb.rows.text_types import TEXT
from pynetdb.wording import format_count

if TYPE_CHECKING:
    from pynetdb.rows.data_file import DataFile

Progress = Callable[[int], None]
"""Told how many bytes of the source have been read."""

ProgressBar = Callable[[int], AbstractContextManager[Progress]]
"""Shows the progress towards so many bytes."""

MIN_PROGRESS_SIZE = 4 << 20
"""Bytes of a file below which an insertion is over before a bar could be read."""

# How often a load is tried that other transactions are in the way of.
_MAX_CONFLICTS = 10


def load_file(
    place: str,
    data: "DataFile",
    options: LoadOptions,
    narrator: Narrator | None = None,
    bar: ProgressBar | None = None,
) -> LoadResult:
    """Insert every row of a data file into a database, which `options.create` makes as well.

    Of a long file a second process reads ahead where that saves time, and `bar` is shown. Raises as
    `load` does, and CommandLineError for a file that cannot be read.
    """
    # What may have to be read again: for its types, its columns, or both.
    again = options.create or options.alter or options.batch_size is not None or data.dialect.lenient
    if keeps_decimals(place):
        # A server may ask for all of it once more, because somebody else was in the way.
        again, data = True, data._replace(exact=True)
    options = options.for_data(data)
    source, reader = data.open(keep=again)
    mode: Mode = "create" if options.create else "write"
    with source, db.open(place, mode, narrator, many_rows=True) as engine:
        # Narration stays in order; text that a server takes as it was read is no work for a second process.
        alone = narrator or (reader.cheap and keeps_decimals(place))
        second_process = not alone and prefetch.is_worthwhile(source.size)
        shown: AbstractContextManager[Progress | None] = nullcontext()
        if bar is not None and source.size is not None and source.size >= MIN_PROGRESS_SIZE:
            shown = bar(source.size)
        with shown as progress:
            result = load(engine, reader, options, progress, second_process)
        if options.dry_run:
            engine.close(keep=False)
    return result._replace(remark=engine.remark)


def load_row(
    place: str,
    row: Sequence[Assignment],
    options: LoadOptions,
    narrator: Narrator | None = None,
    numbers: str = "detect",
) -> LoadResult:
    """Insert one row into a database, which `options.create` makes as well.

    `numbers` is as in a DataFile. Raises as `load` does, and CommandLineError for a name given twice.
    """
    with db.open(place, "create" if options.create else "write", narrator) as engine:
        reader = RowReader(row, engine.place, numbers, exact=keeps_decimals(place))
        for key in options.keys:
            if not has_column(reader, key):
                raise CommandLineError(f"{key}: no such column among the values", hint="key")
        result = load(engine, reader, options)
        if options.dry_run:
            engine.close(keep=False)
    return result._replace(remark=engine.remark)


def load(
    engine: Engine,
    reader: Reader,
    options: LoadOptions,
    progress: Progress | None = None,
    second_process: bool = False,
) -> LoadResult:
    """Insert every row of `reader`, which a second process may read.

    Raises DatabaseError for what is refused, with the line where there is one; then nothing was
    inserted, but for earlier batches where a batch size was given, and the message says how many.
    """
    begun = time.monotonic()
    attempt = _Load(engine, reader, options, progress, second_process)
    conflicts = 0
    while True:
        try:
            attempt.run()
        except (TypeMismatchError, UnknownColumnError):
            # The beginning of the data has misled us: read all of it, then do it again. Nothing was kept.
            reader.rewind()
            attempt.survey()
        except TableExistsError:
            # Another program has made it since we looked: then it is a table like others.
            if not attempt.find_table():
                raise
            reader.rewind()
        except TransactionConflictError:
            conflicts += 1
            if attempt.committed or conflicts == _MAX_CONFLICTS:
                raise
            import random

            time.sleep(random.uniform(0, 0.02 * conflicts))  # noqa: S311 - of two one waits longer
            reader.rewind()
        else:
            break
    seconds = time.monotonic() - begun
    rows, ignored = attempt.inserted, attempt.read - attempt.inserted
    return LoadResult(
        rows,
        ignored,
        attempt.created,
        seconds,
        attempt.inexact(),
        attempt.added_names(),
        attempt.existing(),
    )


class _Load:
    """One load, which is run again where the beginning of the data has misled it."""

    def __init__(
        self,
        engine: Engine,
        reader: Reader,
        options: LoadOptions,
        progress: Progress | None,
        second_process: bool,
    ) -> None:
        self._engine = engine
        self._reader = reader
        self._options = options
        self._progress = progress or (lambda done: None)
        self._second_process = second_process
        self._kinds: list[str] | None = None
        self._table: Table | None = None
        self.inserted = self.read = self.committed = 0
        self.created = False
        self._fillable: list[int] = []
        self._added: list[NewColumn] = []
        self._inexact: InexactColumns | None = None
        self._existing: ExistingTable | None = None
        self.find_table()
        if options.batch_size is not None:
            # What is committed cannot be done again with other columns or types.
            self.survey(to_the_end=False)

    def find_table(self) -> bool:
        """Look for the table that is to be filled; return whether it is there. Raises DatabaseError."""
        options = self._options
        self._table = find_target_table(self._engine, options.table, options.create, self._reader.what)
        if self._table is not None and not self._table.fillable:
            raise DatabaseError(f"{self._engine.place}: {self._table.name!r} is a view, expected a table")
        return self._table is not None

    def survey(self, *, to_the_end: bool = True) -> None:
        """Read everything once: which columns are there, and of which kinds.

        Else up to what is wrong with it, which is met again when the rows before it have been inserted.
        """
        with nullcontext() if to_the_end else suppress(DatabaseError):
            self._reader.learn_columns()
        self._reader.rewind()
        if not self._options.detect:
            self._kinds = [TEXT] * len(self._reader.rules)
        elif self._table is None or self._options.alter:
            self._kinds = survey_kinds(self._reader, to_the_end=to_the_end)
            self._reader.rewind()

    def inexact(self) -> list[InexactColumn]:
        """Return the columns of numbers that are text."""
        return [] if self._inexact is None else self._inexact.result()

    def existing(self) -> ExistingColumns:
        """Return what is worth knowing of a table that was there."""
        if self._existing is None:
            return ExistingColumns()
        return self._existing.result(self._options.keys, self._options.types, self._kind_of)

    def added_names(self) -> list[str]:
        """Return the columns that the table did not have."""
        return [column.name for column in self._added]

    def run(self) -> None:
        """Read and insert."""
        self.inserted = self.read = 0
        batches = self._reader.batches()
        if self._table is None:
            # A table that is made from the data has no defaults: what a row does not name is NULL.
            batches = (batch._replace(present=None) for batch in batches)
        first = next(batches, None)
        if self._table is not None:
            names, converter = self._fit_columns(self._table, first)
            new: list[NewColumn] = []
        else:
            new, converter = self._plan_columns(first)
            names = [column.name for column in new]
        rest = converter.convert_all(batches)
        with ExitStack() as stack:
            if self._second_process:
                # Before the transaction, in which the other process has no part.
                rest = stack.enter_context(prefetch.prefetch(rest))
            try:
                self._insert(names, new, rest if first is None else chain((first,), rest))
            except DatabaseError as error:
                if not self.committed:
                    raise
                message = f"{error} (the {self.committed} rows before its batch are in the table)"
                raise error.reworded(message) from error

    def _fit_columns(self, table: Table, first: Batch | None) -> tuple[list[str], ColumnConverter]:
        """Return the columns of a table that is there which the data fill; convert the first batch."""
        if self._options.alter and self._reader.named and not self._added:
            self._plan_added(table)
        found = self._match_columns(table)
        self._fillable = [number for number, column in enumerate(found) if not column.generated]
        if self._added and self._kinds is not None:
            self._watch([column not in table.columns for column in found], self._kinds)
        values = any(isinstance(rule, ValueRule) for rule in self._reader.rules)
        self._existing = ExistingTable(table, found, self._options.numbers_wanted and not values)
        kinds = [column.kind for column in found]
        converter = ColumnConverter(self._reader.rules, kinds, [True] * len(kinds))
        if first is not None:
            converter.convert(first)
        return [column.name for column in found], converter

    def _plan_added(self, table: Table) -> None:
        """Find the columns that the table has not. Their kinds take a look at all rows."""
        reader = self._reader
        missing = [number for number, name in enumerate(reader.columns) if table.column(name) is None]
        if not missing:
            return
        if self._kinds is None:
            raise TypeMismatchError
        columns = new_columns(reader, self._kinds, (), self._options.types)
        self._added = [columns[number] for number in missing]

    def _match_columns(self, table: Table) -> list[TableColumn]:
        reader = self._reader
        if reader.named:
            added = {casefold_ascii(column.name): column for column in self._added}
            return [
                self._engine.describe_column(added[casefold_ascii(name)])
                if casefold_ascii(name) in added
                else table.required_column(name, reader.find_column(name))
                for name in reader.columns
            ]
        columns = table.fillable_columns
        if len(reader.columns) != len(columns):
            known = ", ".join(column.name for column in columns[:20])
            fields = format_count(len(reader.columns), "field")
            raise DatabaseError(
                f"{reader.header}: {fields}, table {table.name!r} has {len(columns)} ({known})"
            )
        return columns

    def _plan_columns(self, first: Batch | None) -> tuple[list[NewColumn], ColumnConverter]:
        """Return the columns of a table to be made; convert the first batch, which gives a guess of them."""
        rules = self._reader.rules
        self._fillable = list(range(len(rules)))
        cells = first.cells if first else []
        known = self._given_kinds()
        certain = [kind is not None for kind in known]
        if self._options.detect and self._kinds is None:
            kinds = infer_types(rules, cells, known)
            converter = ColumnConverter(rules, kinds, certain)
        else:
            found = self._kinds or [TEXT] * len(rules)
            kinds = [given or kind for given, kind in zip(known, found, strict=True)]
            converter = ColumnConverter(rules, kinds, certain)
            if first is not None:
                converter.convert(first)
        new = new_columns(self._reader, kinds, self._options.keys, self._options.types)
        self._watch([True] * len(rules), kinds)
        return new, converter

    def _watch(self, made: Sequence[bool], kinds: Sequence[str]) -> None:
        """Look out for numbers in columns that are `made` and are text by no wish of the user's."""
        if not self._options.detect:
            return
        reader = self._reader
        guessed = [new and kind is None for new, kind in zip(made, self._given_kinds(), strict=True)]
        watched = [kind if guess else "" for kind, guess in zip(kinds, guessed, strict=True)]
        self._inexact = watch_guesses(reader.columns, reader.rules, watched, self._options.comma_wanted)

    def _given_kinds(self) -> list[str | None]:
        """Return the kinds that columns have by what the user says of them: these are no guess."""
        given = [find_type(self._options.types, name) for name in self._reader.columns]
        return [None if words is None else self._kind_of(words) for words in given]

    def _kind_of(self, words: str) -> str:
        """Return the kind of a type in the words of the database."""
        return self._engine.describe_column(NewColumn("", words)).kind

    def _insert(self, names: Sequence[str], new: list[NewColumn], batches: Iterator[Batch]) -> None:
        options, engine = self._options, self._engine
        table = self._table
        keys = [number for number, column in enumerate(new) if column.key]
        pieces = self._pieces(batches, len(names))
        more = True
        while more:
            with engine.transaction(keep=not options.dry_run):
                if table is None:
                    table = engine.create_table(options.table, new)
                if self._added and not self.committed:
                    table = engine.add_columns(table, self._added)
                insertion = engine.start_insert(table, names, self._reader.name, options.on_conflict)
                more = False
                for batch, start, end, full in pieces:
                    for number in keys:
                        self._require_key(batch, start, end, number, names)
                    for watcher in (self._inexact, self._existing):
                        if watcher is not None:
                            watcher.look(batch.cells, start, end)
                    insertion.insert(batch, start, end)
                    self.read += end - start
                    self._progress(batch.done)
                    if full:
                        more = True
                        break
                self.inserted += insertion.end()
            self.committed = self.inserted
            self.created = self._table is None

    def _require_key(self, batch: Batch, start: int, end: int, number: int, names: Sequence[str]) -> None:
        """Raise DatabaseError for a row whose key is empty: SQL would make one up, or let it pass."""
        width = len(names)
        column = batch.cells[start * width + number : end * width : width]
        if None in column or "" in column:
            row = start + next(row for row, value in enumerate(column) if value in (None, ""))
            place = batch.describe_place(row, self._reader.name)
            raise DatabaseError(f"{place}: the key {names[number]!r} is empty")

    def _pieces(self, batches: Iterator[Batch], width: int) -> Iterator[tuple[Batch, int, int, bool]]:
        """Cut the batches where a transaction is full."""
        size = None if self._options.dry_run else self._options.batch_size
        room = size
        for batch in batches:
            if len(self._fillable) < width:
                batch = batch.without_others(self._fillable, width)
            for first, last in batch.split_by_columns(width):
                if room is None or size is None:
                    yield batch, first, last, False
                    continue
                start = first
                while start < last:
                    end = min(last, start + room)
                    room -= end - start
                    yield batch, start, end, not room
                    start = end
                    room = room or size
