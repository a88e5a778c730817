"""Tables: a stream looks as tabulate draws it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.results.tables import TableStyle, drawn, streamed

CELLS = (
    st.none()
    | st.integers()
    | st.floats()
    | st.binary(max_size=3)
    | st.text(max_size=6)
    | st.text("a|\n\x1b", max_size=4)
)
ROWS = st.lists(
    st.tuples(CELLS, st.integers() | st.none(), st.text("abc", max_size=9)), min_size=1, max_size=6
)
NAMES = ("a", "a rather long name", "c\n")


def undecoded(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Text as the database layer hands it on."""
    return [
        tuple(bytearray(c.encode("utf-8", "surrogatepass")) if isinstance(c, str) else c for c in row)
        for row in rows
    ]


@given(ROWS, st.booleans())
def test_a_stream_of_one_block_is_what_tabulate_draws(rows: list[tuple[Any, ...]], markdown: bool) -> None:
    style = TableStyle(markdown)
    wanted = drawn(style, NAMES, undecoded(rows)) + "\n"
    found = "".join(streamed(style, NAMES, [undecoded(rows)]))
    if wanted.isascii():  # tabulate counts characters, we count what a terminal shows.
        assert [line.rstrip() for line in found.split("\n")] == [line.rstrip() for line in wanted.split("\n")]


@given(ROWS, ROWS)
def test_every_row_is_a_line_without_control_characters(
    first: list[tuple[Any, ...]], second: list[tuple[Any, ...]]
) -> None:
    for markdown in (False, True):
        text = "".join(streamed(TableStyle(markdown), NAMES, [undecoded(first), [], undecoded(second)]))
        assert text.count("\n") == 2 + len(first) + len(second)
        assert not any((ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0 for c in text)


@given(st.lists(ROWS, min_size=1, max_size=4), st.sampled_from(["", "NULL", "ø"]), st.booleans())
def test_what_is_only_padded_looks_the_same(blocks: list[list[Any]], null: str, numbers: bool) -> None:
    style, rights = TableStyle(null=null), [False, True, False] if numbers else None
    for given_blocks in (blocks, list(map(undecoded, blocks))):
        quick = "".join(streamed(style, NAMES, given_blocks, rights))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("pynetdb.results.tables.pad_rows", lambda *_: None)
            assert "".join(streamed(style, NAMES, given_blocks, rights)) == quick


def test_wide_characters_and_growing_columns() -> None:
    blocks = [[("ab", 1)], [("\u4e2d\u6587", 22)], [("abcdefg", 3)], [("e\u0301", 4)]]
    text = "".join(streamed(TableStyle(), ("x", "n"), undecoded_blocks(blocks)))
    assert text.split("\n") == [
        "x      n",
        "---  ---",
        "ab     1",
        "\u4e2d\u6587   22",
        "abcdefg    3",
        "e\u0301          4",
        "",
    ]


def undecoded_blocks(blocks: list[list[tuple[Any, ...]]]) -> list[list[tuple[Any, ...]]]:
    return [undecoded(rows) for rows in blocks]


@pytest.mark.parametrize("blocks", [[], [[]], [[], []]])
def test_no_rows(blocks: list[list[tuple[Any, ...]]]) -> None:
    wanted = "a    b\n---  ---"
    assert drawn(TableStyle(), ("a", "b"), []) == wanted
    assert "".join(streamed(TableStyle(), ("a", "b"), blocks)) == wanted + "\n"


def test_blanks_that_a_cell_begins_with_are_kept() -> None:
    rows = [("  a", 1), ("b", 22)]
    assert "".join(streamed(TableStyle(), ("t", "n"), [rows])) == "t      n\n---  ---\n  a    1\nb     22\n"


_CELLS = st.none() | st.integers(-(10**6), 10**6) | st.text("ab |x", max_size=4).map(str.strip)


@given(st.lists(st.tuples(_CELLS, _CELLS), min_size=1, max_size=4), st.sampled_from(["", "NULL"]))
def test_both_ways_to_draw_have_one_look(rows: list[tuple[object, object]], null: str) -> None:
    style = TableStyle(null=null)
    assert "".join(streamed(style, ["a", "bc"], [rows])) == drawn(style, ["a", "bc"], rows) + "\n"
