"""In and out again, through a table: any text in any format, any name."""

import csv
import io
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pynetdb.db import open as open_database
from pynetdb.db.load import load
from pynetdb.db.load_options import LoadOptions
from pynetdb.db.schema import NewColumn
from pynetdb.errors import CommandLineError, DatabaseError
from pynetdb.rows.csv_writer import csv_text
from pynetdb.rows.data_file import DataFile
from pynetdb.rows.dialect import Dialect

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


# For each kind of column its texts, and what comes of one.
KINDS: dict[str, tuple[st.SearchStrategy[str], Callable[[str], Any]]] = {
    "integer": (st.integers(-(2**63), 2**63 - 1).map(str), int),
    "real": (st.floats(-1e15, 1e15).filter(lambda number: repr(number) != "-0.0").map(repr), float),
    "mixed": (st.sampled_from(["7", "-3", "2.5", "-0.25"]), lambda text: json.loads(text)),
    "price": (st.integers(1, 999).map(lambda number: f"{number}.50"), str),
    "zip": (st.integers(0, 9999).map(lambda number: f"0{number:04}"), str),
    "date": (st.dates().map(str), str),
    "text": (st.text("ab\u00e9 ,;|\t\"\n'-1", min_size=1, max_size=6).map(lambda text: f"x{text}"), str),
}
FILES = st.lists(st.sampled_from(sorted(KINDS)), min_size=2, max_size=4).flatmap(
    lambda kinds: st.tuples(
        st.just(kinds),
        st.lists(st.tuples(*(KINDS[kind][0] for kind in kinds)), min_size=1, max_size=8),
    )
)


@relaxed
@given(
    FILES,
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1"]),
    st.booleans(),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
    st.booleans(),
)
def test_every_file_loads_to_the_values_it_was_made_from(
    tmp_path: Path,
    file: tuple[list[str], list[tuple[str, ...]]],
    delimiter: str,
    end: str,
    encoding: str,
    header: bool,
    quoting: Any,
    alone: bool,
) -> None:
    kinds, rows = file
    names = [f"{kind} {number}" for number, kind in enumerate(kinds)]
    text = io.StringIO(newline="")
    # Where lines end with CR the module leaves an LF in a field without quotes.
    quoting = csv.QUOTE_ALL if end == "\r" else quoting
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerows([names, *rows] if header else rows)
    path = tmp_path / "x.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    # What separates the fields is found where the cells hold nothing that could be it.
    plain = not any(mark in cell for row in rows for cell in row for mark in ',;|\t\n"')
    dialect = Dialect(None if plain and alone else delimiter, header=header)
    encoding = "utf-8" if encoding == "utf-8-sig" else encoding
    sources, reader = DataFile((str(path),), dialect=dialect, encoding=encoding).open(keep=True)
    with sources, open_database(":memory:", "create") as engine:
        assert load(engine, reader, LoadOptions("t", create=True)).rows == len(rows)
        found = [row for block in engine.query("SELECT * FROM t", write=True).blocks() for row in block]
        table = engine.find_table("t")
    assert table is not None
    for number, (kind, column) in enumerate(zip(kinds, table.columns, strict=True)):
        make = KINDS[kind][1]
        values = [row[number] for row in found]
        assert values == [make(row[number]) for row in rows]
        assert column.type == "TEXT" or kind in ("integer", "real", "mixed")


@relaxed
@given(
    st.integers(0, 6).flatmap(
        lambda places: st.lists(
            st.decimals(-(10**8), 10**8, places=places).map(lambda number: f"{number:f}"),
            min_size=1,
            max_size=12,
        )
    )
)
@pytest.mark.parametrize("types", ["detect", "numeric"])
def test_numbers_are_those_of_decimal(tmp_path: Path, types: str, texts: list[str]) -> None:
    path = tmp_path / "x.csv"
    path.write_text("v\n" + "".join(f"{text}\n" for text in texts))
    sources, reader = DataFile((str(path),), numbers=types).open(keep=True)
    with sources, open_database(":memory:", "create") as engine:
        result = load(engine, reader, LoadOptions("t", create=True))
        table = engine.find_table("t")
        assert table is not None
        if table.columns[0].type == "TEXT":
            assert types == "detect" and result.inexact
            return
        sql = "SELECT max(v), min(v), sum(v) FROM t"
        ((largest, smallest, total),) = next(engine.query(sql, write=True).blocks())
        ordered = [row[0] for row in next(engine.query("SELECT v FROM t ORDER BY v", write=True).blocks())]
    numbers = list(map(Decimal, texts))
    assert (exactly(largest), exactly(smallest)) == (max(numbers), min(numbers))
    assert list(map(exactly, ordered)) == sorted(numbers)
    # A sum of doubles is the nearest to that of decimals but for its last digits.
    assert exactly(round(total, 6)) == round(sum(numbers), 6)


def exactly(number: float) -> Decimal:
    """The decimal that a number is written as."""
    return Decimal(repr(number))


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
