"""CSV taken apart: any pieces, any text, the same rows or one clear error."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readers import lines_of, make_source, relaxed, rows_of

from pynetdb.errors import CommandLineError, DatabaseError
from pynetdb.rows import source as module
from pynetdb.rows.csv_reader import CsvReader
from pynetdb.rows.csv_writer import csv_text
from pynetdb.rows.dialect import Shape

# What makes CSV difficult, and little else.
CSV_TEXT = st.text('ab,"\n\r \t;\ufeff\u00e9\U0001f600', max_size=40)
CELL = st.text(st.characters(codec="utf-8"), max_size=6) | st.text('a,"\n\r\t', max_size=6)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=8)
)


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
    # With as many zero bytes in what is read first it looks like UTF-16.
    encoded = text.getvalue().encode()
    if any(encoded.count(0, 0, size) * 5 > size for size in range(1, len(encoded) + 1)):
        return
    with make_source(tmp_path, text.getvalue()) as data:
        assert rows_of(CsvReader(data, delimiter, header=False)) == table


@relaxed
@given(CSV_TEXT)
def test_any_text_gives_the_same_in_any_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    found = set()
    for size in (1, 3, 1 << 16):
        monkeypatch.setattr(module, "PIECE", size)
        with make_source(tmp_path, text) as data:
            try:
                found.add(repr(rows_of(CsvReader(data, header=False))))
            except DatabaseError as error:
                found.add(str(error))
    assert len(found) == 1


@relaxed
@given(CSV_TEXT)
def test_what_is_accepted_the_csv_module_reads_the_same_way(tmp_path: Path, text: str) -> None:
    with make_source(tmp_path, text) as data:
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
    with make_source(tmp_path, text.getvalue()) as data:
        assert lines_of(CsvReader(data, header=False)) == wanted


@pytest.mark.parametrize("width", [2, 3, 4, 5, 7])
def test_short_lines_make_no_row_together(tmp_path: Path, width: int) -> None:
    head = ",".join("abcdefg"[:width]) + "\n"
    for fields in range(1, width):
        for count in range(1, 9):
            text = head + ("x" + ",x" * (fields - 1) + "\n") * count + head
            with make_source(tmp_path, text) as data, pytest.raises(DatabaseError, match="line 2: "):
                rows_of(CsvReader(data))
    for count in range(1, 9):
        with make_source(tmp_path, head + "\n" * count + head) as data:
            assert rows_of(CsvReader(data)) == [list("abcdefg"[:width])]


def test_blocks_of_quotes_whose_lines_end_with_cr(tmp_path: Path) -> None:
    for cell in ("x\ry", "x\ny", "xy"):
        with make_source(tmp_path, f'"{cell}","b"\r"c","d"\r') as data:
            reader = CsvReader(data, header=False, shape=Shape(",", '"', swapped=True))
            assert rows_of(reader) == [[cell, "b"], ["c", "d"]]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_blocks_of_quotes_are_read_as_records_are(tmp_path: Path, end: str) -> None:
    rows = [["a", "b"], ["x,y", f"1{end}2"], ['"', "", "plain"][:2], ["", f"{end}{end}"], ["last", "\u2028"]]
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    for whole in (text.getvalue(), text.getvalue().removesuffix(end)):
        with make_source(tmp_path, whole) as data:
            assert rows_of(CsvReader(data, header=False)) == rows
        with make_source(tmp_path, whole) as data:
            assert lines_of(CsvReader(data, header=False)) == [1, 2, 4, 5, 8]
    for wrong, line in ((f'"a","b"{end}"c"x,"d"', 2), (f'"a","b"{end}"c"', 2), (f'"a","b"{end}x"y","d"', 2)):
        with make_source(tmp_path, wrong) as data, pytest.raises(DatabaseError, match=f"line {line}:"):
            rows_of(CsvReader(data, header=False))


def test_a_record_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pynetdb.rows.csv_reader.MAX_FIELD", 100_000)
    with (
        make_source(tmp_path, 'a\n"' + "x\n" * 100_000) as data,
        pytest.raises(DatabaseError, match="never|not closed"),
    ):
        rows_of(CsvReader(data))


def test_a_delimiter_is_a_character(tmp_path: Path) -> None:
    for wrong in ("", '"', "\n", "ab"):
        with make_source(tmp_path, "a") as data, pytest.raises(CommandLineError):
            CsvReader(data, wrong)
