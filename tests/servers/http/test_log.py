"""What the access log says of a request, whatever the request holds."""

from dataclasses import replace

from pynetdb.protocols.http.requests import parse_request_head
from pynetdb.servers.http.log import format_request_line
from pynetdb.terminal import safe_line


def test_method_target_and_version() -> None:
    request = parse_request_head(b"GET /a?b HTTP/1.0\r\n\r\n")
    assert format_request_line(request) == "GET /a?b HTTP/1.0"


def test_what_could_not_be_read() -> None:
    assert format_request_line(None) == "-"


def test_what_was_escaped_and_what_was_asked_for_so_are_told_apart() -> None:
    request = parse_request_head(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    lines = {
        safe_line(format_request_line(replace(request, target=target)))
        for target in ("/a\x1b", "/a\\e", '/"', '/\\"', "/\\")
    }
    assert lines == {
        "GET /a\\e HTTP/1.1",
        "GET /a\\\\e HTTP/1.1",
        'GET /\\" HTTP/1.1',
        'GET /\\\\\\" HTTP/1.1',
        "GET /\\\\ HTTP/1.1",
    }
