"""What a database says about itself, as rows: its tables, their statements, the plan of a statement."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pynetdb.db.engine import Engine, Parameters


class Listing(NamedTuple):
    """Rows with the names of their columns."""

    columns: Sequence[str]
    rows: Sequence[tuple[Any, ...]]
    lines: Sequence[str] | None = None
    """The same for people, where a table would not be it."""


def list_tables(engine: Engine, nested: bool) -> Listing:
    """Return each table, its columns (as a list if `nested`, else as one text) and how many rows it has."""
    tables = [(table.name, [column.name for column in table.columns]) for table in engine.all_tables()]
    rows = [(name, names if nested else ", ".join(names), engine.row_count(name)) for name, names in tables]
    return Listing(("table", "columns", "rows"), rows)


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
