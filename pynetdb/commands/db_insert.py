"""pynetdb db-insert."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from pynetdb.data_options import data_options, type_options
from pynetdb.narration import Narrator
from pynetdb.param_types import NewFile
from pynetdb.params import Command, narration_options, output_options
from pynetdb.results.output import Output, wants_colour

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pynetdb.db.engine import OnConflict
    from pynetdb.db.load import Progress
    from pynetdb.rows.data_file import DataFile


@click.command("db-insert", cls=Command)
@click.argument("db", type=NewFile())
@click.argument("table")
@click.argument("values", metavar="[NAME=VALUE]...", nargs=-1)
@data_options("Insert every row of a data file.")
@click.option("--create", is_flag=True, help="Make the table from the data if it is missing.")
@click.option(
    "--pk",
    metavar="NAME",
    multiple=True,
    help="With --create: the column that is the primary key, or part of it.",
)
@click.option(
    "--on-conflict",
    type=click.Choice(("abort", "ignore", "replace", "update")),
    default="abort",
    show_default=True,
    help="What happens to a row whose key is there already.",
)
@click.option(
    "--batch-size", metavar="N", type=click.IntRange(min=1), help="Commit every N rows, not once at the end."
)
@type_options
@click.option("--alter", is_flag=True, help="Add the columns that the data have and the table has not.")
@click.option("--dry-run", is_flag=True, help="Do it all and find the same errors, but keep nothing.")
@narration_options
@output_options("table", "json")
def db_insert(
    db: str,
    table: str,
    values: tuple[str, ...],
    data: "DataFile | None",
    create: bool,
    pk: tuple[str, ...],
    on_conflict: "OnConflict",
    batch_size: int | None,
    types: str,
    column_types: tuple[str, ...],
    alter: bool,
    dry_run: bool,
    narrator: Narrator,
    output: Output,
) -> None:
    """Insert one row from the arguments, or many from a file.

    NAME=VALUE is text, which SQLite makes a number in a column of numbers; NAME:=JSON has a type of its
    own: `age:=36`, `note:=null`. From a file all rows are inserted or, if one is refused, none; the
    message names its line. With --create a column becomes INTEGER or REAL only if every value comes back
    from that exactly as it is in the file (`01234` and `1.10` stay TEXT), and the database is made as well
    if it is missing. Of an empty text a column of numbers makes NULL. DB may be a postgresql:// URL, where
    all plain decimals are numbers.
    """
    from pynetdb.db.load import load_file, load_row
    from pynetdb.db.load_options import LoadOptions
    from pynetdb.misplaced import refuse_file, refuse_swapped
    from pynetdb.results.insertions import show_insertion
    from pynetdb.rows.assignments import parse_assignment

    refuse_swapped(db, table)
    refuse_file(table, values, from_file=data is not None)
    if bool(values) == (data is not None):
        raise click.UsageError("expected either NAME=VALUE... or --from FILE")
    if pk and not create:
        raise click.UsageError("--pk goes with --create: a table that exists has its key")
    if column_types and not (create or alter):
        raise click.UsageError("--type goes with --create or --alter: a column that exists has its type")
    if alter and data is not None and not (data.dialect.header or data.dialect.columns):
        raise click.UsageError("--alter takes the names of columns from a header, or from --columns")
    own_types = {}
    if column_types:
        from pynetdb.db.column_specs import parse_column_types

        own_types = parse_column_types(column_types)
    detect = types != "text"
    options = LoadOptions(table, create, pk, on_conflict, batch_size, detect, dry_run, own_types, alter)
    if data is None:
        result = load_row(db, [parse_assignment(value) for value in values], options, narrator, types)
    else:
        shows_bar = output.verbosity >= 0 and wants_colour(sys.stderr)
        notes: list[str] = []
        data = data._replace(
            numbers=types, tell=notes.append, tell_row=output.info, tell_all=output.verbosity > 0
        )
        result = load_file(db, data, options, narrator, _progress_bar if shows_bar else None)
        for note in notes:
            output.info(note)
    show_insertion(table, result, dry_run, output, data is not None)


@contextmanager
def _progress_bar(size: int) -> "Iterator[Progress]":
    with click.progressbar(length=size, file=sys.stderr, label="inserting") as bar:
        yield lambda done: bar.update(done - bar.pos)
