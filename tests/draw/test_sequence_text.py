"""The chart as text, for a terminal."""

import unicodedata

import pytest
from traces import accept, chart, connect, listening, recv, send, trace

from pynetdb.draw.sequence_text import sequence_text

ECHO = """\
                 client                          server 127.0.0.1:9
                    c                                     s
    0.00 ms         │              bind(('127.0.0.1', 9)) │
                    │                               (why) │
    0.00 ms         │                           listen(5) │
    1.00 ms         │╌╌ connect, #1 ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌▶│
               [connected]                         [#1 connected]
                    │    (a client's handshake is done: a │
                    │    new socket for it alone, #1 from │
                    │                            here on) │
    2.00 ms         │── 2 bytes 'hi' ────────────────────▶│
    4.00 ms         │◀──────────────────── 2 bytes 'hi' ──│
"""


def test_an_echo() -> None:
    client = trace("c", 0, *connect(1), send(2, "client", b"hi"), recv(5, "client", b"hi"))
    server = trace("s", 1, *listening(), accept(1.5, "#1", 50), recv(3, "#1", b"hi"), send(4, "#1", b"hi"))
    assert sequence_text(chart(client, server), 70) == ECHO


def test_an_arrow_that_takes_its_time_has_a_number_at_both_ends() -> None:
    client = trace("c", 0, *connect(1), send(2, "client", b"a"), send(3, "client", b"bb"))
    server = trace("s", 1, *listening(), accept(1.5, "#1", 50), recv(4, "#1", b"abb"))
    lines = sequence_text(chart(client, server), 70).splitlines()
    shown = [text[20:] for text in lines if "──" in text]
    assert shown == [
        "│── 1 byte 'a' ────────────────── (1) │",
        "│── 2 bytes 'bb' ──────────────── (2) │",
        "│── (1) ─────────────────────────────▶│",
        "│── (2) ─────────────────────────────▶│",
    ]


def test_what_was_lost_says_so() -> None:
    client = trace("c", 0, *connect(1, "SOCK_DGRAM"), send(2, "client", b"gone"))
    text = sequence_text(chart(client, trace("s", 1, *listening(0, "SOCK_DGRAM"))), 70)
    assert "lost ✗" in text and "▶" not in text


@pytest.mark.parametrize(
    "said",
    [b"\x1b[31mred", "漢字漢字漢字漢字漢字漢字漢字漢字".encode()[:32], "e\u0301\u202e".encode(), b"\xff\x00"],
)
def test_lines_keep_their_columns_whatever_was_said(said: bytes) -> None:
    client = trace("c", 0, *connect(1), send(2, "client", said))
    text = sequence_text(chart(client), 80)
    assert "\x1b" not in text and "\u202e" not in text
    (shown,) = [row for row in text.splitlines() if "──" in row]
    wide = sum(unicodedata.east_asian_width(one) in "WF" for one in shown)
    combining = sum(bool(unicodedata.combining(one)) for one in shown)
    # The other lifeline stands where it stands in every row.
    assert len(shown) + wide - combining == text.splitlines()[4].rindex("┊") + 1


def test_what_is_not_in_the_picture_is_said() -> None:
    client = trace(
        "c", 0, b'{"call": "gap", "calls": 3}', *connect(1), *(send(2, "client", b"x") for _ in range(9))
    )
    text = sequence_text(chart(client, limit=4), 80)
    assert text.endswith(
        "The first 4 steps; 6 more are left out.\nThe traces lack 3 calls: the disk was full or too slow for them.\n"
    )
