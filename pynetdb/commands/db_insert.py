"""pynetdb db-insert."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from pynetdb.narration import Narrator
from pynetdb.params import data_options, narration_options, output_options
from pynetdb.results.output import Output, wants_colour
from pynetdb.wording import format_count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pynetdb.db.engine import OnConflict
    from pynetdb.db.load import LoadResult, Progress
    from pynetdb.rows.data_file import DataFile


@click.command("db-insert")
@click.argument("db")
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
@click.option(
    "--types",
    type=click.Choice(("detect", "text")),
    default="detect",
    show_default=True,
    help="With --create: the types of the data, or all TEXT.",
)
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
    dry_run: bool,
    narrator: Narrator,
    output: Output,
) -> None:
    """Insert one row from the arguments, or many from a file.

    NAME=VALUE is text, which SQLite makes a number in a column of numbers; NAME:=JSON has a type of its
    own: `age:=36`, `note:=null`. From a file all rows are inserted or, if one is refused, none; the
    message names its line. With --create a column becomes INTEGER or REAL only if every value comes back
    from that exactly as it is in the file (`01234` and `1.10` stay TEXT), and the database is made as well
    if it is missing. Of an empty text a column of numbers makes NULL.
    """
    from pynetdb.db.load import LoadOptions, load_file, load_row
    from pynetdb.guesses import refuse_swapped
    from pynetdb.rows.assignments import parse_assignment

    refuse_swapped(db, table)
    if bool(values) == (data is not None):
        raise click.UsageError("expected either NAME=VALUE... or --from FILE")
    if pk and not create:
        raise click.UsageError("--pk goes with --create: a table that exists has its key")
    options = LoadOptions(table, create, pk, on_conflict, batch_size, types == "detect", dry_run)
    if data is None:
        result = load_row(db, [parse_assignment(value) for value in values], options, narrator)
    else:
        shows_bar = output.verbosity >= 0 and wants_colour(sys.stderr)
        result = load_file(db, data, options, narrator, _progress_bar if shows_bar else None)
    if output.format == "json":
        output.document(
            {
                "table": table,
                "rows": result.rows,
                "created": result.created,
                "seconds": round(result.seconds, 6),
                "ignored": result.ignored,
            }
        )
    else:
        output.text(_summary(table, result, dry_run))


@contextmanager
def _progress_bar(size: int) -> "Iterator[Progress]":
    with click.progressbar(length=size, file=sys.stderr, label="inserting") as bar:
        yield lambda done: bar.update(done - bar.pos)


def _summary(table: str, result: "LoadResult", dry_run: bool) -> str:
    rows = format_count(result.rows, "row")
    ignored = f", {result.ignored} ignored" if result.ignored else ""
    made = " (table made)" if result.created else ""
    return f"{table}: {rows} {'would be ' if dry_run else ''}inserted{ignored}{made}"
