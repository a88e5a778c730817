"""What came of an insertion, for people and as JSON."""

from typing import TYPE_CHECKING

from pynetdb.results.output import Output
from pynetdb.wording import format_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pynetdb.db.data_columns import InexactColumn
    from pynetdb.db.load import LoadResult

# A file may have hundreds of columns of one kind.
_MOST = 5


def show_insertion(table: str, result: "LoadResult", dry_run: bool, output: Output) -> None:
    """Write how many rows were inserted, and say what is worth to be known of the table's columns."""
    if result.remark:
        output.debug(result.remark)
    for line in describe_inexact(result.inexact):
        output.info(line)
    if result.added:
        output.info(f"{table}: {', '.join(result.added)} added")
    if output.format != "json":
        output.text(_summary(table, result, dry_run))
        return
    output.document(
        {
            "table": table,
            "rows": result.rows,
            "created": result.created,
            "seconds": round(result.seconds, 6),
            "ignored": result.ignored,
        }
    )


def describe_inexact(columns: "Sequence[InexactColumn]") -> list[str]:
    """Say of columns of numbers why they are text, and what makes them numbers."""
    lines = [
        f"{column.name} is TEXT because {column.text} has a decimal comma; --decimal , makes it a number"
        if column.number is None
        else f"{column.name} is TEXT because {column.text} would come back as {column.number!r}; "
        "--types numeric makes it a number"
        for column in columns[:_MOST]
    ]
    more = len(columns) - _MOST
    if more > 0:
        lines.append(f"{format_count(more, 'more column')} of numbers are TEXT for the same reason")
    return lines


def _summary(table: str, result: "LoadResult", dry_run: bool) -> str:
    rows = format_count(result.rows, "row")
    ignored = f", {result.ignored} ignored" if result.ignored else ""
    made = " (table made)" if result.created else ""
    return f"{table}: {rows} {'would be ' if dry_run else ''}inserted{ignored}{made}"
