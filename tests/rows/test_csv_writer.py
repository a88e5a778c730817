"""CSV, written: any reader gets the same cells."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from pynetdb.rows.csv_writer import csv_text

CELL = st.text('a,;\t"\n\r ', max_size=5) | st.text(st.characters(codec="utf-8"), max_size=5)


@given(st.lists(st.lists(CELL, min_size=1, max_size=3), max_size=4), st.sampled_from([",", "\t", ";"]))
def test_python_reads_it_back(rows: list[list[str]], delimiter: str) -> None:
    text = csv_text(rows, delimiter)
    assert list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)) == rows


def test_quotes_only_where_they_are_needed() -> None:
    assert csv_text([["a b", 'c"d', "", "e,f"], [""], ["x\r"]]) == 'a b,"c""d",,"e,f"\n""\n"x\r"\n'
