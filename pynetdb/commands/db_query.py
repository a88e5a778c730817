"""pynetdb db-query."""

from contextlib import ExitStack

import click

from pynetdb.data_options import load_options
from pynetdb.errors import NegativeAnswerError
from pynetdb.narration import Narrator
from pynetdb.params import Command, Duration, NameAndFile, narration_options, output_options
from pynetdb.query_options import query_options
from pynetdb.results.output import Output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pynetdb.db.engine import Mode
    from pynetdb.results.statements import Question
    from pynetdb.rows.data_file import DataFile


@click.command("db-query", cls=Command)
@query_options
@click.option("--fail-empty", is_flag=True, help="No rows are exit status 7.")
@click.option("--attach", type=NameAndFile(), multiple=True, help="Read tables of FILE as NAME.table.")
@load_options
@click.option("--timeout", type=Duration(), help="Interrupt the statement after so long (status 4).")
@click.option("--null", metavar="TEXT", help="What stands for NULL in tables, CSV and TSV.")
@click.option("--vertical", is_flag=True, help="Show each row as lines of NAME and value.")
@narration_options
@output_options(
    "table",
    "json",
    "jsonl",
    "csv",
    "tsv",
    "markdown",
    "raw",
    file="Write the result to FILE, whole or not at all",
)
def db_query(
    db: str,
    question: "Question",
    fail_empty: bool,
    attach: tuple[tuple[str, str], ...],
    load: tuple[str, ...],
    data: "DataFile | None",
    column_types: tuple[str, ...],
    timeout: float | None,
    null: str | None,
    vertical: bool,
    narrator: Narrator,
    output: Output,
) -> None:
    """Run one statement of SQL; `-` reads it from standard input, and so does a pipe without SQL.

    Without SQL: the tables, their columns and how many rows they have. Nothing can be changed unless
    --write is given; then several statements are one transaction. Values belong into -P and -V, not into
    the text: -P name=Ann for :name, -V for each ?; they are text, and -P age:=36 and -V :=36 are JSON. In
    JSON a BLOB is {"base64": "..."} and an infinity null; elsewhere a BLOB is x'...'; raw is exact bytes.
    DB may be a postgresql:// URL, where -V is for $1, $2...
    """
    from pynetdb.db import open as open_database
    from pynetdb.results.statements import show_answer

    if load and db != ":memory:":
        raise click.UsageError("--load makes tables in a database of its own: DB is :memory:")
    if vertical and output.format != "table":
        raise click.UsageError("--vertical is a way to show a table")
    mode: Mode = "write" if question.write else "read"
    output.null, output.vertical, output.tells_null = null, vertical, True
    with ExitStack() as stack:
        engine = stack.enter_context(open_database(db, mode, narrator, timeout, tell=output.debug))
        for name, place in attach:
            engine.attach(name, place)
        if data is not None:
            from pynetdb.db.column_specs import parse_column_types
            from pynetdb.db.load_tables import load_tables
            from pynetdb.results.insertions import describe_inexact

            tell, tell_all = output.info, output.verbosity > 0
            data = data._replace(tell=tell, tell_row=tell, tell_all=tell_all)
            for result in load_tables(engine, load, data, parse_column_types(column_types)):
                for line in describe_inexact(result.inexact):
                    output.info(line)
        if output.path is not None:
            if engine.owns_file(output.path):
                raise click.UsageError(f"-o {output.path}: is a file of the database that is read")
            stack.enter_context(output.into(output.path))
        stack.enter_context(engine.limited(timeout))
        # Else it is an error, which says the same.
        found = show_answer(engine, question, output, note=not fail_empty)
    if fail_empty and not found:
        raise NegativeAnswerError(f"{engine.place}: no rows")
