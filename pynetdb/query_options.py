"""The options that say what is asked of a database."""

from typing import TYPE_CHECKING

import click

from pynetdb.params import gathered

if TYPE_CHECKING:
    from pynetdb.results.statements import Question

_OPTIONS = [
    click.argument("db"),
    click.argument("sql", required=False),
    click.option(
        "-P", "--param", "named", metavar="NAME=VALUE", multiple=True, help="The value of :NAME in SQL."
    ),
    click.option(
        "-V", "--value", "positional", metavar="VALUE", multiple=True, help="The value of the next ?."
    ),
    click.option("--write", is_flag=True, help="Let the statement, or several of them, change the database."),
    click.option("--schema", is_flag=True, help="Show the CREATE statements."),
    click.option("--count", is_flag=True, help="Count the rows of all tables, however many they are."),
    click.option("--plan", is_flag=True, help="Show how the database would go about it, as a tree."),
    click.option("--limit", metavar="N", type=click.IntRange(min=0), help="Show the first N rows at most."),
]


def _build(
    db: str,
    sql: str | None,
    named: tuple[str, ...],
    positional: tuple[str, ...],
    write: bool,
    schema: bool,
    count: bool,
    plan: bool,
    limit: int | None,
) -> "tuple[str, Question]":
    from pynetdb.db import sql_text
    from pynetdb.misplaced import refuse_script, refuse_swapped
    from pynetdb.results.statements import Question
    from pynetdb.rows.assignments import parse_parameters, parse_value

    refuse_swapped(db, sql)
    refuse_script(db, sql)
    if sql is not None and (schema or count):
        raise click.UsageError(f"--{'schema' if schema else 'count'} goes without SQL")
    loaded = _loads_standard_input()
    if sql == "-" and loaded:
        raise click.UsageError("standard input can be read only once: as SQL, or by --load")
    if sql == "-":
        sql = sql_text.read_statement()
    elif sql is None and not (schema or count or loaded):
        sql = sql_text.read_offered_statement()
    if sql is None and (plan or named or positional or write):
        raise click.UsageError("missing argument SQL")
    if named and positional:
        raise click.UsageError("-P and -V do not mix: :NAME or ?, one kind in a statement")
    values = tuple(parse_value(value, "-V ") for value in positional)
    parameters = values or parse_parameters(named, "-P ")
    return db, Question(sql, parameters, write, limit, plan=plan, schema=schema, count_all=count)


def _loads_standard_input() -> bool:
    """Whether --load takes standard input for a file of rows."""
    context = click.get_current_context(silent=True)
    loads = () if context is None else context.params.get("load") or ()
    return any(text == "-" or text.endswith("=-") for text in loads)


query_options = gathered(("db", "question"), _OPTIONS, _build)
"""DB, SQL and what belongs to them, as `db` and `question`."""
