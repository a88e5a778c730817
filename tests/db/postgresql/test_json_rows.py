"""JSON made of blocks of COPY: the same values as the server's own, whatever stands in them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("psycopg", reason="stranger: psycopg is not installed")

from pynetdb.db.postgresql.copy_text import encode_rows
from pynetdb.db.postgresql.json_rows import fits, json_maker
from pynetdb.db.postgresql.types import BOOL, BYTEA, FLOAT8, INT8, NUMERIC, TEXT

NASTY = [
    '"',
    "\\",
    "\\N",
    "%",
    "%s",
    "\t",
    "\n",
    "\r",
    "\x01",
    "\x1b",
    "\x7f",
    "\u2028",
    "é",
    "😀",
    "null",
    "NaN",
    "",
]
TEXTS = st.none() | st.sampled_from(NASTY) | st.text(st.characters(codec="utf-8", exclude_characters="\0"))
ROWS = st.lists(
    st.tuples(
        TEXTS,
        st.none() | st.integers(-(2**63), 2**63 - 1).map(str),
        st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str),
        st.none() | st.booleans(),
        TEXTS,
    ),
    min_size=1,
    max_size=6,
)
NAMES = ["a", 'b"%', "ü", "%s", ""]


@given(ROWS, st.booleans())
def test_every_value_comes_back(rows: list[tuple[Any, ...]], has_texts: bool) -> None:
    """Without the texts a block is plain now and then."""
    if not has_texts:
        rows = [(None, *row[1:4], "x") for row in rows]
    cells = [("t" if cell else "f") if isinstance(cell, bool) else cell for row in rows for cell in row]
    lines = json_maker(NAMES, [TEXT, INT8, NUMERIC, BOOL, TEXT])(encode_rows(cells, 5)).decode()
    assert lines.count("\n") == len(rows)
    found = [json.loads(line, parse_int=str, parse_float=str) for line in lines.split("\n")[:-1]]
    assert found == [dict(zip(NAMES, row, strict=True)) for row in rows]


def test_what_json_has_no_number_for() -> None:
    make = json_maker(["a", "b"], [FLOAT8, TEXT])
    assert (
        make(b"NaN\tNaN\n-Infinity\tx\n1e+300\t\n")
        == b'{"a":null,"b":"NaN"}\n{"a":null,"b":"x"}\n{"a":1e+300,"b":""}\n'
    )


def test_bytes_that_are_no_text_are_told_as_such() -> None:
    assert json_maker(["a"], [TEXT])(b"a\xffb\n") == b'{"a":"a\\udcffb"}\n'


def test_which_types_are_left_to_the_server() -> None:
    assert fits([TEXT, INT8])
    assert not fits([TEXT, BYTEA])
    assert not fits([])


@pytest.mark.parametrize("text", ["'2024-01-31'::date", "'0044-03-15 BC'::date", "'infinity'::date", "true",
    "1.10::numeric", "'NaN'::numeric", "'-Infinity'::float8", "1e-7::float8", "1e20::float4", "'a '::char(3)",
    "E'\\x01\\x1f\\x7f\\\\\"/'::text", "'t'::name", "null::date", "32767::smallint",
    "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid"])  # fmt: skip
def test_the_server_says_the_same(opened: Any, execute: Any, text: str) -> None:
    ours = b"".join(opened().query(f"SELECT {text} AS v").text_blocks("jsonl")).decode()
    theirs = execute(f"SELECT row_to_json(q)::text FROM (SELECT {text} AS v) q")[0][0]
    no_number = theirs.strip('{"v:}') in ("NaN", "-Infinity")
    assert json.loads(ours, parse_float=str) == (
        {"v": None} if no_number else json.loads(theirs, parse_float=str)
    )
