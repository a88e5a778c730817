"""pynetdb db-insert."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from pynetdb.narration import Narrator
from pynetdb.params import data_options, narration_options, output_options
from pynetdb.results.output import Output, wants_colour

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pynetdb.db.load import Loaded, Loading
    from pynetdb.rows.data_file import DataFile

# Below so many bytes an insertion is over before a bar could be read.
_LONG = 4 << 20


@click.command("db-insert")
@click.argument("db")
@click.argument("table")
@click.argument("values", metavar="[NAME=VALUE]...", nargs=-1)
@data_options("Insert every row of a data file.")
@click.option("--create", is_flag=True, help="Make the table from the data if it is missing.")
@click.option("--pk", metavar="NAME", help="With --create: the column that is the primary key.")
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
    pk: str | None,
    on_conflict: str,
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
    from pynetdb.db.load import Loading
    from pynetdb.db.sqlite.database import CREATE, WRITE, Database

    if bool(values) == (data is not None):
        raise click.UsageError("expected either NAME=VALUE... or --from FILE")
    if pk is not None and not create:
        raise click.UsageError("--pk goes with --create: a table that exists has its key")
    wanted = Loading(table, create, pk, on_conflict, batch_size, types == "detect", dry_run)
    if data is None:
        from pynetdb.db.load import insert_row
        from pynetdb.rows.assignments import assignment

        row = [assignment(value) for value in values]
        with Database(db, CREATE if create else WRITE, narrator) as opened:
            loaded = insert_row(opened, row, wanted)
    else:
        loaded = _load(db, data, wanted, narrator, output)
    if output.format == "json":
        output.document(
            {
                "table": table,
                "rows": loaded.rows,
                "created": loaded.created,
                "seconds": round(loaded.seconds, 6),
                "ignored": loaded.ignored,
            }
        )
    else:
        output.text(_told(table, loaded, dry_run))


def _load(db: str, data: "DataFile", wanted: "Loading", narrator: Narrator, output: Output) -> "Loaded":
    from pynetdb.db.load import load
    from pynetdb.db.sqlite.database import CREATE, WRITE, Database
    from pynetdb.rows import prefetch

    source, reader = data.open(keep=wanted.create or wanted.batch_size is not None)
    with source, Database(db, CREATE if wanted.create else WRITE, narrator) as opened:
        opened.use_large_pages()
        worth_it = source.size is None or source.size >= prefetch.WORTH_IT
        wanted = wanted._replace(second_process=worth_it and not narrator and prefetch.possible())
        with _progress(source.size, output) as progress:
            loaded = load(opened, reader, wanted, progress)
        if wanted.dry_run and opened.made:
            opened.discard()
    return loaded


@contextmanager
def _progress(size: int | None, output: Output) -> "Iterator[Callable[[int], None] | None]":
    if size is None or size < _LONG or output.verbosity < 0 or not wants_colour(sys.stderr):
        yield None
        return
    with click.progressbar(length=size, file=sys.stderr, label="inserting") as bar:
        yield lambda done: bar.update(done - bar.pos)


def _told(table: str, loaded: "Loaded", dry_run: bool) -> str:
    rows = f"{loaded.rows} row{'' if loaded.rows == 1 else 's'}"
    ignored = f", {loaded.ignored} ignored" if loaded.ignored else ""
    made = " (table made)" if loaded.created else ""
    return f"{table}: {rows} {'would be ' if dry_run else ''}inserted{ignored}{made}"
