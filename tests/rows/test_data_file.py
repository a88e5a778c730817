"""Data files taken apart: any pieces, any text, the same rows or one clear error."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pynetdb.errors import CommandLineError, DatabaseError
from pynetdb.rows import source as module
from pynetdb.rows.batch import Reader, UnknownColumnError
from pynetdb.rows.csv_reader import CsvReader
from pynetdb.rows.csv_writer import csv_text
from pynetdb.rows.data_file import DataFile
from pynetdb.rows.json_reader import JsonReader
from pynetdb.rows.source import Source

relaxed = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

# What makes CSV difficult, and little else.
CSV_TEXT = st.text('ab,"\n\r \t;\ufeff\u00e9\U0001f600', max_size=40)
CELL = st.text(st.characters(codec="utf-8"), max_size=6) | st.text('a,"\n\r\t', max_size=6)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=8)
)


@pytest.fixture(params=[1, 7, 1 << 16])
def piece(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(module, "PIECE", request.param)
    return


def source(folder: Path, text: str | bytes) -> Source:
    path = folder / "data"
    path.write_bytes(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
    return Source(str(path))


def rows_of(reader: Reader) -> list[list[Any]]:
    width = len(reader.columns)
    rows = []
    for batch in reader.batches():
        rows += [batch.cells[i : i + width] for i in range(0, len(batch.cells), width)]
    return rows


def lines_of(reader: Reader) -> list[int]:
    width = len(reader.columns)
    return [batch.line_of(row) for batch in reader.batches() for row in range(len(batch.cells) // width)]


@relaxed
@given(TABLES, st.sampled_from([",", "\t", ";"]), st.booleans(), st.sampled_from(["\n", "\r\n"]))
@pytest.mark.usefixtures("piece")
def test_any_table_comes_back(
    tmp_path: Path, table: list[list[str]], delimiter: str, all_quoted: bool, end: str
) -> None:
    text = io.StringIO(newline="")
    if all_quoted:
        csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(table)
    else:
        text.write(csv_text(table, delimiter))
    # A byte order mark in front is not part of the data, so the first cell must not begin with one.
    if table[0][0].startswith("\ufeff"):
        return
    with source(tmp_path, text.getvalue()) as data:
        assert rows_of(CsvReader(data, delimiter, header=False)) == table


@relaxed
@given(CSV_TEXT)
def test_any_text_gives_the_same_in_any_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    found = set()
    for size in (1, 3, 1 << 16):
        monkeypatch.setattr(module, "PIECE", size)
        with source(tmp_path, text) as data:
            try:
                found.add(repr(rows_of(CsvReader(data, header=False))))
            except DatabaseError as error:
                found.add(str(error))
    assert len(found) == 1


@relaxed
@given(CSV_TEXT)
def test_what_is_accepted_the_csv_module_reads_the_same_way(tmp_path: Path, text: str) -> None:
    with source(tmp_path, text) as data:
        try:
            found = rows_of(CsvReader(data, header=False))
        except DatabaseError:
            return
    wanted = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))
    width = len(found[0])
    assert found == [row or [""] for row in wanted if row or width == 1]


@relaxed
@given(TABLES)
def test_lines(tmp_path: Path, table: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    wanted = []
    for row in table:
        wanted.append(text.getvalue().count("\n") + 1)
        writer.writerow(row)
    if table[0][0].startswith("\ufeff"):
        return
    with source(tmp_path, text.getvalue()) as data:
        assert lines_of(CsvReader(data, header=False)) == wanted


JSON_VALUE = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text(st.characters(codec="utf-8"), max_size=5)
    | st.floats(allow_nan=False, allow_infinity=False)
)
JSON_ROWS = st.lists(
    st.dictionaries(st.text('abc"\n', max_size=2), JSON_VALUE, min_size=1, max_size=3), min_size=1, max_size=6
)


@relaxed
@given(JSON_ROWS, st.booleans(), st.none() | st.integers(0, 3))
@pytest.mark.usefixtures("piece")
def test_any_objects_come_back(
    tmp_path: Path, rows: list[dict[str, Any]], lines: bool, indent: int | None
) -> None:
    text = "\n".join(map(json.dumps, rows)) if lines else json.dumps(rows, indent=indent)
    with source(tmp_path, text) as data:
        reader = JsonReader(data, lines)
        try:
            found = rows_of(reader)
        except UnknownColumnError:
            reader.rewind()
            reader.learn_columns()
            reader.rewind()
            found = rows_of(reader)
        names = reader.columns
    assert set(names) == {name for row in rows for name in row}
    assert found == [[row.get(name) for name in names] for row in rows]


@relaxed
@given(st.text('{}[]",:10a\n \\u', max_size=30))
def test_lines_are_what_json_says_line_by_line(tmp_path: Path, text: str) -> None:
    wanted: list[Any] | None = []
    for line in text.split("\n"):
        if not line.strip(" \t\r\n"):
            continue
        try:
            value = json.loads(line, parse_constant=int)
        except ValueError:
            value = None
        if wanted is not None and isinstance(value, dict):
            wanted.append(value)
        else:
            wanted = None
            break
    with source(tmp_path, text) as data:
        try:
            found = [row for rows, _ in JsonReader(data, True)._read() for row in rows]
        except DatabaseError:
            found = None
    with source(tmp_path, text) as data:
        try:
            reader = JsonReader(data, True)
            found = [dict(row) for rows, _ in [reader._first or ([], []), *reader._rows] for row in rows]
        except DatabaseError:
            found = None
    assert found == wanted


def test_two_lines_that_are_json_only_together(tmp_path: Path) -> None:
    text = '{"a": [{}\n{}]}\n{"x": 1},{"y": 2}\n'
    with source(tmp_path, text) as data, pytest.raises(DatabaseError, match="line 1: is not JSON"):
        JsonReader(data, True)


def test_a_record_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pynetdb.rows.csv_reader.MAX_FIELD", 100_000)
    with (
        source(tmp_path, 'a\n"' + "x\n" * 100_000) as data,
        pytest.raises(DatabaseError, match="never|not closed"),
    ):
        rows_of(CsvReader(data))
    monkeypatch.setattr("pynetdb.rows.json_reader.MAX_OBJECT", 100_000)
    for lines in (True, False):
        with (
            source(tmp_path, '{"a": "' + "x" * 300_000) as data,
            pytest.raises(DatabaseError, match="256 million"),
        ):
            JsonReader(data, lines)


def test_long_objects_in_an_array(tmp_path: Path) -> None:
    rows = [{"a": "x" * 200_000}, {"a": "y" * 70_000}, {"a": "z"}]
    with source(tmp_path, json.dumps(rows)) as data:
        assert [row[0] for row in rows_of(JsonReader(data, False))] == [row["a"] for row in rows]


def test_formats_by_extension(tmp_path: Path) -> None:
    for name, text in (("x.csv", "a,b\n1,2\n"), ("x.TSV", "a\tb\n1\t2\n"), ("x.ndjson", '{"a":"1","b":"2"}\n'),
                       ("x.json", '[{"a":"1","b":"2"}]'), ("x.txt", "a,b\n1,2\n")):  # fmt: skip
        path = tmp_path / name
        path.write_text(text)
        opened, reader = DataFile(str(path)).open(keep=False)
        with opened:
            assert (reader.columns, rows_of(reader)) == (["a", "b"], [["1", "2"]])
    opened, reader = DataFile(str(tmp_path / "x.TSV"), delimiter="\\t").open(keep=False)
    with opened:
        assert reader.columns == ["a", "b"]


def test_a_delimiter_is_a_character(tmp_path: Path) -> None:
    for wrong in ("", '"', "\n", "ab"):
        with source(tmp_path, "a") as data, pytest.raises(CommandLineError):
            CsvReader(data, wrong)
