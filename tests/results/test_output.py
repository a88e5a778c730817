"""Results in every format, and nothing raw on a terminal."""

import csv
import io
import json
import sys

import pytest
from programs import posix

from pynetdb.results.output import Output, json_text, wants_colour

COLUMNS = ("name", "value")
ROWS = [("a|b", 1), ("line\nbreak", None), ("\x1b[31m", "\u202e")]


def written(capsys: pytest.CaptureFixture[str], format: str, rows: list[tuple[object, ...]] = ROWS) -> str:
    Output(format).rows(COLUMNS, rows)
    return capsys.readouterr().out


def test_json_is_an_array_of_objects(capsys: pytest.CaptureFixture[str]) -> None:
    text = written(capsys, "json")
    assert json.loads(text) == [dict(zip(COLUMNS, row, strict=True)) for row in ROWS]
    assert "\u202e" not in text


def test_json_lines_are_an_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    lines = written(capsys, "jsonl").splitlines()
    assert [json.loads(line) for line in lines] == [dict(zip(COLUMNS, row, strict=True)) for row in ROWS]


@pytest.mark.parametrize(("format", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_delimited_text_is_exact_in_a_pipe(
    capsys: pytest.CaptureFixture[str], format: str, delimiter: str
) -> None:
    rows = list(csv.reader(io.StringIO(written(capsys, format), newline=""), delimiter=delimiter))
    assert rows == [list(COLUMNS), *[["" if cell is None else str(cell) for cell in row] for row in ROWS]]


@pytest.mark.parametrize("format", ["table", "markdown"])
def test_tables_are_safe_and_keep_a_row_on_its_line(capsys: pytest.CaptureFixture[str], format: str) -> None:
    text = written(capsys, format)
    assert len(text.splitlines()) == 2 + len(ROWS)
    assert "\x1b" not in text
    assert r"line\nbreak" in text
    assert (r"a\|b" in text) == (format == "markdown")


@pytest.mark.parametrize(("format", "text"), [("json", "[]\n"), ("jsonl", ""), ("csv", "name,value\n")])
def test_an_empty_result_is_a_valid_document(
    capsys: pytest.CaptureFixture[str], format: str, text: str
) -> None:
    assert written(capsys, format, []) == text


def test_quiet_and_verbose(capsys: pytest.CaptureFixture[str]) -> None:
    for verbosity in (-1, 0, 1):
        Output(verbosity=verbosity).info(f"info {verbosity}")
        Output(verbosity=verbosity).debug(f"debug {verbosity}")
    assert capsys.readouterr().err == "info 0\ninfo 1\ndebug 1\n"


def test_what_is_said_is_a_courtesy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    Output().info("nobody hears this")


def test_text_is_safe_and_events_are_lines(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output()
    output.text("a\x1b")
    output.event({"event": "x", "text": "\n"})
    assert capsys.readouterr().out == 'a\\e\n{"event": "x", "text": "\\n"}\n'


def test_json_refuses_what_is_not_json() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        json_text(float("nan"))


@posix  # A console of Windows is asked: it is no object of Python's.
@pytest.mark.parametrize(
    ("variables", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colour_is_for_terminals(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], coloured: bool
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert wants_colour(Terminal()) is coloured
    assert not wants_colour(io.StringIO())
