"""CSV made of blocks of COPY."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("psycopg", reason="stranger: psycopg is not installed")

from pynetdb.db.postgresql.copy_text import encode_rows
from pynetdb.db.postgresql.export import _csv_maker
from pynetdb.rows.csv_writer import csv_text

NASTY = ["", "\\", "\\N", '"', ",", "\t", "\n", "\r", "a,b", "é", "plain", "plainer"]
CELLS = st.none() | st.sampled_from(NASTY) | st.text(st.characters(codec="utf-8", exclude_characters="\0"))
WIDTHS = st.integers(1, 3)


@given(
    WIDTHS.flatmap(lambda width: st.lists(st.tuples(*[CELLS] * width), min_size=1, max_size=8)),
    st.sampled_from([",", "\t"]),
    st.sampled_from(["", "NULL", "\\N", "a,b", '"', "\t"]),
)
def test_a_block_is_what_its_rows_are(rows: list[Sequence[str | None]], delimiter: str, null: str) -> None:
    block = encode_rows([cell for row in rows for cell in row], len(rows[0]))
    made = _csv_maker(len(rows[0]), [], delimiter, null)(block)
    told = [[null if cell is None else cell for cell in row] for row in rows]
    assert made.decode() == csv_text(told, delimiter)
