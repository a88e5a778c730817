"""What is told of a request that got a response."""

import time

from pynetdb.events.stream import Events
from pynetdb.protocols.http.requests import parse_request_head
from pynetdb.servers.http.served import MAX_TOLD_BODY, RequestTeller, Served

REQUEST = parse_request_head(b"GET /SECRET/page HTTP/1.1\r\nHost: h\r\n\r\n")


def test_what_is_to_be_concealed_is_in_neither_form() -> None:
    served = Served(REQUEST, 200, b"hi", lambda target: target.replace("SECRET", "***"))
    event = RequestTeller(Events(), bodies=False).to_event(
        served, 3, "127.0.0.1:5", "127.0.0.1", time.monotonic() - 1
    )
    assert event.target == "/***/page"
    assert event.line().startswith("127.0.0.1 - - [")
    assert event.line().endswith(' +0000] "GET /***/page HTTP/1.1" 200 2')
    assert (event.connection, event.peer, event.body) == (3, "127.0.0.1:5", None)
    assert event.seconds is not None
    assert 1 <= event.seconds < 2


def test_of_a_body_the_beginning_is_told_when_asked() -> None:
    served = Served(None, 400, b"x" * 100_000)
    event = RequestTeller(Events(), bodies=True).to_event(served, 3, "unix", "-", None)
    assert (event.method, event.target, event.seconds) == (None, None, None)
    assert event.body == b"x" * MAX_TOLD_BODY
    assert event.bytes == 100_000
    assert event.line().startswith("- - - [") and event.line().endswith('] "-" 400 100000')


def test_why_it_was_refused_and_how_much_of_the_answer_left() -> None:
    teller = RequestTeller(Events(), bodies=False)
    refused = Served(None, 400, b"bad\n", reason="a bad \x1b line", beginning=b"GET /\x1b[2J x")
    event = teller.to_event(refused, 1, "", "-", None)
    assert event.line().endswith('"GET /\x1b[2J x" 400 4 (a bad \x1b line)')
    assert (event.error, event.beginning) == ("a bad \x1b line", "GET /\x1b[2J x")
    event = teller.to_event(refused, 1, "", "-", None, 3)
    assert (event.bytes, event.error) == (1, "a bad \x1b line; cut off: 4 bytes were owed")
    event = teller.to_event(Served(REQUEST, 200, b"hi"), 1, "", "-", None, 300)  # Not all of the head, even.
    assert (event.bytes, event.error) == (0, "cut off: 2 bytes were owed")


def test_of_what_could_not_be_read_no_secret_is_told() -> None:
    for line in (b"GET /SECRET/page HTTP/9.9", b"GET /SEC", b"GET /%53ECRET"):
        served = Served(None, 400, b"", lambda target: target, reason=f"bad: {line!r}", beginning=line)
        event = RequestTeller(Events(), bodies=False).to_event(served, 1, "", "-", None)
        assert (event.beginning, event.error) == ("GET", "bad")
        assert "SEC" not in event.line()
