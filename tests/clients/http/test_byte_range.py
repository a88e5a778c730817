"""A part of a body: asked for, and checked when it comes."""

import pytest

from pynetdb.clients.http.byte_range import Range
from pynetdb.errors import ProtocolError
from pynetdb.protocols.http.responses import Response, ResponseParser


@pytest.mark.parametrize("text", ["", "-", "-0", "3-2", "a-b", "1-2,3-4"])
def test_bad_ranges(text: str) -> None:
    with pytest.raises(ValueError, match="no range"):
        Range.parse(text)


@pytest.mark.parametrize("text", ["0-4", "7-", "-6"])
def test_a_range_is_written_as_it_was_read(text: str) -> None:
    assert str(Range.parse(text)) == text


def response(content_range: str, length: int) -> Response:
    """The head of a 206, as a server says it."""
    head = (
        f"HTTP/1.1 206 Partial Content\r\nContent-Range: {content_range}\r\nContent-Length: {length}\r\n\r\n"
    )
    found = ResponseParser().receive_data(head.encode())[0]
    assert isinstance(found, Response)
    return found


@pytest.mark.parametrize(
    ("asked", "told", "length"),
    [
        ("0-4", "bytes 0-4/13", 5),
        ("0-40", "bytes 0-12/13", 13),
        ("7-", "bytes 7-12/*", 6),
        ("-6", "bytes 7-12/13", 6),
        ("-60", "bytes 0-12/13", 13),
    ],
)
def test_the_part_that_was_asked_for(asked: str, told: str, length: int) -> None:
    Range.parse(asked).check(response(told, length))


@pytest.mark.parametrize(
    ("asked", "told", "length"),
    [
        ("0-4", "bytes 1-4/13", 4),
        ("0-4", "bytes 0-5/13", 6),
        ("0-4", "bytes 0-4/13", 4),
        ("7-", "bytes 6-12/13", 7),
        ("-6", "bytes 6-12/13", 7),
        ("0-4", "lines 0-4/13", 5),
        ("0-4", "bytes */13", 5),
    ],
)
def test_another_part_is_a_lie(asked: str, told: str, length: int) -> None:
    with pytest.raises(ProtocolError):
        Range.parse(asked).check(response(told, length))
