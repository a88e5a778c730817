"""SQL for a row's text: what is asked of a cell, and what stands for characters that are in the way."""

import json
from typing import Any

import pytest

from pynetdb.db.sqlite.database import CREATE, Database
from pynetdb.db.sqlite.row_text import Marks, csv_row, json_row


@pytest.mark.parametrize(
    ("column", "check"),
    [
        ([1, 2], "typeof"),
        (["a", ""], "BETWEEN ''"),
        ([0.5, 3], "BETWEEN 1e-4"),
        ([-0.5, 3.25], "BETWEEN -1e11"),
        ([None, None], "IS NULL"),
        ([None, 1], "IS NULL OR typeof"),
    ],
)
def test_what_is_asked_of_a_cell(column: list[Any], check: str) -> None:
    sql = csv_row(["c"], Marks(","), [(cell,) for cell in column], "")
    assert sql.startswith("CASE WHEN") and check in sql.partition(" THEN ")[0]


@pytest.mark.parametrize("column", [[b""], [1, "a"], [1 / 3, 2 / 3], [float("inf")]])
def test_where_each_cell_is_asked(column: list[Any]) -> None:
    assert csv_row(["c"], Marks(","), [(cell,) for cell in column], "").startswith(
        "json_array(CASE typeof(c)"
    )
    assert json_row(["k"], ["c"], [(cell,) for cell in column]).startswith("json_object('k', CASE typeof(c)")


def test_what_stands_for_characters_is_never_the_same() -> None:
    one, other = Marks(","), Marks(",")
    assert not set(one.by_character.values()) & set(other.by_character.values())
    sql = one.value("c", ['"', ","])
    with Database(":memory:", CREATE) as db:
        for text, wanted in (("a", "a"), ('a,"b', '"a,""b"'), (None, None)):
            found = db.execute(f"SELECT {sql} FROM (SELECT ? AS c)", (text,)).fetchone()[0]
            for mark, character in one.used.items():
                found = found and found.replace(mark, character)
            assert found == wanted


def test_a_row_as_json() -> None:
    with Database(":memory:", CREATE) as db:
        for name in ("pynetdb_json_real", "pynetdb_base64"):
            db.connection.create_function(name, 1, str)
        sql = json_row(["a'b", "c"], ["x", "y"], [(1, "t")])
        found = db.execute(f"SELECT {sql} FROM (SELECT 2 AS x, 'u' AS y)").fetchone()[0]
    assert json.loads(found) == {"a'b": 2, "c": "u"}
