"""What is told of a request that got a response."""

import time

from pynetdb.protocols.http.requests import parse_request_head
from pynetdb.servers.http.served import MAX_TOLD_BODY, RequestTeller, Served

REQUEST = parse_request_head(b"GET /SECRET/page HTTP/1.1\r\nHost: h\r\n\r\n")


def test_what_is_to_be_concealed_is_in_neither_form() -> None:
    served = Served(REQUEST, 200, b"hi", lambda target: target.replace("SECRET", "***"))
    event = RequestTeller(bodies=False).to_event(served, 3, "127.0.0.1:5", "127.0.0.1", time.monotonic() - 1)
    assert event.target == "/***/page"
    assert event.line().startswith("127.0.0.1 - - [")
    assert event.line().endswith(' +0000] "GET /***/page HTTP/1.1" 200 2')
    assert (event.connection, event.peer, event.body) == (3, "127.0.0.1:5", None)
    assert event.seconds is not None
    assert 1 <= event.seconds < 2


def test_of_a_body_the_beginning_is_told_when_asked() -> None:
    served = Served(None, 400, b"x" * 100_000)
    event = RequestTeller(bodies=True).to_event(served, 3, "unix", "-", None)
    assert (event.method, event.target, event.seconds) == (None, None, None)
    assert event.body == b"x" * MAX_TOLD_BODY
    assert event.bytes == 100_000
    assert event.line().startswith("- - - [") and event.line().endswith('] "-" 400 100000')
