"""What a statement found in a database, or did to it."""

import re
from typing import cast

from pynetdb.db.engine import Query, TextFormat
from pynetdb.db.listing import Listing
from pynetdb.results.output import Output
from pynetdb.wording import format_count

# They begin or end a transaction, which lasts no longer than the command.
_TRANSACTION = r"\s*(begin|commit|end|rollback|savepoint|release)\b"


def show_rows(
    query: Query, sql: str, limit: int | None, place: str, output: Output, *, note: bool = True
) -> bool:
    """Show the first `limit` rows of a query of the database at `place`, or say what it did.

    Return whether there were any rows, or any that it changed. With `note` people are told of none.
    """
    if query.columns is None:
        for _ in query.blocks():
            pass  # Narrated, if asked for.
        output.info(f"{place}: {_describe_change(query, sql)}")
        if output.format == "json":
            output.document([])
        return query.changed > 0
    form = output.format
    if form in ("table", "markdown"):
        output.table(query.columns, query.blocks(limit, undecoded=True))
    else:
        blocks = query.text_blocks(cast("TextFormat", form), limit)
        output.blocks(blocks, json=form in ("json", "jsonl"), exact=form == "raw")
    if note and output.for_people and not query.found:
        output.info(f"{place}: no rows")
    return query.found


def _describe_change(query: Query, sql: str) -> str:
    if query.changed >= 0:
        return f"{format_count(query.changed, 'row')} changed"
    if re.match(_TRANSACTION, sql, re.IGNORECASE):
        return "nothing changed: a transaction ends with its command, and each statement here is one"
    return "done"


def show_listing(found: Listing, place: str, output: Output, *, note: bool = True) -> bool:
    """Show tables, statements or a plan; return whether there are any; with `note` say so to people."""
    if found.lines is not None and output.format in ("table", "raw"):
        for line in found.lines:
            output.text(line)
    else:
        output.rows(found.columns, found.rows)
    if note and output.for_people and not found.rows:
        output.info(f"{place}: no tables yet (pynetdb db-create makes one)")
    return bool(found.rows)
