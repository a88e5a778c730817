"""Lines that are written alike: as text they are what a parser makes of them, or they are parsed."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readers import lines_of, make_source, relaxed

from pynetdb.db.data_columns import survey_kinds
from pynetdb.errors import DatabaseError
from pynetdb.rows.batch import Batch
from pynetdb.rows.json_line_pattern import MAX_COLUMNS, LinePattern, WrittenRows, find_pattern
from pynetdb.rows.json_reader import JsonReader
from pynetdb.rows.json_types import make_value_rule

TEXT = st.text(st.characters(codec="utf-8"), max_size=4) | st.sampled_from(
    ["null", "true", "12", '":null', '"a":', "}", "{", "\\", '\\"', "\\n", "\n", "\x7f", "\u2028", "\0"]
)
INTEGERS = st.integers(-(2**63), 2**63 - 1) | st.integers(-10, 10)
REALS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-999, 999).map(
    lambda number: number / 8
)
COLUMNS = [
    TEXT,
    INTEGERS,
    st.integers(-9, 9),
    REALS,
    st.booleans(),
    st.none(),
    REALS | INTEGERS,
    TEXT | INTEGERS,
]
VALUES = st.sampled_from(COLUMNS).flatmap(lambda column: st.sampled_from([column, column | st.none()]))
STYLES = [(", ", ": "), (",", ":"), (",", ": ")]


@st.composite
def written_rows(draw: st.DrawFn) -> str:
    """Rows with the same keys, as programs write them, and now and then one that is otherwise."""
    keys = draw(st.lists(TEXT, min_size=1, max_size=3, unique=True))
    columns = [draw(VALUES) for _ in keys]
    style, ascii_only = draw(st.sampled_from(STYLES)), draw(st.booleans())
    end = draw(st.sampled_from(["\n", "\r\n"]))
    lines = []
    for _ in range(draw(st.integers(1, 12))):
        row: dict[str, Any] = {key: draw(column) for key, column in zip(keys, columns, strict=True)}
        odd = draw(st.integers(0, 30))
        if odd == 0:
            row = dict(reversed(row.items()))
        elif odd == 1:
            row[keys[0]] = draw(st.sampled_from([[1, None], {"x": 2}, 1e300, "0", 7, None]))
        elif odd == 2:
            del row[keys[0]]
        lines.append(json.dumps(row, separators=style, ensure_ascii=ascii_only))
        if odd == 3:
            lines.append("")
    return end.join(lines) + (end if draw(st.booleans()) else "")


def as_text(cell: Any) -> str | None:
    return cell if cell is None or isinstance(cell, str) else repr(cell)


def read_all(folder: Path, text: str, exact: bool) -> tuple[list[Any], ...]:
    """The rows of lines as texts, where each stands, which columns it names, and the kinds of all."""
    with make_source(folder, text, keep=True) as data:
        reader = JsonReader(data, True, exact=exact, rule=make_value_rule("detect", True))
        reader.learn_columns()
        reader.rewind()
        kinds = survey_kinds(reader)
        reader.rewind()
        cells, named = [], []
        width = len(reader.columns)
        for batch in reader.batches():
            cells += map(as_text, batch.cells)
            named += batch.present or [tuple(range(width))] * batch.count_rows(width)
        reader.rewind()
        return cells, lines_of(reader), named, kinds


@relaxed
@given(written_rows())
@pytest.mark.parametrize("piece", [40, 1 << 16], indirect=True)
def test_whatever_is_written_is_what_a_parser_makes_of_it(tmp_path: Path, piece: None, text: str) -> None:
    try:
        wanted = read_all(tmp_path, text, exact=False)
    except DatabaseError as error:
        wanted = (str(error),)
    try:
        found = read_all(tmp_path, text, exact=True)
    except DatabaseError as error:
        found = (str(error),)
    assert found == wanted


def make_pattern(rows: Sequence[dict[str, Any]]) -> LinePattern:
    found = find_pattern(json.dumps(rows[0]), rows, {})
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    "text",
    ["0", "-0", "7", "-7", "01", "+1", "1.5", "-1.5", "1.50", "1.0", "-0.0", "0.0", ".5", "5.", "1e5", "1E+5", "1.5e3", "0.001",
     "0.0001", "0.00001", "0.000012", "-0.00001", "123456789012345", "1234567890123456", "9007199254740993", "8999999999999999",
     "1234567890.12345", "1234567890.123456", "0.123456789012345", "0.1234567890123456", "-122.4194155", "9223372036854775807",
     "9223372036854775808", "-9223372036854775808", "8999999999999999999", "99999999999999999999", "1e400", "NaN", "Infinity", "true",
     "1.", "--1", "0x10", "1_000", "\u0661"],
)  # fmt: skip
@pytest.mark.parametrize("values", [[1, 2], [2**60, 1], [1.5, 2.5], [1.5, 2], [1, None], [1.5, 2, None]])
def test_a_number_stays_what_is_written_only_if_it_would_be_written_so(
    values: Sequence[Any], text: str
) -> None:
    pattern = make_pattern([{"a": value} for value in values])
    found = pattern.read(f'{{"a": {text}}}\n', 1)
    if found is not None:
        value = json.loads(text)
        assert found.cells == [text] == [repr(value)]
        # And a table made for the column can hold it.
        assert type(value) in set(map(type, values))
        assert not isinstance(value, int) or abs(value) <= (2**63 if 2**60 in values else 2**53)


@pytest.mark.parametrize(
    ("values", "kind", "texts"),
    [
        (["x", ""], "TEXT", ["x", ""]),
        (["null", None, 'a"b\\', "\n"], "TEXT", ["null", None, 'a"b\\', "\n"]),
        ([1, -20], "INTEGER", ["1", "-20"]),
        ([1, None], "INTEGER", ["1", None]),
        ([2**53 + 1, 3], "BIGINT", ["9007199254740993", "3"]),
        ([1.5, -0.25], "REAL", ["1.5", "-0.25"]),
        ([1.5, 3, None], "REAL", ["1.5", "3", None]),
        ([True, False], "INTEGER", ["1", "0"]),
        ([True, None], "INTEGER", ["1", None]),
        ([None, None], "", [None, None]),
    ],
)
def test_what_a_column_is(values: Sequence[Any], kind: str, texts: Sequence[Any]) -> None:
    rows = [{"a": value, "b c": "z"} for value in values]
    for end in ("\n", "\r\n"):
        block = "".join(json.dumps(row) + end for row in rows)
        found = make_pattern(rows).read(block, len(rows))
        cells = [cell for text in texts for cell in (text, "z")]
        assert found == WrittenRows(["a", "b c"], cells, [kind, "TEXT"])


@pytest.mark.parametrize(
    "line",
    ['{"a": 1, "b": "x", "a": 1}', '{"b": "x", "a": 1}', '{"a": 1}', '{"a": 1, "b": "x"} {}', '[{"a": 1, "b": "x"}]',
     '{"a": 1, "b": "\\q"}', '{"a": 1, "b": "\\u12"}', '{"a": 1, "b": "x\ty"}', '{"a": 1, "b": null}', '{"a": "1", "b": "x"}',
     '{"a":1,"b":"x"}', ' {"a": 1, "b": "x"}', '{"a": 1, "b": "x" }', ""],
)  # fmt: skip
def test_what_is_not_as_the_pattern_says_is_left_to_the_parser(line: str) -> None:
    pattern = make_pattern([{"a": 1, "b": "x"}])
    assert pattern.read('{"a": 1, "b": "x"}\n' + line + "\n", 2) is None
    assert pattern.read('{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}', 2) == (
        ["a", "b"],
        ["1", "x", "2", "y"],
        ["INTEGER", "TEXT"],
    )


@pytest.mark.parametrize(
    "rows",
    [
        [{}],
        [{"a": 1}, {"b": 1}],
        [{"a": 1}, {}],
        [{"a": [1]}],
        [{"a": {}}],
        [{"a": 1}, {"a": "x"}],
    ],
)
def test_what_has_no_pattern(rows: Sequence[dict[str, Any]]) -> None:
    assert find_pattern(json.dumps(rows[0]), rows, {}) is None


def test_so_many_columns() -> None:
    row = {f"c{number}": number for number in range(MAX_COLUMNS + 1)}
    assert find_pattern(json.dumps(row), [row], {}) is None
    del row["c0"]
    assert make_pattern([row]).read(json.dumps(row), 1) is not None


def test_columns_of_several_files_find_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pynetdb.rows.chained_reader import ChainedReader

    monkeypatch.setattr("pynetdb.rows.source.PIECE", 10)
    first, second = tmp_path / "1", tmp_path / "2"
    first.mkdir()
    second.mkdir()
    with (
        make_source(first, '{"a": 1, "b": "x"}\n' * 3) as one,
        make_source(second, '{"b": "y", "c": 2.5}\n' * 3) as two,
    ):
        reader = ChainedReader([JsonReader(data, True, exact=True) for data in (one, two)], fixed=False)
        assert reader.columns == ["a", "b", "c"]
        batches: list[Batch] = list(reader.batches())
    assert [batch.kinds for batch in batches][1] == ["INTEGER", "TEXT", ""]
    assert [batch.kinds for batch in batches][-1] == ["", "TEXT", "REAL"]
    assert batches[1].cells == ["1", "x", None]
    assert (batches[-1].cells, batches[-1].present) == ([None, "y", "2.5"], [(1, 2)])
