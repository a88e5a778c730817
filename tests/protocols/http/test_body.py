"""Bodies: where each kind ends, whatever the bytes and the cuts."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.errors import ProtocolError
from pynetdb.protocols.http.body import (
    FORBIDDEN_TRAILERS,
    MAX_CHUNK_EXTENSIONS,
    MAX_CHUNK_LINE,
    MAX_TRAILER_FIELDS,
    Body,
    BodyByLength,
    BodyInChunks,
    BodyUntilClose,
)

PIECES = st.lists(
    st.sampled_from(
        [b"3\r\nabc\r\n", b"0\r\n\r\n", b"0\r\n", b"X: y\r\n", b"\r\n", b"\r", b"\n", b"abc", b"A", b";", b"a=b", b'"', b" "]
    )
    | st.binary(max_size=4),
    max_size=10,
).map(b"".join)  # fmt: skip
KINDS = st.sampled_from([lambda: BodyByLength(0), lambda: BodyByLength(5), BodyUntilClose, BodyInChunks])


def take(body: Body, *pieces: bytes) -> tuple[bytes, bytes, tuple[tuple[str, str], ...]] | str:
    """Return the content, what follows the body, and the trailers; or the complaint."""
    content, rest = b"", b""
    try:
        for piece in pieces:
            if body.complete:
                rest += piece
                continue
            more, rest = body.receive_data(piece)
            content += more
        if not body.complete:
            body.receive_eof()
    except ProtocolError as error:
        return str(error)
    return content, rest, body.trailers.pairs


@pytest.mark.parametrize(
    ("body", "data", "expected"),
    [
        (BodyByLength(0), b"more", (b"", b"more", ())),
        (BodyByLength(5), b"hello, more", (b"hello", b", more", ())),
        (BodyByLength(5), b"hell", "the stream ended after 4 bytes of body, expected 5"),
        (BodyUntilClose(), b"all of it", (b"all of it", b"", ())),
        (BodyInChunks(), b"5\r\nhello\r\n0\r\nX: y\r\n\r\nmore", (b"hello", b"more", (("X", "y"),))),
        (
            BodyInChunks(),
            b"5\r\nhello\r\n",
            "the stream ended within a chunked body, expected the last chunk",
        ),
    ],
)
def test_where_a_body_ends(body: Body, data: bytes, expected: object) -> None:
    assert take(body, data) == expected


def test_the_limits_themselves_are_taken() -> None:
    line = b"0;" + b"a" * (MAX_CHUNK_LINE - 3)
    assert take(BodyInChunks(), line + b"\r\n\r\n") == (b"", b"", ())
    assert "more than 256 bytes" in take(BodyInChunks(), line + b"aa\r\n\r\n")
    assert take(BodyInChunks(), b"0\r\n" + b"a:b\r\n" * MAX_TRAILER_FIELDS + b"\r\n")[0] == b""
    assert take(BodyInChunks(), b"0\r\n" + b"a:b\r\n" * (MAX_TRAILER_FIELDS + 1)) == "more than 100 trailers"
    chunk = b"1;" + b"a" * 127 + b"\r\nx\r\n"
    most = MAX_CHUNK_EXTENSIONS // 128
    assert take(BodyInChunks(), chunk * most + b"0\r\n\r\n")[0] == b"x" * most
    assert "chunk extensions of more than" in take(BodyInChunks(), chunk * (most + 1))


@pytest.mark.parametrize("name", sorted(FORBIDDEN_TRAILERS))
def test_what_frames_a_message_comes_too_late_in_a_trailer(name: str) -> None:
    complaint = take(BodyInChunks(), f"0\r\n{name.title()}: 1\r\n\r\n".encode())
    assert complaint == f"{name.title()} among the trailers, where it means nothing"


@given(KINDS, PIECES)
def test_any_bytes_give_content_or_a_protocol_error(kind: type[BodyInChunks], data: bytes) -> None:
    result = take(kind(), data)
    if not isinstance(result, str):
        content, rest, _ = result
        assert len(content) + len(rest) <= len(data)
        assert data.endswith(rest)


@given(KINDS, PIECES, st.lists(st.integers(0, 60), max_size=8))
def test_cut_anywhere_the_same_content(kind: type[BodyInChunks], data: bytes, cuts: list[int]) -> None:
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    assert take(kind(), *[data[start:end] for start, end in pairwise(places)]) == take(kind(), data)


@given(st.lists(st.binary(min_size=1, max_size=40)), st.binary(max_size=5))
def test_what_is_sent_in_chunks_is_read_back(chunks: list[bytes], more: bytes) -> None:
    data = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    assert take(BodyInChunks(), data + more) == (b"".join(chunks), more, ())
