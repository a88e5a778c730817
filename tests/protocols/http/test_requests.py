"""Requests: heads, framing, the stream of them; the grammar against h11."""

import itertools

import h11
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pynetdb.protocols.http.fields import FieldError
from pynetdb.protocols.http.heads import encode_request_head
from pynetdb.protocols.http.requests import (
    MAX_DISCARDED,
    MAX_FIELDS,
    MAX_HEAD,
    MAX_METHOD,
    MAX_REQUEST_LINE,
    BodyDiscarded,
    Event,
    HeadReceived,
    Refused,
    Request,
    RequestParser,
    RequestRefusedError,
    parse_request_head,
)

GET = b"GET /a?b HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\n"


def parse(data: bytes, *, eof: bool = False) -> list[Event]:
    parser = RequestParser()
    events = parser.receive_data(data)
    return events + parser.receive_eof() if eof else events


def refusal(data: bytes) -> Refused:
    """Return what the whole of `data` is refused with; cut into bytes it must be the same."""
    events = parse(data)
    assert isinstance(events[-1], Refused), events
    parser = RequestParser()
    assert [event for i in range(len(data)) for event in parser.receive_data(data[i : i + 1])] == events
    assert parser.closed
    return events[-1]


def head(*lines: str) -> bytes:
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


@pytest.mark.parametrize(
    ("line", "host", "authority"),
    [
        ("GET /a HTTP/1.1", "a:1", "a:1"),
        ("GET /http://b/ HTTP/1.1", "a", "a"),
        ("GET http://b:2/a HTTP/1.1", "a", "b:2"),
        ("GET HTTPS://[::1]?http://c HTTP/1.1", "a", "[::1]"),
        ("GET http://b HTTP/1.0", None, "b"),
        ("GET / HTTP/1.0", None, None),
        ("OPTIONS * HTTP/1.1", "a", "a"),
        ("CONNECT b:443 HTTP/1.1", "a", "b:443"),
    ],
)
def test_a_target_says_who_is_asked_before_a_host(line: str, host: str | None, authority: str | None) -> None:
    """RFC 9112 section 3.2.2."""
    request = parse_request_head(head(line, *([] if host is None else [f"Host: {host}"])))
    assert request.authority == authority


def test_a_request_says_what_a_server_needs() -> None:
    request = parse_request_head(
        head("GET /a?b HTTP/1.1", "hOsT:\tlocalhost:80 ", "Accept: a", "accept:b", "Empty:")
    )
    assert (request.method, request.target, request.minor_version) == ("GET", "/a?b", 1)
    assert request.fields.get("ACCEPT") == "a, b"
    assert request.fields.get("empty") == ""
    assert request.fields.get("absent") is None
    assert request.fields.get("host") == "localhost:80"
    assert request.keep_alive
    assert not request.has_body
    assert not request.body_unread


@pytest.mark.parametrize(
    ("line", "fields", "keep_alive"),
    [
        ("GET / HTTP/1.1", [], True),
        ("GET / HTTP/1.7", [], True),
        ("GET / HTTP/1.1", ["Connection: Close"], False),
        ("GET / HTTP/1.1", ["Connection: upgrade, ,close"], False),
        ("GET / HTTP/1.1", ["Connection: keep-alive", "Connection: close"], False),
        ("GET / HTTP/1.0", [], False),
        ("GET / HTTP/1.0", ["Connection: keep-alive"], True),
        ("GET / HTTP/1.0", ["Connection: keep-alive, close"], False),
    ],
)
def test_keep_alive(line: str, fields: list[str], keep_alive: bool) -> None:
    assert parse_request_head(head(line, "Host: a", *fields)).keep_alive is keep_alive


@pytest.mark.parametrize(
    "target", ["/", "/a%2Fb", "//x", "/?q", "http://a", "HTTPS://[::1]:8080/x", "http://a?q", '/a|b^c`{}"']
)
def test_targets_that_are_taken(target: str) -> None:
    assert parse_request_head(head(f"GET {target} HTTP/1.1", "Host: a")).target == target


@pytest.mark.parametrize(
    "host",
    [
        "a", "a%7e:80", "%41", "%41b%42", "a.", "127.0.0.1:", "[::]", "[::1]:80", "[1:2:3:4:5:6:7:8]", "[1::]", "[::7:8]",
        "[::ffff:1.2.3.4]", "[1:2:3:4:5:6:7::]", "[1:2:3:4:5:6:255.0.19.200]", "[abcd::EF01]",
    ],
)  # fmt: skip
def test_hosts_that_are_taken(host: str) -> None:
    assert parse_request_head(head("GET / HTTP/1.1", f"Host: {host}")).fields.get("host") == host
    assert parse_request_head(head(f"GET http://{host}/?x HTTP/1.1", "Host: a")).method == "GET"
    assert parse_request_head(head(f"CONNECT {host} HTTP/1.1", "Host: a")).target == host


def test_the_forms_of_options_and_connect() -> None:
    assert parse_request_head(head("OPTIONS * HTTP/1.1", "Host: a")).target == "*"
    assert parse_request_head(head("CONNECT a:443 HTTP/1.1", "Host: a")).target == "a:443"


LONG = "x" * MAX_HEAD
REFUSED = [
    (400, head("GET / HTTP/1.1")),
    (400, head("GET / HTTP/1.1", "Host: a", "Host: a")),
    (400, head("GET / HTTP/1.0", "Host: a", "Host: a")),
    (400, head("GET / HTTP/1.1", "Host:")),
    (400, head("GET / HTTP/1.1", "Host: a b")),
    (400, head("GET / HTTP/1.1", "Host: user@a")),
    (400, head("GET / HTTP/1.1", "Host: a/b")),
    (400, head("GET / HTTP/1.1", "Host: \xe9")),
    (400, head("GET / HTTP/1.1", "Host: a", " folded")),
    (400, head("GET / HTTP/1.1", " Host: a")),
    (400, head("GET / HTTP/1.1", "Host : a")),
    (400, head("GET / HTTP/1.1", "Host: a", "no colon")),
    (400, head("GET / HTTP/1.1", "Host: a", ": empty")),
    (400, head("GET / HTTP/1.1", "Host: a", "X: a\0b")),
    (400, head("GET / HTTP/1.1", "Host: a", "X: a\rb")),
    (400, head("GET / HTTP/1.1", "Host: a", "X: a\x7fb")),
    (400, b"GET / HTTP/1.1\nHost: a\n\n"),
    (400, b"GET / HTTP/1.1\r\nHost: a\n\r\n"),
    (400, b"GET / HTTP/1.1\r\n\nHost: a\r\n\r\n"),
    (400, b"\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    (400, b"\rGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    (400, b"\r\n\r\n\r\n" + GET),
    (400, b"\x16\x03\x01\x02\x00\x01\x00"),
    (400, head("GET  / HTTP/1.1", "Host: a")),
    (400, head("GET / HTTP/1.1 ", "Host: a")),
    (400, head("GET /a b HTTP/1.1", "Host: a")),
    (400, head("GET /", "Host: a")),
    (400, head("GET / http/1.1", "Host: a")),
    (400, head("GET / HTTP/1.10", "Host: a")),
    (400, head("GET /#a HTTP/1.1", "Host: a")),
    (400, head("GET a HTTP/1.1", "Host: a")),
    (400, head("GET * HTTP/1.1", "Host: a")),
    (400, head("GET ftp://a/ HTTP/1.1", "Host: a")),
    (400, head("GET http://u@a/ HTTP/1.1", "Host: a")),
    (400, head("GET /caf\xe9 HTTP/1.1", "Host: a")),
    (400, head("CONNECT / HTTP/1.1", "Host: a")),
    (400, head("G[T / HTTP/1.1", "Host: a")),
    (501, head("BREW / HTTP/1.1", "Host: a")),
    (400, head("GET / HTTP/1.1", "Host: a", "Content-Type: a", "Content-Type: b")),
    (501, head("get / HTTP/1.1", "Host: a")),
    *[(505, head(f"GET / HTTP/{version}", "Host: a")) for version in ("2.0", "3.0", "0.9", "9.9")],
    *[
        (400, head("GET / HTTP/1.1", f"Host: {host}"))
        for host in [
            "a%zz", "a%", "a%4", "%", "%4x", "[1:2:3]", "[1::2::3]", "[]", "[:]", "[:::]", "[1:2:3:4:5:6:7:8:9]", "[12345::]",
            "[::1.2.3]", "[::1.2.3.256]", "[::1.2.3.04]", "[1.2.3.4::]", "[1.2.3.4]", "[::1.2.3.4:5]", "[1:2:3:4:5:6:7:1.2.3.4]",
            "[::1", "::1", "[::1]a", "[1:2:3:4::5:6:7:8]", "[::1%25eth0]", ":80", "[g::]",
        ]
    ],
    (400, head("GET http://[1:2:3]/ HTTP/1.1", "Host: a")),
    (400, head("GET http://a%zz/ HTTP/1.1", "Host: a")),
    (400, head("CONNECT [1::2::3]:443 HTTP/1.1", "Host: a")),
    (414, head(f"GET /{LONG} HTTP/1.1", "Host: a")),
    (414, b"GET /" + LONG.encode()),
    (501, head(f"{LONG} / HTTP/1.1", "Host: a")),
    (501, head(f"{'G' * (MAX_METHOD + 1)} /{LONG} HTTP/1.1", "Host: a")),
    (431, head("GET / HTTP/1.1", f"Host: {LONG}")),
    (431, b"GET / HTTP/1.1\r\nHost: " + LONG.encode()),
    (431, head("GET / HTTP/1.1", "Host: a", *["X: y"] * MAX_FIELDS)),
    (400, head("GET / HTTP/1.1", "Host: a", *["Content-Length: 0"] * 2)),
    *[
        (400, head("POST / HTTP/1.1", "Host: a", f"Content-Length: {length}"))
        for length in ["-1", "+5", "0x5", "1_0", "5, 5", "", "5 5", "\xb2", "5\t6", "1" * 19, "1" * 5000, "abc", "5."]
    ],
    (400, head("POST / HTTP/1.1", "Host: a", "Content-Length: 5", "Transfer-Encoding: chunked")),
    (400, head("POST / HTTP/1.0", "Host: a", "Transfer-Encoding: chunked")),
    (400, head("POST / HTTP/1.1", "Host: a", "Content-Length: 5", "Content-Length: 5")),
    (400, head("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: gzip")),
    (400, head("POST / HTTP/1.1", "Host: a", "Transfer-Encoding:")),
    (400, head("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked, gzip")),
    (400, head("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked")),
    (501, head("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: gzip, chunked")),
    # Framing comes before anything else: not 501 for the method.
    (400, head("BREW / HTTP/1.1", "Host: a", "Content-Length: -1")),
    *[
        (400, head("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked") + chunks)
        for chunks in [
            b"-5\r\n", b"+5\r\n", b"0x5\r\n", b"5_0\r\n", b" 5\r\n", b"5 \r\n", b"\r\n", b"5\nhello", b"\n",
            b"5\r\nhelloX", b"5\r\nhello\n", b"5\r\nhello\rX", b"5;\r\n", b"5;a=\r\n", b"5\t\r\n", b"5 ;\r\n", b"5;a \r\n", b"5 a\r\n", b"5;a b\r\n", b'5;a="\r\n', b"5;a\0\r\n",
            b"5;a\rb\r\n", b"1" * 16 + b"\r\n", b"5;" + b"a" * 300, b"0\r\nbad trailer\r\n", b"0\r\n a: b\r\n",
            b"0\r\na: b\n", b"0\r\nHost: b\r\n", b"0\r\n" + b"a: " + b"b" * 9000, b"0\r\n" + b"a:b\r\n" * 101,
            (b"1;" + b"a" * 250 + b"\r\nx\r\n") * 70,
        ]
    ],
    (413, head("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked") + b"fffff\r\n" + b"x" * 70000),
]  # fmt: skip


@pytest.mark.parametrize(("status", "data"), REFUSED, ids=[f"{s}-{d[:60]!r}" for s, d in REFUSED])
def test_refused_at_the_same_byte_however_it_is_cut(status: int, data: bytes) -> None:
    answer = refusal(data)
    assert answer.status == status
    assert answer.reason
    assert "\n" not in answer.reason
    assert len(answer.reason) < 300


def test_the_limits_themselves_are_taken() -> None:
    line = "GET /" + "x" * (MAX_REQUEST_LINE - len("GET / HTTP/1.1\r")) + " HTTP/1.1"
    fields = ["Host: a", *["X: y"] * (MAX_FIELDS - 1)]
    assert len(parse(head(line, *fields))) == 1
    empty = len(head("GET / HTTP/1.1", "Host: a", "X: "))
    assert len(parse(head("GET / HTTP/1.1", "Host: a", "X: " + "y" * (MAX_HEAD + 1 - empty)))) == 1
    assert refusal(head("GET / HTTP/1.1", "Host: a", "X: " + "y" * (MAX_HEAD + 2 - empty))).status == 431


def test_a_head_that_does_not_end_is_no_head() -> None:
    with pytest.raises(RequestRefusedError) as caught:
        parse_request_head(b"GET / HTTP/1.1\r\nHost: a\r\n")
    assert caught.value.status == 400
    with pytest.raises(RequestRefusedError):
        parse_request_head(b"\r\n\r\n")


def test_pipelined_requests_come_in_order() -> None:
    events = parse(b"\r\n" + GET + b"\r\n\r\n" + head("HEAD /2 HTTP/1.1", "Host: a") + GET)
    assert [(event.method, event.target) for event in events if isinstance(event, Request)] == [
        ("GET", "/a?b"),
        ("HEAD", "/2"),
        ("GET", "/a?b"),
    ]


def test_empty_lines_in_pieces_wait() -> None:
    parser = RequestParser()
    assert parser.receive_data(b"\r\n") == []
    assert parser.receive_data(b"\r") == []
    assert not parser.idle
    assert len(parser.receive_data(b"\n" + GET)) == 1
    assert parser.idle


def test_nothing_is_read_after_a_request_that_closes() -> None:
    parser = RequestParser()
    closing = head("GET / HTTP/1.1", "Host: a", "Connection: close")
    assert len(parser.receive_data(closing + GET)) == 1
    assert parser.closed
    assert not parser.idle
    assert parser.receive_data(GET) == []
    assert parser.receive_eof() == []


@pytest.mark.parametrize(
    ("body", "size"),
    [
        (b"Content-Length: 5\r\n\r\nhello", 5),
        (b"Content-Length: 05\r\n\r\nhello", 5),
        (b"Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", 0),
        (b'Transfer-Encoding: chunked\r\n\r\n2 ; x\t;\ty = "b"\r\nhi\r\n0 ;z\r\n\r\n', 2),
        (b'Transfer-Encoding: chunked\r\n\r\nA;x;y=1;z="a;\\"b"\r\nhelloworld\r\n0\r\nT: 1\r\n\r\n', 10),
        (b"Content-Length: %d\r\n\r\n" % MAX_DISCARDED + b"x" * MAX_DISCARDED, MAX_DISCARDED),
    ],
)
def test_bodies_are_discarded_and_the_next_request_found(body: bytes, size: int) -> None:
    events = parse(POST + body + GET)
    assert [type(event) for event in events] == [Request, BodyDiscarded, Request]
    assert events[1] == BodyDiscarded(size)


def test_a_closing_request_with_a_body_is_the_last() -> None:
    events = parse(POST + b"Connection: close\r\nContent-Length: 2\r\n\r\nhi" + GET)
    assert [type(event) for event in events] == [Request, BodyDiscarded]


@pytest.mark.parametrize(
    "fields",
    ["Content-Length: 65537", "Content-Length: 5\r\nExpect: 100-continue", "Content-Length: " + "9" * 18],
)
def test_bodies_that_are_not_worth_reading_end_the_connection(fields: str) -> None:
    parser = RequestParser()
    [request] = parser.receive_data(POST + fields.encode() + b"\r\n\r\n" + GET)
    assert isinstance(request, Request)
    assert request.body_unread
    assert not request.keep_alive
    assert parser.closed


def test_expect_without_a_body_or_in_http_1_0_is_nothing() -> None:
    assert parse_request_head(GET[:-2] + b"Expect: 100-continue\r\n\r\n").keep_alive
    old = head("POST / HTTP/1.0", "Expect: 100-continue", "Content-Length: 2")
    assert not parse_request_head(old).body_unread


@pytest.mark.parametrize("data", [b"G", b"\r", GET[:-1], POST + b"Content-Length: 5\r\n\r\nhell"])
def test_the_end_of_the_stream_within_a_request(data: bytes) -> None:
    [event] = parse(data, eof=True)
    assert isinstance(event, Refused)
    assert event.status == 400


def test_the_end_of_the_stream_between_requests() -> None:
    parser = RequestParser()
    parser.receive_data(GET)
    assert parser.receive_eof() == []
    assert parser.closed


def test_heads_are_shown_as_they_came_before_they_are_judged() -> None:
    post = POST + b"Content-Length: 5\r\n\r\n"
    bad = b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n"
    parser = RequestParser(show_heads=True)
    events = parser.receive_data(memoryview(b"\r\n" + GET + post + b"hel"))
    assert events[:1] + events[2:] == [HeadReceived(GET), HeadReceived(post)]
    request, discarded, head, refused = parser.receive_data(b"lo" + bad)
    assert (request.method, discarded, head) == ("POST", BodyDiscarded(5), HeadReceived(bad))  # type: ignore[union-attr]
    assert isinstance(refused, Refused)
    assert [type(event) for event in RequestParser().receive_data(GET + bad)] == [Request, Refused]


# -- the three properties ------------------------------------------------------------------------

NAMES = st.text("abcXYZ-_!0", min_size=1, max_size=8).filter(
    lambda name: name.lower() not in ("host", "content-length", "transfer-encoding", "connection", "expect")
)
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f")).map(
    lambda value: "".join(c for c in value if c >= "\xa0" or c < "\x7f").strip(" ")
)
PIECES = st.lists(
    st.sampled_from(
        [
            GET, POST, b"GET ", b"HEAD / HTTP/1.1\r\n", b"/", b" HTTP/1.0\r\n", b"Host: a\r\n", b"Content-Length: 3\r\n",
            b"Content-Length: ", b"Transfer-Encoding: chunked\r\n", b"\r\n", b"\r", b"\n", b"abc", b"3\r\nabc\r\n",
            b"0\r\n\r\n", b"0\r\n", b"X: y\r\n", b" ", b":", b"\0", b";", b"a=b", b"Connection: close\r\n", b"\xff", b"-1",
        ]
    )
    | st.binary(max_size=6),
    max_size=14,
).map(b"".join)  # fmt: skip


@given(PIECES)
def test_any_bytes_give_events(data: bytes) -> None:
    events = parse(data, eof=True)
    assert all(isinstance(event, Request | BodyDiscarded | Refused) for event in events)
    assert not any(isinstance(event, Refused) for event in events[:-1])


@given(PIECES, st.lists(st.integers(0, 200)))
@example(GET + GET, list(range(100)))
def test_cut_anywhere_the_events_are_the_same(data: bytes, cuts: list[int]) -> None:
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    parser = RequestParser()
    events = [event for a, b in itertools.pairwise(places) for event in parser.receive_data(data[a:b])]
    assert events + parser.receive_eof() == parse(data, eof=True)


@given(
    st.sampled_from(["GET", "HEAD", "DELETE"]),
    st.text("abc/%?=&~!$", max_size=20).map("/".__add__),
    st.lists(st.tuples(NAMES, VALUES), max_size=8),
)
def test_what_is_encoded_is_read_back(method: str, target: str, fields: list[tuple[str, str]]) -> None:
    request = parse_request_head(encode_request_head(method, target, [("Host", "a"), *fields]))
    assert (request.method, request.target) == (method, target)
    assert request.fields.pairs == (("Host", "a"), *fields)


@pytest.mark.parametrize(
    ("method", "target"), [("G T", "/"), ("GET", "/a b"), ("GET", "/\r\nX: y"), ("GET", "/é"), ("", "/")]
)
def test_what_cannot_be_requested(method: str, target: str) -> None:
    with pytest.raises(FieldError):
        encode_request_head(method, target, [])


# -- against h11 ---------------------------------------------------------------------------------


def read_by_h11(data: bytes) -> list[tuple[bytes, bytes, list[tuple[bytes, bytes]], int]]:
    """Return each request's method, target, fields and body size as h11 reads them."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD + MAX_REQUEST_LINE)
    connection.receive_data(data)
    requests: list[tuple[bytes, bytes, list[tuple[bytes, bytes]], int]] = []
    while True:
        event = connection.next_event()
        if isinstance(event, h11.Request):
            requests.append((event.method, event.target, list(event.headers), 0))
        elif isinstance(event, h11.Data):
            *rest, size = requests[-1]
            requests[-1] = (*rest, size + len(event.data))  # type: ignore[assignment]
        elif isinstance(event, h11.EndOfMessage):
            connection.send(h11.Response(status_code=200, headers=[("Content-Length", "0")]))
            connection.send(h11.EndOfMessage())
            if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                return requests
            connection.start_next_cycle()
        else:
            return requests


@given(PIECES)
@example(GET + POST + b"Content-Length: 3\r\n\r\nabc" + GET)
@example(POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + GET)
def test_what_we_accept_h11_reads_the_same_way(data: bytes) -> None:
    data = without_empty_lines(data)
    ours: list[list[object]] = []
    for event in parse(data):
        if isinstance(event, BodyDiscarded):
            ours[-1][3] = event.size
        elif isinstance(event, Request) and not event.body_unread:
            fields = [(n.lower().encode(), v.encode("latin-1")) for n, v in event.fields.pairs]
            ours.append([event.method.encode(), event.target.encode(), fields, 0])
    try:
        theirs = read_by_h11(data)
    except h11.RemoteProtocolError:
        theirs = read_by_h11_until_fault(data)
    assert [list(request) for request in theirs[: len(ours)]] == ours


def without_empty_lines(data: bytes) -> bytes:
    """Leave out the empty lines before requests, which RFC 9112 section 2.2 wants ignored and h11 refuses."""
    parser, kept = RequestParser(), bytearray()
    for byte in data:
        kept.append(byte)
        # An event, or an empty line was skipped.
        if not parser.receive_data(bytes([byte])) and parser.idle:
            del kept[-2:]
    return bytes(kept)


def read_by_h11_until_fault(data: bytes) -> list[tuple[bytes, bytes, list[tuple[bytes, bytes]], int]]:
    for end in range(len(data) - 1, -1, -1):
        try:
            return read_by_h11(data[:end])
        except h11.RemoteProtocolError:
            continue
    return []


@pytest.mark.parametrize(
    ("framing", "body"),
    [
        (b"Content-Length: 5\r\n\r\nhello", b"hello"),
        (b"Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", b"hello"),
        (b"\r\n", b""),
    ],
)
def test_bodies_are_kept_for_who_asks(framing: bytes, body: bytes) -> None:
    request = b"POST / HTTP/1.1\r\nHost: a\r\n" + framing
    for size in (1, 7, 1000):
        parser = RequestParser(keep_bodies=True)
        events = []
        for at in range(0, 2 * len(request), size):
            events += parser.receive_data((request * 2)[at : at + size])
        assert [event.body for event in events if isinstance(event, Request)] == [body, body]
        assert len(events) == 2


@pytest.mark.parametrize(
    ("pieces", "line"),
    [
        ([b"HEAD /x HTTP/1.1\r\n\r\n"], b"HEAD /x HTTP/1.1"),
        ([b"\r\nHE", b"AD /x HT", b"TP/3.0\r\nHost: x\r\n\r\n"], b"HEAD /x HTTP/3.0"),
        ([b"GET /" + b"y" * 20_000], b"GET /" + b"y" * 195),
        ([b"GET / HTTP/1.1\r\nHost: x\r\n\r\n\x16\x03"], b"\x16\x03"),
        (
            [b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", b"nonsense\r\n"],
            b"POST / HTTP/1.1",
        ),
    ],
)
def test_the_line_of_a_refused_request_is_kept(pieces: list[bytes], line: bytes) -> None:
    parser = RequestParser()
    events = [event for piece in pieces for event in parser.receive_data(piece)]
    assert isinstance(events[-1], Refused) and parser.request_line == line
