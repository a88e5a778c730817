"""pynetdb db-create."""

import click

from pynetdb.data_options import data_options, type_options
from pynetdb.narration import Narrator
from pynetdb.param_types import NewFile
from pynetdb.params import Command, narration_options, verbosity_options
from pynetdb.results.output import Output
from pynetdb.wording import format_count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pynetdb.db.schema import NewColumn
    from pynetdb.rows.data_file import DataFile

Words = tuple[str, ...]


@click.command("db-create", cls=Command)
@click.argument("db", type=NewFile())
@click.argument("table", required=False)
@click.argument("columns", metavar="[COLUMN]...", nargs=-1)
@data_options("Take the columns and their types from a data file, not its rows.")
@click.option(
    "--pk",
    metavar="NAME",
    multiple=True,
    help="With --from: the column that is the primary key, or part of it.",
)
@type_options
@click.option("--sql", metavar="FILE", help="Run a script of SQL; `-` is standard input.")
@click.option("--strict", is_flag=True, help="Make a STRICT table, which holds only values of its types.")
@click.option("--if-not-exists", is_flag=True, help="Leave a table that exists as it is.")
@click.option("--replace", is_flag=True, help="Drop a table that exists, with its rows, and make it anew.")
@narration_options
@verbosity_options
def db_create(
    db: str,
    table: str | None,
    columns: tuple[str, ...],
    data: "DataFile | None",
    pk: tuple[str, ...],
    types: str,
    column_types: tuple[str, ...],
    sql: str | None,
    strict: bool,
    if_not_exists: bool,
    replace: bool,
    narrator: Narrator,
    output: Output,
) -> None:
    """Make a database file, or a table in one.

    COLUMN is NAME[:TYPE[:pk|notnull|unique|default=VALUE|references=TABLE.COLUMN]...], TYPE anything that
    SQLite takes: `id:int:pk`, `name:text:notnull`, `price:real:default=0`,
    `course:int:references=courses.id`.
    DB alone makes an empty database, if there is none, and says where and by which SQLite. A table that
    exists is an error (status 6), and so is a file that is no database. DB may be a postgresql:// URL.
    """
    from pynetdb.db import open as open_database
    from pynetdb.misplaced import refuse_swapped

    refuse_swapped(db, table)
    if sql is not None and (table is not None or data is not None):
        raise click.UsageError("--sql makes what the script says, without TABLE or --from")
    if table is None and (data is not None or strict or if_not_exists or replace):
        raise click.UsageError("missing argument TABLE: which table is to be made?")
    if table is not None and bool(columns) == (data is not None):
        raise click.UsageError(f"table {table!r}: expected either COLUMN... or --from FILE")
    if if_not_exists and replace:
        raise click.UsageError("--if-not-exists keeps the table and --replace drops it: choose one")
    if data is None and (pk or types != "detect" or column_types):
        raise click.UsageError("--pk, --types and --type go with --from; a COLUMN says NAME:TYPE:pk")
    if data is not None:
        data = data._replace(numbers=types, tell=output.info, tell_row=output.info)
    made, script = _read_columns(db, columns, data, pk, column_types, output), None
    if sql is not None:
        from pynetdb.db.sql_text import read_script

        script = read_script(sql)
    with open_database(db, "create", narrator, tell=output.debug) as engine:
        if table is not None:
            from pynetdb.db.tables import make_table

            how = {"strict": strict, "if_not_exists": if_not_exists, "replace": replace}
            with engine.transaction():
                new = make_table(engine, table, made, **how)
            output.text(f"{engine.place}: table {table} {'made' if new else 'exists already, left as it is'}")
        elif script is not None:
            count = engine.run_script(*script)
            output.text(f"{engine.place}: {format_count(count, 'statement')} run")
        else:
            made_now, count = engine.ensure_exists(), len(engine.all_tables())
            state = "made, empty" if made_now else f"exists, {format_count(count, 'table')}"
            output.text(f"{engine.place}: {state} ({engine.version})")


def _read_columns(
    db: str, columns: Words, data: "DataFile | None", keys: Words, types: Words, output: Output
) -> "list[NewColumn]":
    """Read what is to be made before anything is; say which columns of numbers are text."""
    from pynetdb.db.column_specs import parse_column_spec, parse_column_types

    if data is None:
        from pynetdb.guesses import column_hint

        if meant := column_hint(columns):
            raise click.UsageError(f"a COLUMN is NAME:TYPE, in one word: {meant}")
        return [parse_column_spec(column) for column in columns]
    from pynetdb.db.data_columns import survey_file
    from pynetdb.db.places import keeps_decimals
    from pynetdb.results.insertions import describe_inexact

    data = data._replace(exact=keeps_decimals(db))
    made, inexact = survey_file(data, keys, parse_column_types(types))
    for line in describe_inexact(inexact):
        output.info(line)
    return made
