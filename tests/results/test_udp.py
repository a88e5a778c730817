"""What udp-send shows, in each format."""

import pytest

from pynetdb.results import Output
from pynetdb.results.udp import SendResults

SUMMARY = {"sent": 2, "bytes": 4}


@pytest.mark.parametrize(
    ("format", "expected"),
    [
        ("table", "6869\n"),
        ("csv", "number,from,bytes,rtt_ms,hex\n1,[::1]:9,2,0.5,6869\n"),
        ("json", '{\n  "sent": 2,\n  "bytes": 4\n}\n'),
        (
            "jsonl",
            '{"event": "reply", "from": "[::1]:9", "bytes": 2, "hex": "6869", "rtt_ms": 0.5}\n'
            '{"event": "summary", "sent": 2, "bytes": 4}\n',
        ),
    ],
)
def test_answers(capsys: pytest.CaptureFixture[str], format: str, expected: str) -> None:
    results = SendResults(Output(format), hexadecimal=True)
    results.reply(1, "[::1]:9", b"hi", 0.0005)
    results.close(SUMMARY, "[::1]:9")
    assert capsys.readouterr() == (expected, "udp-send: 2 datagrams of 4 bytes in all to [::1]:9\n")


def test_text(capsys: pytest.CaptureFixture[str]) -> None:
    results = SendResults(Output(verbosity=-1), hexadecimal=False)
    results.reply(1, "x", b"hi\x1b", 0.1)
    results.close({"sent": 1, "bytes": 3}, "x")
    assert capsys.readouterr() == ("hi\\e\n", "")
