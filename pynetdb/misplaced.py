"""Arguments that stand where others are meant: looked for before anything is done, at next to no cost."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from pynetdb.results.output import Output


def refuse_swapped(database: str, other: str | None) -> None:
    """Raise UsageError for a DB that is none, where it or the argument that follows says what was meant."""
    from pynetdb.db.places import is_postgresql

    if database != ":memory:" and not is_postgresql(database) and not os.path.exists(database):
        from pynetdb.guesses import database_hint

        if hint := database_hint(database, other):
            raise click.UsageError(hint)


def refuse_script(database: str, sql: str | None) -> None:
    """Raise UsageError where a file stands in the place of SQL."""
    if sql is not None and sql != "-" and os.path.isfile(sql):
        from pynetdb.guesses import quote

        if database == ":memory:" and not sql.endswith(".sql"):
            line = f"pynetdb db-query :memory: --load {quote(sql)} makes a table of it"
        else:
            line = f"pynetdb db-query {quote(database)} - < {quote(sql)} reads SQL from it"
        raise click.UsageError(f"{sql!r} is a file, and SQL is expected: {line}")


def refuse_file(table: str, values: Sequence[str], *, from_file: bool) -> None:
    """Raise UsageError where a data file stands in the place of a TABLE or of NAME=VALUE.

    A table may be called like a file: where there are values, or a file that is named, nothing was meant
    otherwise.
    """
    words = [(value, table) for value in values if "=" not in value]
    for word, name in words if values or from_file else [(table, None)]:
        if os.path.isfile(word):
            from pynetdb.guesses import quote

            name = name or os.path.splitext(os.path.basename(word))[0]
            line = f"pynetdb db-insert DB {quote(name)} --from {quote(word)}"
            raise click.UsageError(f"{word!r} is a file: {line}")


def note_place(ctx: click.Context, messages: Sequence[str], output: "Output") -> None:
    """Say it if a host and a port are among the messages that are sent, and the options do not name any."""
    sources = {ctx.get_parameter_source("host"), ctx.get_parameter_source("port")}
    if sources == {ParameterSource.DEFAULT} and (len(messages) > 1 or ":" in "".join(messages)):
        from pynetdb.guesses import place_among_messages

        if meant := place_among_messages(messages):
            output.info(f"{ctx.info_name}: {messages[0]!r} is sent as a MESSAGE: was {meant} meant?")
