"""Responses: what a client believes, and the many that it must not."""

import itertools

import h11
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pynetdb.errors import ProtocolError
from pynetdb.protocols.http.body import FOLDED, PADDED
from pynetdb.protocols.http.fields import FieldError
from pynetdb.protocols.http.heads import encode_response_head
from pynetdb.protocols.http.responses import (
    MAX_FIELDS,
    MAX_HEAD,
    MAX_INTERIM,
    MAX_STATUS_LINE,
    BodyReceived,
    Event,
    Response,
    ResponseEnded,
    ResponseParser,
)

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"


def parse(data: bytes, method: str = "GET", cuts: list[int] | None = None, eof: bool = True) -> list[Event]:
    """Read `data`, cut at `cuts`; pieces of the body that follow each other are joined."""
    places = sorted({0, len(data), *(cut for cut in cuts or [] if cut < len(data))})
    parser = ResponseParser(method)
    events: list[Event] = []
    for a, b in itertools.pairwise(places):
        for event in parser.receive_data(memoryview(data)[a:b]):
            if isinstance(event, BodyReceived) and events and isinstance(events[-1], BodyReceived):
                events[-1] = BodyReceived(events[-1].data + event.data)
            else:
                events.append(event)
    return events + parser.receive_eof() if eof else events


def outcome(data: bytes, method: str = "GET", cuts: list[int] | None = None) -> list[Event] | str:
    try:
        return parse(data, method, cuts)
    except ProtocolError as error:
        return str(error)


def answer(data: bytes, method: str = "GET") -> tuple[Response, bytes, ResponseEnded]:
    events = parse(data, method)
    first, last = events[0], events[-1]
    assert isinstance(first, Response)
    assert isinstance(last, ResponseEnded)
    return first, b"".join(event.data for event in events if isinstance(event, BodyReceived)), last


@pytest.mark.parametrize(
    ("data", "body", "length", "keep_alive"),
    [
        (OK + b"Content-Length: 5\r\n\r\nhello", b"hello", 5, True),
        (OK + b"Content-Length: 5\r\n\r\nhello and more", b"hello", 5, True),
        (OK + b"Content-Length: 5, 5\r\nContent-Length: 5\r\n\r\nhello", b"hello", 5, True),
        (OK + b"Content-Length: 0\r\nConnection: close\r\n\r\n", b"", 0, False),
        (OK + b"\r\nhello", b"hello", None, False),
        (CHUNKED + b"5\r\nhello\r\n1;a=b\r\n!\r\n0\r\n\r\nmore", b"hello!", None, True),
        (CHUNKED + b"5   \r\nhello\r\n1 ; a = b\t\r\n!\r\n0 \r\n\r\nmore", b"hello!", None, True),
        (OK + b"Transfer-Encoding:\r\n\tchunked\r\n\r\n0\r\n\r\n", b"", None, True),
        (OK + b"Content-Length:\r\n 5\r\n\r\nhello", b"hello", 5, True),
        (b"HTTP/1.0 200\r\n\r\n", b"", None, False),
        (b"HTTP/1.0 200 \r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx", b"x", 1, True),
        (b"HTTP/1.1 204 No Content\r\n\r\nx", b"", 0, True),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", b"", 0, True),
        (
            b"HTTP/1.0 200 OK\n\nas a course's server sends it\n",
            b"as a course's server sends it\n",
            None,
            False,
        ),
    ],
)
def test_bodies(data: bytes, body: bytes, length: int | None, keep_alive: bool) -> None:
    response, received, _ = answer(data)
    assert received == body
    assert response.content_length == length
    assert response.keep_alive is keep_alive
    assert outcome(data, cuts=list(range(len(data)))) == parse(data)


def test_the_answer_to_head_has_no_body() -> None:
    response, body, _ = answer(OK + b"Content-Length: 5\r\n\r\n", "HEAD")
    assert (response.status, response.reason, body) == (200, "OK", b"")
    assert response.fields.get("content-length") == "5"
    assert answer(CHUNKED, "HEAD")[1] == b""


def test_trailers_come_with_the_end() -> None:
    _, _, ended = answer(CHUNKED + b"0\r\nX-Sum: 1\r\n\r\n")
    assert ended.trailers.pairs == (("X-Sum", "1"),)


def test_each_fold_is_one_space() -> None:
    data = OK + b"A: 1 \r\n \t2\r\n\t\r\n 3\r\nB:\r\n  b\r\nC: c\r\n \r\nContent-Length: 0\r\n\r\n"
    response, _, _ = answer(data)
    assert response.fields.pairs == (("A", "1 2  3"), ("B", "b"), ("C", "c"), ("Content-Length", "0"))
    _, _, ended = answer(CHUNKED + b"0\r\nX-Sum: 1\r\n 2\r\nY: z\r\n\r\n")
    assert ended.trailers.pairs == (("X-Sum", "1 2"), ("Y", "z"))


def test_a_head_of_nothing_but_folds_is_bounded_and_quick() -> None:
    folds = (MAX_HEAD - 100) // 3
    response, _, _ = answer(OK + b"X: y\n" + b" z\n" * folds + b"\n")
    assert len(response.fields.get("x") or "") == 1 + 2 * folds


@pytest.mark.parametrize(
    ("data", "tolerated"),
    [
        (OK + b"X: y\r\nContent-Length: 0\r\n\r\n", ()),
        (OK + b"X: y\r\n z\r\n z\r\nContent-Length: 0\r\n\r\n", (FOLDED,)),
        (CHUNKED + b"1 \r\nx\r\n0 \r\nX: y\r\n z\r\n\r\n", (PADDED, FOLDED)),
        (CHUNKED + b"1 ;a\r\nx\r\n0\r\n\r\n", ()),
    ],
)
def test_what_was_tolerated_is_told(data: bytes, tolerated: tuple[str, ...]) -> None:
    parser = ResponseParser()
    for at in range(len(data)):
        parser.receive_data(data[at : at + 1])
    assert parser.complete
    assert parser.tolerated == tolerated


def test_interim_responses_come_before_the_answer() -> None:
    events = parse(
        INTERIM + b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + OK + b"Content-Length: 1\r\n\r\nx"
    )
    assert [event.status for event in events if isinstance(event, Response)] == [100, 103, 200]
    assert len(parse(INTERIM * MAX_INTERIM + OK + b"\r\n")) == MAX_INTERIM + 2


def test_nothing_is_read_after_the_end() -> None:
    parser = ResponseParser()
    parser.receive_data(OK + b"Content-Length: 0\r\n\r\n")
    assert parser.complete
    assert parser.receive_data(b"garbage") == []
    assert parser.receive_eof() == []


def field(line: bytes) -> bytes:
    return OK + line + b"\r\n\r\nhello"


HOSTILE = [
    b"", b"\r\n", b"H", b"SSH-2.0-OpenSSH\r\n", b"ICY 200 OK\r\n\r\n", b"http/1.1 200 OK\r\n\r\n", b"<html>",
    b"HTTP/2.0 200 OK\r\n\r\n", b"HTTP/1.2 200 OK\r\n\r\n", b"HTTP/0.9 200 OK\r\n\r\n", b"HTTP/1.1\r\n\r\n",
    b"HTTP/1.1 \r\n\r\n", b"HTTP/1.1 20 OK\r\n\r\n", b"HTTP/1.1 2000 OK\r\n\r\n", b"HTTP/1.1 099 OK\r\n\r\n",
    b"HTTP/1.1 +20 OK\r\n\r\n", b"HTTP/1.1 2_0 OK\r\n\r\n", b"HTTP/1.1 -20 OK\r\n\r\n", b"HTTP/1.1 abc OK\r\n\r\n",
    "HTTP/1.1 ٢٠٠ OK\r\n\r\n".encode(), b"HTTP/1.1  200 OK\r\n\r\n", b"HTTP/1.1\t200 OK\r\n\r\n",
    b"HTTP/1.1 200 a\0b\r\n\r\n", b"HTTP/1.1 200 a\rb\r\n\r\n", b"HTTP/1.1 200 \x1b[31m\r\n\r\n", b" HTTP/1.1 200 OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\r\n\r\n", b"HTTP/1.1 101 Switching Protocols\r\n\r\n", INTERIM * (MAX_INTERIM + 1) + OK + b"\r\n",
    INTERIM, OK, OK + b"Content-Length: 5\r\n", b"HTTP/1.1 200 " + b"x" * (MAX_STATUS_LINE + 1),
    OK + b"X: " + b"y" * MAX_HEAD, OK + b"X: y\r\n" * (MAX_FIELDS + 1), OK + b"X" * MAX_HEAD,
    *[
        field(b"Content-Length: " + length)
        for length in [
            b"-5", b"+5", b"0x5", b"1_0", b"", b"5 5", b"5.0", b"5;", b"1e1", b"\xb2", "٥".encode(), b"5,6", b"5, 05", b"5,",
            b"9" * 19, b"9" * 5000, b"six", b'"5"', b"6",
        ]
    ],
    field(b"Content-Length: 5\r\nContent-Length: 6"), field(b"Content-Length: 5\r\nTransfer-Encoding: chunked"),
    field(b"Transfer-Encoding: identity"), field(b"Transfer-Encoding: chunked, gzip"), field(b"Transfer-Encoding: gzip, chunked"),
    field(b"Transfer-Encoding: xchunked"), field(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
    field(b"Transfer-Encoding:"), b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    field(b"X: a\0b"), field(b"X: a\rb"), field(b"X: a\r\r"), field(b"X: a\r\n \0folded"), field(b"X: a\r\n\rb"), field(b" X: a"), field(b"Content-Length: 5\r\n 5"), field(b"no colon"),
    field(b"X : a"), field(b"X\t: a"), field(b": a"), field(b"X Y: a"), field(b"X\0: a"), field(b"X\xe9: a"), field(b"X: \x1b[2J"),
    field(b"X: \x7f"),
    *[
        CHUNKED + chunks
        for chunks in [
            b"", b"5", b"5\r\nhel", b"5\r\nhello", b"5\r\nhello\r\n", b"5\r\nhello\r\n0\r\n", b"-5\r\nhello", b"+5\r\nhello\r\n0\r\n\r\n",
            b"0x5\r\nhello\r\n0\r\n\r\n", b"1_0\r\n" + b"x" * 16 + b"\r\n0\r\n\r\n", b" 5\r\nhello\r\n0\r\n\r\n", b"5 x\r\nhello\r\n0\r\n\r\n", b"0\r\n a: b\r\n\r\n",
            b"5\nhello\r\n0\r\n\r\n", b"5\r\nhello0\r\n\r\n", b"5\r\nhello\n0\r\n\r\n", b"5\r\nhelloXX0\r\n\r\n", b"g\r\n", b"\r\n",
            b"f" * 16 + b"\r\n", b"0" * 300, b"0\r\nX\r\n\r\n", b"0\r\nX: a\0\r\n\r\n", b"0\r\n\n", b"5;a\0b\r\nhello\r\n0\r\n\r\n",
            b"0\r\nX: " + b"y" * 9000, "٥\r\nhello\r\n0\r\n\r\n".encode(),
        ]
    ],
]  # fmt: skip


@pytest.mark.parametrize("data", HOSTILE, ids=[repr(data[:70]) + str(len(data)) for data in HOSTILE])
def test_hostile_responses(data: bytes) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse(data)
    message = str(caught.value)
    assert message
    assert message.isprintable()
    assert len(message) < 300
    assert outcome(data, cuts=list(range(0, len(data), 1 if len(data) < 2000 else 97))) == message


def test_an_endless_head_is_refused_while_it_comes() -> None:
    for start, again in [(b"HTTP/1.1 200 ", b"x" * 1000), (OK, b"X: y\r\n" * 100), (b"", INTERIM)]:
        parser = ResponseParser()
        with pytest.raises(ProtocolError):
            for piece in [start, *[again] * 1000]:
                parser.receive_data(piece)


# -- the three properties ------------------------------------------------------------------------

PIECES = st.lists(
    st.sampled_from(
        [
            OK, CHUNKED, INTERIM, b"HTTP/1.0 404 \r\n", b"HTTP/1.1 304 x\r\n", b"Content-Length: 3\r\n", b"Content-Length: ",
            b"Transfer-Encoding: chunked\r\n", b"\r\n", b"\r", b"\n", b"abc", b"3\r\nabc\r\n", b"0\r\n\r\n", b"0\r\n",
            b"X: y\r\n", b" ", b":", b"\0", b";", b"a=b", b"\xff", b"-1", b"3, 3", b"HTTP/1.1 ",
        ]
    )
    | st.binary(max_size=6),
    max_size=12,
).map(b"".join)  # fmt: skip
METHODS = st.sampled_from(["GET", "HEAD"])


@given(PIECES, METHODS)
def test_any_bytes_give_events_or_protocol_error(data: bytes, method: str) -> None:
    result = outcome(data, method)
    assert isinstance(result, str) or isinstance(result[-1], ResponseEnded)


@given(PIECES, METHODS, st.lists(st.integers(0, 200)))
@example(INTERIM + CHUNKED + b"3\r\nabc\r\n0\r\n\r\n", "GET", list(range(100)))
def test_cut_anywhere_the_events_are_the_same(data: bytes, method: str, cuts: list[int]) -> None:
    assert outcome(data, method, cuts) == outcome(data, method)


NAMES = st.text("abcXYZ-_!0", min_size=1, max_size=8)
VALUES = st.text("a \t\"',;=\xe9\xff/:", max_size=12).map(lambda value: value.strip(" \t"))


@given(
    st.integers(200, 999),
    st.lists(st.tuples(NAMES, VALUES), max_size=8),
    st.none() | st.text("aB \xe9", max_size=9),
)
def test_what_is_encoded_is_read_back(status: int, fields: list[tuple[str, str]], reason: str | None) -> None:
    response, _, _ = answer(encode_response_head(status, fields, reason))
    assert (response.status, response.fields.pairs) == (status, tuple(fields))
    assert reason is None or response.reason == reason


@pytest.mark.parametrize(
    ("status", "fields", "reason"),
    [
        (99, [], None), (1000, [], None), (200, [], "a\r\nX: y"), (200, [], "☃"), (200, [("X", "a\r\nY: z")], None),
        (200, [("X", "a\nb")], None), (200, [("X", "\0")], None), (200, [("X", "☃")], None), (200, [("X Y", "a")], None),
        (200, [("", "a")], None), (200, [("é", "a")], None), (200, [("X", " a")], None), (200, [("X", "a\t")], None),
    ],
)  # fmt: skip
def test_what_cannot_be_sent(status: int, fields: list[tuple[str, str]], reason: str | None) -> None:
    with pytest.raises(FieldError):
        encode_response_head(status, fields, reason)


def test_the_reasons_that_we_know() -> None:
    assert encode_response_head(404, [("A", "b")]) == b"HTTP/1.1 404 Not Found\r\nA: b\r\n\r\n"
    assert encode_response_head(299, []) == b"HTTP/1.1 299 \r\n\r\n"


# -- against h11 ---------------------------------------------------------------------------------


def read_by_h11(data: bytes, method: str) -> list[object]:
    """Return what h11 makes of the stream: heads, the whole body, the trailers."""
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD)
    connection.send(h11.Request(method=method, target="/", headers=[("Host", "a")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(data)
    seen: list[object] = []
    body = b""
    at_end = False
    while True:
        event = connection.next_event()
        if isinstance(event, h11.InformationalResponse | h11.Response):
            seen.append((event.status_code, bytes(event.reason), list(event.headers)))
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage):
            return [*seen, body, list(event.headers)]
        else:
            assert not at_end
            at_end = True
            connection.receive_data(b"")


def pairs(fields: tuple[tuple[str, str], ...]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in fields]


@given(PIECES, METHODS)
@example(OK + b"Content-Length: 3\r\n\r\nabc", "GET")
@example(CHUNKED + b"3\r\nabc\r\n0\r\nX: y\r\n\r\n", "GET")
@example(INTERIM + OK + b"X: y\r\n\r\nuntil the end", "GET")
def test_what_we_accept_h11_reads_the_same_way(data: bytes, method: str) -> None:
    result = outcome(data, method)
    if isinstance(result, str):
        return
    ours: list[object] = [
        (event.status, event.reason.encode("latin-1"), pairs(event.fields.pairs))
        for event in result
        if isinstance(event, Response)
    ]
    ours.append(b"".join(event.data for event in result if isinstance(event, BodyReceived)))
    ended = result[-1]
    assert isinstance(ended, ResponseEnded)
    ours.append(pairs(ended.trailers.pairs))
    theirs = read_by_h11(data, method)
    # h11 joins equal lengths into one field, as RFC 9110 section 8.6 allows.
    assert [_without_lengths(item) for item in theirs] == [_without_lengths(item) for item in ours]


def _without_lengths(item: object) -> object:
    if isinstance(item, tuple):
        status, reason, fields = item
        return status, reason, [pair for pair in fields if pair[0] != b"content-length"]
    return item
