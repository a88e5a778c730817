"""What a statement found in a database, or did to it, and what a database says of itself."""

import re
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from pynetdb.errors import DatabaseError
from pynetdb.results.output import Output
from pynetdb.wording import format_count

if TYPE_CHECKING:
    from pynetdb.db.engine import Engine, Parameters, Query, TextFormat
    from pynetdb.db.listing import Listing

# Statements that have rows, with comments in front of them or not.
_WITH_ROWS = re.compile(
    r"(?:\s|--[^\n]*\n|(?>/\*.*?\*/))*"
    r"(?:(?:select|with|values|pragma|explain)\b|(?:insert|replace|update|delete)\b.*\breturning\b)",
    re.IGNORECASE | re.DOTALL,
)


class Question(NamedTuple):
    """What is asked of a database."""

    sql: str | None
    """None asks for the tables, or with `schema` for their statements."""
    parameters: "Parameters" = ()
    write: bool = False
    limit: int | None = None
    plan: bool = False
    schema: bool = False
    count_all: bool = False
    """Whether all rows of all tables are counted, in a list of tables."""


def show_rows(query: "Query", limit: int | None, place: str, output: Output, *, note: bool = True) -> bool:
    """Show the first `limit` rows of a query of the database at `place`, or say what it did.

    Return whether there were any rows, or any that it changed. With `note` people are told of none.
    """
    if query.columns is None:
        for _ in query.blocks():
            pass  # Narrated, if asked for.
        output.info(f"{place}: {_describe_change(query)}")
        if output.format == "json":
            output.document([])
        return query.changed > 0
    form = output.format
    if not query.columns and form in ("table", "markdown"):
        _tell_bare_rows(sum(map(len, query.blocks(limit))), place, output)
    elif form in ("table", "markdown"):
        output.table(query.columns, query.blocks(limit, undecoded=True), query.numbers)
    else:
        blocks = query.text_blocks(cast("TextFormat", form), limit, output.null or "")
        output.blocks(blocks, json=form in ("json", "jsonl"), exact=form == "raw")
    if note and output.for_people and not query.found:
        output.info(f"{place}: no rows")
    return query.found


def _tell_bare_rows(count: int, place: str, output: Output) -> None:
    """Tell of rows without columns, of which a table shows nothing."""
    if count:
        output.info(f"{place}: {format_count(count, 'row')} without columns")


# They begin or end a transaction, which lasts no longer than the command.
_TRANSACTION = {"BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE"}


def _describe_change(query: "Query") -> str:
    if query.changed >= 0:
        return f"{format_count(query.changed, 'row')} changed"
    if query.verb in _TRANSACTION:
        return "nothing changed: a transaction ends with its command, and each statement here is one"
    return f"done ({query.verb})"


def run_script(engine: "Engine", statements: list[str], limit: int | None, output: Output) -> bool:
    """Run several statements, all or nothing, and write the rows of the last one, if it has any."""
    *others, last = statements
    columns: list[str] | None = None
    rows: list[Any] = []
    if _WITH_ROWS.match(last) and not engine.ends_transactions(others):
        with engine.transaction():
            engine.run_script("".join(others), "the script", within=True)
            try:
                query = engine.query(last, (), write=True)
                columns = query.columns
                rows = [row for block in query.blocks(limit) for row in block]
            except DatabaseError as error:
                message = f"{error}; nothing was changed"
                raise DatabaseError(message, hint=error.hint, about=error.about) from error
    else:
        engine.run_script("".join(statements), "the script")
    # After the commit: output that is lost undoes nothing.
    output.info(f"{engine.place}: {format_count(len(statements), 'statement')} run")
    if columns == [] and output.format in ("table", "markdown"):
        _tell_bare_rows(len(rows), engine.place, output)
    elif columns is not None:
        output.rows(columns, rows)
    elif output.format == "json":
        output.document([])
    return bool(rows)


def show_listing(found: "Listing", place: str, output: Output, *, note: bool = True) -> bool:
    """Show tables, statements or a plan; return whether there are any; with `note` say so to people."""
    # Nothing that is listed has to be told from an empty text.
    output.tells_null = False
    if found.lines is not None and output.format in ("table", "raw"):
        for line in found.lines:
            output.text(line)
    else:
        output.rows(found.columns, found.rows)
    if note and output.for_people and not found.rows:
        output.info(f"{place}: no tables yet (pynetdb db-create makes one)")
    return bool(found.rows)


def show_answer(engine: "Engine", question: Question, output: Output, *, note: bool = True) -> bool:
    """Ask, and show what comes; return whether there was anything; with `note` people are told of nothing.

    Raises DatabaseError, DeadlineError, and CommandLineError where values and statement do not fit.
    """
    sql, place = question.sql, engine.place
    if sql is None or question.plan:
        from pynetdb.db import listing
    if sql is None and question.schema:
        return show_listing(listing.list_statements(engine), place, output, note=note)
    if sql is None:
        tables = listing.list_tables(engine, output.format, question.count_all, output.info)
        if output.for_people and tables.rows:
            counted, (_, size) = format_count(len(tables.rows), "table"), engine.measure(None)
            output.info(f"{place}: {counted}, {format_count(size or 0, 'byte')}")
        return show_listing(tables, place, output, note=note)
    if question.plan:
        plan = listing.list_plan(engine, sql, question.parameters)
        if output.for_people and not plan.rows:
            output.info(f"{place}: the plan has no steps, for the statement searches nothing")
        return show_listing(plan, place, output, note=False)
    if question.write and not question.parameters:
        statements = engine.split_statements(sql)
        if len(statements) > 1:
            return run_script(engine, statements, question.limit, output)
    query = engine.query(sql, question.parameters, question.write)
    return show_rows(query, question.limit, place, output, note=note)
