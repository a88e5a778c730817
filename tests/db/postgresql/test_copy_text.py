"""COPY's text format."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pynetdb.db.postgresql.copy_text import decode_row, encode_rows, find_unfit

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0")) | st.none() | st.text("\\N.\t\n\r,\"'")


@given(st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[CELLS] * width), min_size=1, max_size=5)))
def test_rows_come_back(rows: list[tuple[Any, ...]]) -> None:
    data = encode_rows([cell for row in rows for cell in row], len(rows[0]))
    lines = data.split(b"\n")
    assert lines.pop() == b""
    found = [[None if cell is None else cell.decode() for cell in decode_row(line)] for line in lines]
    assert found == [list(row) for row in rows]


def test_values_of_other_types() -> None:
    assert encode_rows([1, 2.5, None, "x", b"\0\xff", True], 6) == b"1\t2.5\t\\N\tx\t\\\\x00ff\tTrue\n"
    assert encode_rows([1, 2, 3, 4], 2) == b"1\t2\n3\t4\n"
    assert decode_row(b"a\\b\\f\\v\\x\t\\N\t") == [b"a\b\f\vx", None, b""]


def test_what_no_text_can_hold() -> None:
    assert find_unfit(["a", 1, "b", "c\0"], 2) == (1, "a text with a NUL, which PostgreSQL cannot hold")
    assert find_unfit(["a", "\ud800"], 1) == (1, "text that is not Unicode")
    assert find_unfit(["a", None], 1) is None
