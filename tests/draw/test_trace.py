"""The lines of a trace: read as they were written, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from traces import line, recv, send, trace

from pynetdb.draw.trace import parse_address, parse_trace, payload, sender
from pynetdb.errors import CommandLineError


@pytest.mark.parametrize("data", [b"", b"hello", b'it\'s "quoted"\\', bytes(range(256)), b"'" * 40])
def test_what_a_call_moved(data: bytes) -> None:
    sent, received = trace("t", 0, send(0, "client", data), recv(1, "#1", data)).calls
    for call in (sent, received):
        assert (payload(call).size, payload(call).first) == (len(data), data[:32])


def test_a_send_in_part_shows_only_what_went() -> None:
    (call,) = trace("t", 0, line(0, "client", "send", "9 bytes b'123456789'", result=4, size=4)).calls
    assert payload(call).first == b"1234"


def test_from_whom_a_datagram_came() -> None:
    calls = trace(
        "t", 0, recv(0, "s", b"x from ('1.1.1.1', 1)", ("::1", 5, 0, 0)), recv(0, "s", b"", "/path")
    ).calls
    assert [sender(call) for call in calls] == [("::1", 5), "/path"]
    assert sender(trace("t", 0, recv(0, "s", b"x")).calls[0]) is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("('127.0.0.1', 80)", ("127.0.0.1", 80)),
        ("('::ffff:127.0.0.1', 80, 0, 0)", ("127.0.0.1", 80)),
        ("'/tmp/s'", "/tmp/s"),
        ("''", ""),
        ("('a',)", None),
        ("1", None),
        ("__import__('os')", None),
        ("(" * 200, None),
        ("'" + "x" * 1000 + "'", None),
        (5, None),
    ],
)
def test_addresses(text: object, address: object) -> None:
    assert parse_address(text) == address


def test_a_wake_up_by_another_thread_does_not_say_when_a_call_began() -> None:
    """It may come while a call is under way, whose peer has answered already."""
    calls = trace("t", 0, recv(1, "#1", b"x"), send(2, "loop", b"0"), send(3, "#1", b"x")).calls
    assert calls[2].begun == calls[0].time


def test_a_gap_is_counted() -> None:
    assert trace("t", 0, b'{"call": "gap", "calls": 7}\n', b"\n", send(0, "client", b"x")).missing == 7


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [b"\n"],
        [b"hello\n"],
        [b"{}\n"],
        [b"[]\n"],
        [b"5\n"],
        [b"\xff\xfe\n"],
        [b'{"call": "gap", "calls": "x"}\n'],
        [line(0, "c", "send").replace(b"2026-", b"year-")],
        [line(0, "c", "send", size=-1)],
        [line(0, "c", "send").replace(b'"who": "c"', b'"who": 5')],
        [line(0, "c", "send").replace(b"[]", b"{}")],
        [b"[" * 100_000],
    ],
)
def test_what_is_no_trace(lines: list[bytes]) -> None:
    with pytest.raises(CommandLineError, match=r"^t: (line 1 is not of a trace|holds no calls)"):
        parse_trace(lines, "t", 0)


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_any_bytes_are_a_trace_or_an_error(lines: list[bytes]) -> None:
    with pytest.raises(CommandLineError):
        parse_trace(lines, "t", 0)


def test_a_trace_that_was_cut_off_is_drawn_as_far_as_it_goes() -> None:
    whole = [send(0, "client", b"x"), recv(1, "client", b"y")]
    for end in range(1, len(whole[1]) - 1):
        found = parse_trace([whole[0], whole[1][:end]], "t", 0)
        assert (len(found.calls), found.missing) == (1, 1)
    with pytest.raises(CommandLineError, match="line 1 is not of a trace"):
        parse_trace([whole[0][:-5]], "t", 0)
    with pytest.raises(CommandLineError, match="line 2 is not of a trace"):
        parse_trace([whole[0], b"{\n", whole[1]], "t", 0)
