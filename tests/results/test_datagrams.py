"""Datagrams as rows, payloads alone, or a count."""

import time

import pytest

from pynetdb.events import DatagramReceived, Events, ReceivingDone
from pynetdb.results import Output
from pynetdb.results.datagrams import DatagramResults, subscribe_datagrams

DONE = ReceivingDone({"datagrams": 1})


def received() -> DatagramReceived:
    return DatagramReceived("[::1]:9", 2, b"\xffa", text="\\xffa", time=0.0)


@pytest.mark.parametrize(
    ("format", "expected"),
    [
        ("table", f"[::1]:9  {time.strftime('%H:%M:%S', time.localtime(0))}.000  \\xffa\n"),
        ("csv", "from,bytes,time,payload\n[::1]:9,2,1970-01-01T00:00:00.000000Z,\\xffa\n"),
        ("json", '{\n  "datagrams": 1\n}\n'),
    ],
)
def test_what_is_shown(capsys: pytest.CaptureFixture[str], format: str, expected: str) -> None:
    results = DatagramResults(Output(format), exact=False)
    if results.wants_details:
        results.receive(received())
    results.receive(DONE)
    assert capsys.readouterr().out == expected


def test_no_datagrams_are_a_header(capsys: pytest.CaptureFixture[str]) -> None:
    DatagramResults(Output("csv"), exact=False).receive(DONE)
    assert capsys.readouterr().out == "from,bytes,time,payload\n"


def test_payloads_alone(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    results = DatagramResults(Output(verbosity=-1), exact=True)
    results.receive(received())
    results.receive(DONE)
    assert capfdbinary.readouterr().out == b"\xffa"


@pytest.mark.parametrize(
    ("format", "verbosity", "exact", "wanted"),
    [
        ("table", 0, False, True),
        ("table", -1, False, False),
        ("csv", -1, False, True),
        ("json", 0, False, False),
        ("json", 0, True, True),
    ],
)
def test_details_are_wanted_where_they_are_seen(
    format: str, verbosity: int, exact: bool, wanted: bool
) -> None:
    assert DatagramResults(Output(format, verbosity), exact=exact).wants_details == wanted


def test_json_lines_need_no_second_subscriber() -> None:
    events = Events()
    subscribe_datagrams(events, Output("jsonl"), exact=False)
    assert not events
    subscribe_datagrams(events, Output("jsonl"), exact=True)
    assert events
