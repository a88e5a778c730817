"""In and out again, through a table: any text in any format, any name."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pynetdb.db import open as open_database
from pynetdb.db.load import LoadOptions, load
from pynetdb.db.schema import NewColumn
from pynetdb.errors import CommandLineError, DatabaseError
from pynetdb.rows.csv_writer import csv_text
from pynetdb.rows.data_file import DataFile

relaxed = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

CELL = st.text(st.characters(codec="utf-8"), max_size=6) | st.text('a1.-,"\n\r\t', max_size=6)
TABLES = st.integers(1, 3).flatmap(
    lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=6)
)


def written(form: str, names: list[str], rows: list[list[str]]) -> bytes:
    if form in ("csv", "tsv"):
        return csv_text([names, *rows], "," if form == "csv" else "\t").encode()
    objects = [dict(zip(names, row, strict=True)) for row in rows]
    text = json.dumps(objects) if form == "json" else "".join(json.dumps(row) + "\n" for row in objects)
    return text.encode()


@relaxed
@given(TABLES, st.sampled_from(["csv", "tsv", "json", "jsonl"]))
def test_any_table_of_text_survives(tmp_path: Path, rows: list[list[str]], form: Any) -> None:
    names = [f"c{i}" for i in range(len(rows[0]))]
    path = tmp_path / f"data.{form}"
    path.write_bytes(written(form, names, rows))
    source, reader = DataFile((str(path),)).open(keep=False)
    with source, open_database(":memory:", "create") as engine:
        assert load(engine, reader, LoadOptions("t", create=True)).rows == len(rows)
        query = engine.query("SELECT * FROM t", write=True)
        text = b"".join(query.text_blocks(form))
        if form in ("csv", "tsv"):
            assert text == path.read_bytes()
        else:
            found = (
                json.loads(text)
                if form == "json"
                else [json.loads(x) for x in text.decode().split("\n")[:-1]]
            )
            assert found == [dict(zip(names, row, strict=True)) for row in rows]


@given(st.text(max_size=8), st.text(max_size=8))
def test_any_name_works_or_is_refused_with_a_reason(table: str, column: str) -> None:
    with open_database(":memory:", "create") as engine:
        refusal = None
        try:
            with engine.transaction():
                engine.create_table(table, [NewColumn(column)])
        except (CommandLineError, DatabaseError) as error:
            refusal = str(error)
        if refusal is not None:
            assert refusal
            bad = [name for name in (table, column) if not name or "\0" in name or not encodable(name)]
            assert bad or table.lower().startswith("sqlite_")
            return
        found = engine.find_table(table)
        assert found is not None
        assert found.column(column) is not None
        assert [column.name for column in found.columns] == [column]


def encodable(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


@pytest.mark.parametrize("name", ['a"b', "it's", "a.b", "select", "a b", "\u00e9", "]", "`", "--", "a\nb"])
def test_names_that_look_like_sql(name: str) -> None:
    with open_database(":memory:", "create") as engine:
        with engine.transaction():
            engine.create_table(name, [NewColumn(name)])
        found = engine.find_table(name)
        assert found is not None and found.column(name) is not None
