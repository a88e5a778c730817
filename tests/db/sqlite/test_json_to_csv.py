"""CSV of JSON arrays, whatever is in their texts."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pynetdb.db.sqlite.json_to_csv import CsvMaker
from pynetdb.rows.csv_writer import csv_text

CELLS = st.integers() | st.text('ab,"\n\\[]\r\t\0', max_size=4) | st.text(max_size=3)
ROWS = st.integers(2, 4).flatmap(lambda width: st.lists(st.tuples(*[CELLS] * width), min_size=1, max_size=9))


def lines(rows: list[tuple[Any, ...]]) -> bytes:
    return b"".join(
        json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"
        for row in rows
    )


@settings(deadline=None)
@given(ROWS, st.sampled_from([",", "\t"]))
def test_a_block_is_what_its_rows_are(rows: list[tuple[Any, ...]], delimiter: str) -> None:
    wanted = csv_text([list(map(str, row)) for row in rows], delimiter)
    assert CsvMaker(len(rows[0]), delimiter, {}).convert(lines(rows)).decode() == wanted


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("QaC bQ", b'"a, b"'),
        ("QaQQbQ", b'"a""b"'),
        ("QaC \nQ", b'"a, \n"'),
        ("a\nB", b'"a\n["'),
        ("Ba", b"[a"),
    ],
)
def test_what_stands_for_characters_is_put_back(cell: str, wanted: bytes) -> None:
    """Also where the line is read by `json`, since it has something else in it."""
    maker = CsvMaker(2, ",", {"Q": '"', "C": ",", "B": "["})
    assert maker.convert(lines([(cell, 1), ("x", 2)])) == wanted + b",1\nx,2\n"
