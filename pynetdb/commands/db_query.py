"""pynetdb db-query."""

from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from pynetdb.errors import NegativeAnswerError
from pynetdb.narration import Narrator
from pynetdb.params import Duration, NameAndFile, narration_options, output_options
from pynetdb.results.output import Output

if TYPE_CHECKING:
    from pynetdb.db.engine import Parameters


@click.command("db-query")
@click.argument("db")
@click.argument("sql", required=False)
@click.option(
    "-P", "--param", "named", metavar="NAME=VALUE", multiple=True, help="The value of :NAME in SQL."
)
@click.option("-V", "--value", "positional", metavar="VALUE", multiple=True, help="The value of the next ?.")
@click.option("--write", is_flag=True, help="Let the statement change the database.")
@click.option("--schema", is_flag=True, help="Show the CREATE statements.")
@click.option("--plan", is_flag=True, help="Show how SQLite would go about it, as a tree.")
@click.option("--fail-empty", is_flag=True, help="No rows are exit status 7.")
@click.option("--limit", metavar="N", type=click.IntRange(min=0), help="Show the first N rows at most.")
@click.option("--attach", type=NameAndFile(), multiple=True, help="Read tables of FILE as NAME.table.")
@click.option("--timeout", type=Duration(), help="Interrupt the statement after so long (status 4).")
@click.option("-o", "--output", "path", metavar="FILE", help="Write the result to FILE, whole or not at all.")
@narration_options
@output_options("table", "json", "jsonl", "csv", "tsv", "markdown", "raw")
def db_query(
    db: str,
    sql: str | None,
    named: tuple[str, ...],
    positional: tuple[str, ...],
    write: bool,
    schema: bool,
    plan: bool,
    fail_empty: bool,
    limit: int | None,
    attach: tuple[tuple[str, str], ...],
    timeout: float | None,
    path: str | None,
    narrator: Narrator,
    output: Output,
) -> None:
    """Run one statement of SQL; `-` reads it from standard input.

    Without SQL: the tables, their columns and how many rows they have. Nothing can be changed unless
    --write is given. Values belong into -P and -V, not into the text: -P name=Ann for :name (text; -P
    age:=36 is typed as JSON), -V for each ?. In JSON a BLOB is {"base64": "..."} and an infinity null; in
    other formats a BLOB is x'...'; raw is exact bytes.
    """
    from pynetdb.db import listing
    from pynetdb.db import open as open_database
    from pynetdb.db.sql_text import read_statement
    from pynetdb.guesses import refuse_swapped
    from pynetdb.results.statements import show_listing, show_rows
    from pynetdb.rows.assignments import parse_parameters

    refuse_swapped(db, sql)
    if sql is None and (plan or named or positional or write):
        raise click.UsageError("missing argument SQL")
    if sql is not None and schema:
        raise click.UsageError("--schema shows the whole schema, without SQL")
    if named and positional:
        raise click.UsageError("-P and -V do not mix: :NAME or ?, one kind in a statement")
    if sql == "-":
        sql = read_statement()
    parameters: Parameters = positional or parse_parameters(named, "-P ")
    with ExitStack() as stack:
        engine = stack.enter_context(open_database(db, "write" if write else "read", narrator, timeout))
        for name, place in attach:
            engine.attach(name, place)
        if path is not None:
            stack.enter_context(output.into(path))
        engine.within(timeout)
        if sql is None and schema:
            found = show_listing(listing.list_statements(engine), engine.place, output, note=not fail_empty)
        elif sql is None:
            deep = output.format in ("json", "jsonl")
            found = show_listing(listing.list_tables(engine, deep), engine.place, output, note=not fail_empty)
        elif plan:
            found = show_listing(listing.list_plan(engine, sql, parameters), engine.place, output)
        else:
            found = show_rows(
                engine.query(sql, parameters, write), sql, limit, engine.place, output, note=not fail_empty
            )
    if fail_empty and not found:
        raise NegativeAnswerError(f"{engine.place}: no rows")
