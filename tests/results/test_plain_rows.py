"""Rows that are only padded: which are, and how they look."""

from typing import Any

import pytest

from pynetdb.results.plain_rows import pad_rows

TEXT = bytearray(b"ab")


@pytest.mark.parametrize(
    ("rows", "rights", "lines"),
    [
        ([(TEXT, 1), (bytearray(), -22)], (False, True), ["ab       1", "       -22"]),
        ([(1.5, TEXT), (10, bytearray(b"c "))], (True, False), [" 1.5  ab", "  10  c "]),
        ([(7, TEXT), (8, bytearray())], (False, False), ["7     ab", "8"]),
        ([(None, None), (TEXT, 5)], (False, True), ["-        -", "ab       5"]),
        ([(None, 1.5)], (True, True), ["   -   1.5"]),
    ],
)
def test_lines(rows: list[Any], rights: tuple[bool, bool], lines: list[str]) -> None:
    text = "".join(line + "\n" for line in lines)
    assert pad_rows(rows, (4, 4), rights, "-") == text
    decoded = [[cell.decode() if isinstance(cell, bytearray) else cell for cell in row] for row in rows]
    assert pad_rows(decoded, (4, 4), rights, "-") == text


@pytest.mark.parametrize(
    "cell",
    [
        bytearray(b"abcde"),
        12345,
        123.75,
        bytearray(b"a\nb"),
        bytearray(b"a\tb"),
        bytearray(b"\x7f"),
        bytearray("\xe4".encode()),
        b"ab",
        "ab",
    ],
)
def test_what_takes_more(cell: Any) -> None:
    for row in ((cell, TEXT), (TEXT, cell)):
        assert pad_rows([(TEXT, TEXT), row], (4, 4), (False, True), "") is None


def test_a_missing_value_in_the_last_column_leaves_no_blanks() -> None:
    assert pad_rows([(TEXT, None), (TEXT, TEXT)], (4, 4), (False, False), "") == "ab\nab    ab\n"
    # Numbers that are not to the right, since there was text before, are left to others.
    assert pad_rows([(TEXT, 1)], (4, 4), (False, False), "") is None
