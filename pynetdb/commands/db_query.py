"""pynetdb db-query."""

import sys
from contextlib import ExitStack
from typing import Any

import click

from pynetdb.narration import Narrator
from pynetdb.params import Duration, narration_options, output_options
from pynetdb.results.output import Output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pynetdb.db.sqlite.database import Database
    from pynetdb.db.sqlite.query import Query


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
@click.option("--attach", metavar="NAME=FILE", multiple=True, help="Read tables of FILE as NAME.table.")
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
    attach: tuple[str, ...],
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
    from pynetdb.db.sqlite.database import LOCK_TIMEOUT, READ, WRITE, Database

    if sql is None and (plan or named or positional or write):
        raise click.UsageError("missing argument SQL")
    if sql is not None and schema:
        raise click.UsageError("--schema shows the whole schema, without SQL")
    if named and positional:
        raise click.UsageError("-P and -V do not mix: :NAME or ?, one kind in a statement")
    if sql == "-":
        sql = _standard_input()
    parameters = _parameters(named, positional)
    others = [_attached(text) for text in attach]
    mode = WRITE if write else READ
    lock_timeout = LOCK_TIMEOUT if timeout is None else timeout
    with ExitStack() as stack:
        opened = stack.enter_context(Database(db, mode, narrator, lock_timeout))
        for name, file in others:
            opened.attach(name, file, mode)
        if path is not None:
            stack.enter_context(output.into(path))
        opened.within(timeout)
        if sql is None:
            found = _schema(opened, output) if schema else _tables(opened, output)
        elif plan:
            found = _plan(opened, sql, parameters, output)
        else:
            found = _run(opened, sql, parameters, write, limit, output)
    if fail_empty and not found:
        from pynetdb.errors import NegativeAnswerError

        raise NegativeAnswerError(f"{db}: no rows")


def _run(db: "Database", sql: str, parameters: Any, write: bool, limit: int | None, output: Output) -> bool:
    from pynetdb.db.sqlite.query import Query

    if output.format == "raw":
        db.text_as(bytes)
    elif output.format in ("table", "markdown"):
        db.text_as(bytearray)
    query = Query(db, sql, parameters, write)
    if query.columns is None:
        for _ in query.blocks():
            pass  # Narrated, if asked for.
        if query.changed >= 0:
            output.talk(f"{db.path}: {query.changed} row{'' if query.changed == 1 else 's'} changed")
        if output.format == "json":
            output.document([])
        return query.changed > 0
    _show(query, limit, output)
    return query.found


def _show(query: "Query", limit: int | None, output: Output) -> None:
    columns = query.columns or []
    if output.format in ("json", "jsonl"):
        from pynetdb.db.sqlite.export import json_blocks

        output.blocks(json_blocks(query, output.format == "jsonl", limit), json=True)
    elif output.format in ("csv", "tsv"):
        from pynetdb.db.sqlite.export import csv_blocks

        output.blocks(csv_blocks(query, "," if output.format == "csv" else "\t", limit))
    elif output.format == "raw":
        from pynetdb.db.sqlite.export import raw_blocks

        output.blocks(raw_blocks(query, limit), exact=True)
    else:
        from pynetdb.db.sqlite.export import limited

        output.table(columns, limited(query.blocks(), limit))


def _tables(db: "Database", output: Output) -> bool:
    from pynetdb.db.sqlite.schema import all_tables, row_count

    rows: list[tuple[str, Any, int]] = [
        (table.name, [column.name for column in table.columns], row_count(db, table.name))
        for table in all_tables(db)
    ]
    if output.format not in ("json", "jsonl"):
        rows = [(name, ", ".join(columns), count) for name, columns, count in rows]
    output.rows(("table", "columns", "rows"), rows)
    return bool(rows)


def _schema(db: "Database", output: Output) -> bool:
    from pynetdb.db.sqlite.schema import statements

    rows = statements(db)
    if output.format in ("table", "raw"):
        for _, sql in rows:
            output.text(f"{sql};")
    else:
        output.rows(("name", "sql"), rows)
    return bool(rows)


def _plan(db: "Database", sql: str, parameters: Any, output: Output) -> bool:
    from pynetdb.db.sqlite.query import plan, plan_tree

    steps = plan(db, sql, parameters)
    if output.format in ("table", "raw"):
        for line in plan_tree(steps):
            output.text(line)
    else:
        output.rows(("id", "parent", "detail"), steps)
    return bool(steps)


def _parameters(named: tuple[str, ...], positional: tuple[str, ...]) -> Any:
    if positional:
        return positional
    from pynetdb.rows.assignments import assignment

    return {
        given.name.removeprefix(":"): given.value for given in (assignment(text, "-P ") for text in named)
    }


def _attached(text: str) -> tuple[str, str]:
    name, equals, file = text.partition("=")
    if not (name and equals and file):
        raise click.UsageError(f"--attach {text!r}: expected NAME=FILE")
    return name, file


def _standard_input() -> str:
    from pynetdb.errors import CommandLineError

    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError as error:
        raise CommandLineError("standard input: SQL must be UTF-8") from error
