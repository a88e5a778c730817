"""Events as JSON lines for programs and as lines for people."""

import json

import pytest

from pynetdb.events import Closed, Connected, MessageSaid, RequestServed
from pynetdb.results import Output
from pynetdb.results.subscribers import JsonLines, Lines

CONNECTED = Connected(1, "[::1]:9")
SAID = MessageSaid("Ann", 1, "[::1]:9", "hi\n\x1b")


def request(request_line: str) -> RequestServed:
    return RequestServed(1, "[::1]:9", "GET", "/", 200, 0, request_line, host="::1", time=0)


def test_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    subscriber = JsonLines(Output("jsonl"), frozenset({"closed"}))
    for event in (CONNECTED, SAID, Closed(1, "x", 0, 0, 0.5)):
        subscriber.receive(event)
    assert [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()] == ["connected"]


def test_words_are_for_those_who_asked(capsys: pytest.CaptureFixture[str]) -> None:
    subscriber = JsonLines(Output("jsonl", 1))
    subscriber.receive(SAID)
    assert json.loads(capsys.readouterr().out)["text"] == "hi\n\x1b"


@pytest.mark.parametrize(("verbosity", "expected"), [(0, ""), (1, "serve-x: #1 connected: [::1]:9\n")])
def test_details_come_with_verbose(capsys: pytest.CaptureFixture[str], verbosity: int, expected: str) -> None:
    Lines(Output(verbosity=verbosity), "serve-x").receive(CONNECTED)
    assert capsys.readouterr().err == expected


def test_a_line_is_one_line_and_safe_once(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines(Output(verbosity=1), "serve-x")
    lines.receive(SAID)
    lines.receive(request("GET /\\x1b\x1b\n"))
    assert capsys.readouterr().err == (
        'serve-x: Ann: hi\\n\\e\n::1 - - [01/Jan/1970:00:00:00 +0000] "GET /\\x1b\\e\\n" 200 -\n'
    )
