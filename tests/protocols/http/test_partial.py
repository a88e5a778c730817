"""Parts of bodies: what is known of them, asked with, and believed."""

import pytest

from pynetdb.protocols.http.partial import Part, total_size
from pynetdb.protocols.http.responses import Response, ResponseParser


def head(status: str, *fields: str) -> Response:
    lines = [f"HTTP/1.1 {status}", *fields]
    response = ResponseParser().receive_data(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))[0]
    assert isinstance(response, Response)
    return response


NEW, OLD = "Thu, 26 Nov 2026 19:00:01 GMT", "Thu, 26 Nov 2026 19:00:00 GMT"


@pytest.mark.parametrize(
    ("fields", "validator"),
    [
        (('ETag: "a"',), '"a"'),
        (('ETag: W/"a"', f"Date: {NEW}", f"Last-Modified: {OLD}"), None),
        ((f"Date: {NEW}", f"Last-Modified: {OLD}"), OLD),
        ((f"Date: {NEW}", f"Last-Modified: {NEW}"), None),
        ((f"Last-Modified: {OLD}",), None),
        (("Last-Modified: yesterday", f"Date: {NEW}"), None),
        ((), None),
    ],
)
def test_what_names_a_version(fields: tuple[str, ...], validator: str | None) -> None:
    part = Part.begun(head("200 OK", "Content-Length: 9", *fields), 0)
    assert (part.size, part.total, part.validator) == (0, 9, validator)
    assert ("If-Range" in dict(part.fields())) == (validator is not None)


def test_the_total_of_a_part() -> None:
    assert Part.begun(head("206 Part", "Content-Range: bytes 4-8/9", "Content-Length: 5"), 0).total == 9
    assert total_size(head("206 Part", "Content-Range: bytes 4-8/*")) is None
    assert total_size(head("416 No", "Content-Range: Bytes */9")) == 9
    assert total_size(head("416 No", "Content-Range: bytes all")) is None


def test_what_is_noted_is_read_back() -> None:
    part = Part(4, '"a"', OLD, 9)
    assert Part.from_json(4, part.to_json()) == part
    assert part.fields() == [("Range", "bytes=4-"), ("If-Range", '"a"')]


@pytest.mark.parametrize(
    "facts",
    [
        None,
        [],
        {"etag": 1, "modified": [], "total": "9"},
        {"etag": '"\r\nX: y"', "modified": "\x00", "total": -1},
        {"etag": '"\xe4"', "total": True},
    ],
)
def test_a_note_that_cannot_be_read_says_nothing(facts: object) -> None:
    assert Part.from_json(4, facts) == Part(4)


@pytest.mark.parametrize(
    ("status", "field", "etag", "said"),
    [
        ("206 Part", "4-8/9", '"a"', None),
        ("206 Part", "4-8/*", '"a"', None),
        ("206 Part", "4-8/9", '"b"', "it changed meanwhile"),
        ("206 Part", "4-9/10", '"a"', "it had 9 bytes and has 10 now"),
        ("416 No", "*/3", '"b"', "it has only 3 bytes now, of which 4 were there"),
        ("416 No", "*/9", '"b"', None),
    ],
)
def test_what_contradicts_a_part(status: str, field: str, etag: str, said: str | None) -> None:
    answer = head(status, f"Content-Range: bytes {field}", f"ETag: {etag}")
    assert Part(4, '"a"', None, 9).contradiction(answer) == said


@pytest.mark.parametrize(
    ("etag", "modified", "field", "said"),
    [
        ('"1"', None, 'ETag: "1"', "sends no part of it"),
        ('"1"', "Mon, 01 Jan 2024 00:00:00 GMT", 'ETag: "2"', "not what it was"),
        ('"1"', None, "X: y", "sends all of it"),
        ('W/"1"', None, 'ETag: W/"1"', "sends all of it"),
        (
            None,
            "Mon, 01 Jan 2024 00:00:00 GMT",
            "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT",
            "no part of it",
        ),
        (
            None,
            "Mon, 01 Jan 2024 00:00:00 GMT",
            "Last-Modified: Mon, 01 Jan 2024 00:00:01 GMT",
            "not what it was",
        ),
        (None, None, 'ETag: "1"', "sends all of it"),
    ],
)
def test_why_all_of_it_came(etag: str | None, modified: str | None, field: str, said: str) -> None:
    """RFC 9110 section 14.2: a server may ignore a Range, whatever the version."""
    assert said in Part(4, etag, modified).unused(head("200 OK", field))
