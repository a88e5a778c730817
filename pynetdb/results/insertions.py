"""What came of an insertion, for people and as JSON."""

from typing import TYPE_CHECKING

from pynetdb.results.output import Output
from pynetdb.wording import format_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pynetdb.db.data_columns import InexactColumn
    from pynetdb.db.existing_columns import ExistingColumns
    from pynetdb.db.load_options import LoadResult

# A file may have hundreds of columns of one kind.
_MOST = 5
# Columns of a terminal that a value may take.
_MOST_TEXT = 40


def show_insertion(table: str, result: "LoadResult", dry_run: bool, output: Output, from_file: bool) -> None:
    """Write how many rows were inserted, and say what is worth to be known of the table's columns."""
    if result.remark:
        output.debug(result.remark)
    told = describe_inexact(result.inexact) + describe_existing(table, result.existing, from_file)
    for line in told:
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
    lines = [f"{column.name} is TEXT because {_give_reason(column)}" for column in columns[:_MOST]]
    more = len(columns) - _MOST
    if more > 0:
        lines.append(f"{format_count(more, 'more column')} of numbers are TEXT for the same reason")
    return lines


def _give_reason(column: "InexactColumn") -> str:
    if column.comma_wanted:
        return f"{column.text} is no number with a decimal comma; without --decimal , it is one"
    if column.number is None:
        return f"{column.text} has a decimal comma; --decimal , makes it a number"
    return f"{column.text} would come back as {column.number!r}; --types numeric makes it a number"


def describe_existing(table: str, found: "ExistingColumns", from_file: bool) -> list[str]:
    """Say what a table that was there made other than the user may think, and what would help."""
    if not any(found) and found.keys is None:
        return []
    from pynetdb.text_width import cut_text

    lines = []
    for column in found.texts[:_MOST]:
        values = format_count(column.number, "value")
        helps = "; --decimal , makes it a number" if column.comma and from_file else ""
        text = cut_text(column.text, _MOST_TEXT)
        lines.append(f"{column.name} is {column.type}, but {values} stayed text, such as {text}{helps}")
    lines += [
        f"{column.name} is TEXT in {table}, so that {cut_text(column.text, _MOST_TEXT)} stayed text; "
        "db-create --replace makes the table anew"
        for column in found.kept[:_MOST]
    ]
    if found.computed:
        names = ", ".join(found.computed[:_MOST])
        lines.append(f"{table} computes {names} itself: the values given for that are left out")
    if found.types:
        names = ", ".join(found.types[:_MOST])
        lines.append(f"{table} was there, where --type changes nothing: {names} has the type that it had")
    if found.keys is not None:
        key = ", ".join(found.keys) or "none"
        lines.append(f"{table} was there, where --pk changes nothing: its key is {key}")
    return lines


def _summary(table: str, result: "LoadResult", dry_run: bool) -> str:
    rows = format_count(result.rows, "row")
    ignored = f", {result.ignored} ignored" if result.ignored else ""
    made = " (table made)" if result.created else ""
    return f"{table}: {rows} {'would be ' if dry_run else ''}inserted{ignored}{made}"
