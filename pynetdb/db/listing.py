"""What a database says about itself, as rows: its tables, their statements, the plan of a statement."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from pynetdb.db.engine import Engine, Parameters
from pynetdb.errors import DatabaseError


class Listing(NamedTuple):
    """Rows with the names of their columns."""

    columns: Sequence[str]
    rows: Sequence[tuple[Any, ...]]
    lines: Sequence[str] | None = None
    """The same for people, where a table would not be it."""


# What takes longer is not worth it to somebody who only looks: all tables together have so many seconds, and
# none may take what all those after it would need.
_BUDGET = 0.5
_BUDGET_OF_ONE = 0.1


def list_tables(engine: Engine, form: str, count: bool, tell: Callable[[str], None]) -> Listing:
    """Return each table, its columns and how many rows it has; for people its bytes as well.

    In JSON the columns are a list, elsewhere one text. Rows are None where they are many, unless all are to
    be counted (`count`). `tell` is told of what is broken: an error would hide the rest.
    """
    nested = form in ("json", "jsonl")
    left: float | None = None if count else _BUDGET
    rows: list[tuple[Any, ...]] = []
    for table in engine.all_tables():
        broken = table.broken
        measured: tuple[int | None, int | None] = (None, None)
        begun = time.monotonic()
        if broken is None:
            try:
                measured = engine.measure(table.name, None if left is None else min(left, _BUDGET_OF_ONE))
            except DatabaseError as error:
                broken = str(error).removeprefix(f"{engine.place}: ")
        if left is not None:
            left = max(0.0, left - (time.monotonic() - begun))
        if broken is not None:
            tell(f"{engine.place}: {table.name} is broken: {broken}")
        names = [column.name for column in table.columns]
        rows.append((table.name, names if nested else ", ".join(names), *measured))
    if form in ("table", "markdown") and any(row[3] is not None for row in rows):
        return Listing(("table", "columns", "rows", "bytes"), rows)
    return Listing(("table", "columns", "rows"), [row[:3] for row in rows])


def list_statements(engine: Engine) -> Listing:
    """Return name and CREATE statement of everything that was made."""
    rows = engine.statements()
    return Listing(("name", "sql"), rows, [f"{sql};" for _, sql in rows])


def list_plan(engine: Engine, sql: str, parameters: Parameters) -> Listing:
    """Return the steps of a statement's plan, for people as a tree."""
    steps = engine.plan(sql, parameters)
    return Listing(("id", "parent", "detail"), steps, draw_plan(steps))


def draw_plan(steps: Sequence[tuple[int, int, str]]) -> list[str]:
    """Return the plan as lines of a tree, as the sqlite3 shell draws it."""
    children: dict[int, list[tuple[int, str]]] = {}
    for number, parent, detail in steps:
        children.setdefault(parent, []).append((number, detail))

    def draw(parent: int, indent: str) -> Iterator[str]:
        inside = children.get(parent, [])
        for number, detail in inside:
            last = number == inside[-1][0]
            yield f"{indent}{'`--' if last else '|--'}{detail}"
            yield from draw(number, indent + ("   " if last else "|  "))

    return ["QUERY PLAN", *draw(0, "")]
