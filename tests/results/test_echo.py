"""What echo-client shows, in each format."""

import pytest

from pynetdb.results import Output
from pynetdb.results.echo import EchoResults, ListeningResults


@pytest.mark.parametrize(
    ("format", "expected"),
    [
        ("table", "hi\\xff\n"),
        ("csv", "number,bytes,rtt_ms,text\n1,3,1.5,hi\\xff\n"),
        ("json", '{\n  "sent": 1\n}\n'),
        (
            "jsonl",
            '{"event": "reply", "number": 1, "bytes": 3, "rtt_ms": 1.5, "text": "hi\\\\xff"}\n'
            '{"event": "summary", "sent": 1}\n',
        ),
    ],
)
def test_replies(capsys: pytest.CaptureFixture[str], format: str, expected: str) -> None:
    results = EchoResults(Output(format), show=True)
    results.reply(1, b"hi\xff", 0.0015)
    results.close({"sent": 1}, "1 of 1", several=False)
    assert capsys.readouterr() == (expected, "")


@pytest.mark.parametrize("format", ["table", "raw"])
def test_generated_payloads_are_not_shown(capsys: pytest.CaptureFixture[str], format: str) -> None:
    results = EchoResults(Output(format), show=False)
    results.reply(1, b"abc", 0.001)
    results.close({"sent": 1}, "1 of 1", several=False)
    assert capsys.readouterr() == ("", "1 of 1\n")


@pytest.mark.parametrize("format", ["table", "csv"])
def test_a_character_that_the_network_cut_is_whole(capsys: pytest.CaptureFixture[str], format: str) -> None:
    results = ListeningResults(Output(format))
    results.said(b"gr\xc3")
    results.said(b"\xbc")
    results.close({"bytes": 4})
    assert capsys.readouterr().out == "gr\u00fc\n"


def test_a_line_that_is_complete_gets_no_other_end(capsys: pytest.CaptureFixture[str]) -> None:
    results = ListeningResults(Output())
    results.said(b"hello\n")
    results.close({})
    assert capsys.readouterr().out == "hello\n"


def test_what_is_said_as_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    results = ListeningResults(Output("jsonl"))
    results.said(b"ab")
    results.close({"bytes": 2})
    assert capsys.readouterr().out == (
        '{"event": "said", "bytes": 2, "text": "ab"}\n{"event": "summary", "bytes": 2}\n'
    )
