"""The access log: one line a request, whatever the request holds."""

import re
from dataclasses import replace

from pynetdb.protocols.http.requests import parse_request_head
from pynetdb.servers.http.log import AccessLog, format_request_line


def test_a_line_of_the_common_log_format() -> None:
    request = parse_request_head(b"GET /a?b HTTP/1.0\r\n\r\n")
    line = AccessLog().format_line(("127.0.0.1", 5), format_request_line(request), 200, 12)
    assert re.fullmatch(
        r'127\.0\.0\.1 - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET /a\?b HTTP/1\.0" 200 12', line
    )


def test_what_could_not_be_read_and_what_has_no_body() -> None:
    line = AccessLog().format_line("", format_request_line(None), 400, 0)
    assert line.startswith("- - - [")
    assert line.endswith('"-" 400 -')


def test_what_was_escaped_and_what_was_asked_for_so_are_told_apart() -> None:
    request = parse_request_head(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    lines = {
        format_request_line(replace(request, target=target))
        for target in ("/a\x1b", "/a\\e", '/"', '/\\"', "/\\")
    }
    assert lines == {
        "GET /a\\e HTTP/1.1",
        "GET /a\\\\e HTTP/1.1",
        'GET /\\" HTTP/1.1',
        'GET /\\\\\\" HTTP/1.1',
        "GET /\\\\ HTTP/1.1",
    }
