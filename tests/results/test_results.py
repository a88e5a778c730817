"""Rows, texts and a summary: what each format has room for."""

import json

import pytest

from pynetdb.results import Output, Results
from pynetdb.results.formats import FORMATS

COLUMNS = ("number", "text")


def give(results: Results) -> None:
    results.row((1, "a"), text="A", record={"event": "row", "number": 1}, data=b"\xffa")
    results.text("said", record={"event": "said"}, data=b"\0")
    results.row((2, "b"), text=None, data=b"b")
    results.close({"rows": 2})


@pytest.mark.parametrize(
    ("format", "expected"),
    [
        ("table", "A\nsaid\n"),
        ("csv", "said\nnumber,text\n1,a\n2,b\n"),
        ("tsv", "said\nnumber\ttext\n1\ta\n2\tb\n"),
        ("json", '{\n  "rows": 2\n}\n'),
        (
            "jsonl",
            '{"event": "row", "number": 1}\n{"event": "said"}\n{"number": 2, "text": "b"}\n'
            '{"event": "summary", "rows": 2}\n',
        ),
    ],
)
def test_lines_and_a_summary(capsys: pytest.CaptureFixture[str], format: str, expected: str) -> None:
    give(Results(Output(format), COLUMNS, lines=True, summarised=True))
    assert capsys.readouterr().out == expected


def test_markdown_is_a_table_even_where_people_see_lines(capsys: pytest.CaptureFixture[str]) -> None:
    give(Results(Output("markdown"), COLUMNS, lines=True, summarised=True))
    assert [line.split("|")[1].strip() for line in capsys.readouterr().out.splitlines()[1:]] == [
        "number",
        "---------:",
        "1",
        "2",
    ]


def test_raw_is_exact_bytes(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    give(Results(Output("raw"), COLUMNS, lines=True, summarised=True))
    assert capfdbinary.readouterr().out == b"\xffa\0b"


def test_raw_without_bytes_is_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    results = Results(Output("raw"), COLUMNS)
    results.row((1, "a"))
    results.close()
    assert capsys.readouterr().out.split() == ["number", "text", "--------", "------", "1", "a"]


def test_rows_are_an_array_where_there_is_no_summary(capsys: pytest.CaptureFixture[str]) -> None:
    results = Results(Output("json"), COLUMNS)
    results.row((1, "a"))
    results.amend(error="late")
    results.row((2, "b"), record={"x": 1})
    results.close()
    expected = [{"number": 1, "text": "a", "error": "late"}, {"x": 1}]
    assert json.loads(capsys.readouterr().out) == expected


def test_what_is_written_is_not_amended(capsys: pytest.CaptureFixture[str]) -> None:
    results = Results(Output("jsonl"), COLUMNS)
    results.row((1, "a"))
    results.amend(error="late")
    results.close()
    assert capsys.readouterr().out == '{"number": 1, "text": "a"}\n'


def test_live_rows_are_there_at_once_and_their_header_once(capsys: pytest.CaptureFixture[str]) -> None:
    results = Results(Output("csv"), COLUMNS, live=True)
    results.row((1, "a"))
    assert capsys.readouterr().out == "number,text\n1,a\n"
    results.row((2, None))
    assert capsys.readouterr().out == "2,\n"
    results.close()
    assert capsys.readouterr().out == ""


def test_rows_that_are_not_live_are_all_or_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    results = Results(Output("csv"), COLUMNS)
    results.row((1, "a"))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("format", sorted(FORMATS))
def test_rows_are_wanted_where_they_are_shown(format: str) -> None:
    assert Results(Output(format), COLUMNS).wants_rows
    assert Results(Output(format), COLUMNS, summarised=True).wants_rows == (format != "json")


@pytest.mark.parametrize("format", ["table", "markdown"])
def test_an_optional_column_is_left_out_of_tables_where_it_is_empty(
    capsys: pytest.CaptureFixture[str], format: str
) -> None:
    for text, shown in (("", False), ("x", True)):
        results = Results(Output(format), COLUMNS, optional="text")
        results.row((1, ""))
        results.row((2, text))
        results.close()
        assert ("text" in capsys.readouterr().out) == shown


def test_programs_get_optional_columns_in_any_case(capsys: pytest.CaptureFixture[str]) -> None:
    results = Results(Output("csv"), COLUMNS, optional="text")
    results.row((1, ""))
    results.close()
    assert capsys.readouterr().out == "number,text\n1,\n"
