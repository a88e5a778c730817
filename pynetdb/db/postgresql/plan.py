"""How the server would carry a statement out, as a tree of steps."""

from collections.abc import Sequence

from pynetdb.db.engine import Parameters
from pynetdb.db.postgresql.connection import Connection
from pynetdb.db.postgresql.parameters import bind, only_statement


def plan(connection: Connection, sql: str, parameters: Parameters) -> list[tuple[int, int, str]]:
    """Return the server's plan for a statement: number, number of the step that it is part of, words."""
    statement = only_statement(connection.place, sql)
    bound, values, types = bind(statement.sql, parameters)
    connection.begin(read_only=True)
    try:
        result = connection.execute(f"EXPLAIN {bound}", values, types)
        connection.commit(keep=False)
    finally:
        connection.roll_back()
    lines = [(result.get_value(row, 0) or b"").decode("utf-8", "replace") for row in range(result.ntuples)]
    return read_plan(lines)


def read_plan(lines: Sequence[str]) -> list[tuple[int, int, str]]:
    """Return the steps of a plan, of which each is indented more than the one that it is part of."""
    steps: list[tuple[int, int, str]] = []
    above: list[tuple[int, int]] = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        # What a step says of itself stands where the arrow of a step in it does.
        indent = len(line) - len(line.lstrip())
        while above and above[-1][0] >= indent:
            above.pop()
        steps.append((number, above[-1][1] if above else 0, text.removeprefix("->").lstrip()))
        above.append((indent, number))
    return steps
