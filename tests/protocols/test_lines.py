"""Lines: cut anywhere the same, no longer than their limit, there and back."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.errors import ProtocolError
from pynetdb.protocols.lines import LineReader

streams = st.lists(st.sampled_from([b"\n", b"\r", b"a", b"bc", b"\xff", b"\0"]), max_size=40).map(b"".join)


def read(*pieces: bytes, max_line: int | None = None) -> list[bytes] | str:
    """Return all lines, the last one too, or the complaint."""
    reader = LineReader(max_line)
    lines: list[bytes] = []
    try:
        for piece in pieces:
            lines += reader.receive_data(piece)
    except ProtocolError as error:
        return str(error)
    return lines + reader.receive_eof()


def test_lines_without_their_ends() -> None:
    reader = LineReader(None)
    assert reader.receive_data(b"one\ntwo\r\n\nth") == [b"one", b"two", b""]
    assert reader.receive_data(b"ree\r") == []
    assert reader.receive_data(b"\n\r\r\n") == [b"three", b"\r"]
    assert reader.receive_eof() == []
    assert reader.receive_data(b"last\r") == []
    assert reader.receive_eof() == [b"last"]
    assert reader.receive_eof() == []


@pytest.mark.parametrize(
    "pieces", [(b"x" * 8 + b"\n",), (b"a\n" + b"x" * 9,), (b"x" * 5, b"x" * 5), (b"x" * 5, b"xxx\r\n")]
)
def test_a_line_that_is_too_long(pieces: tuple[bytes, ...]) -> None:
    reader = LineReader(7, "the chat server")
    with pytest.raises(ProtocolError, match="^the chat server sent a line of more than 7 bytes$"):
        for piece in pieces:
            reader.receive_data(piece)


def test_the_longest_line() -> None:
    assert read(b"x" * 7, b"\n" + b"y" * 7 + b"\n", max_line=7) == [b"x" * 7, b"y" * 7]


@given(st.lists(streams), st.none() | st.integers(0, 5))
def test_any_bytes_give_lines_or_a_protocol_error(pieces: list[bytes], max_line: int | None) -> None:
    lines = read(*pieces, max_line=max_line)
    if isinstance(lines, str):
        assert lines == f"the peer sent a line of more than {max_line} bytes"
    else:
        assert not any(b"\n" in line for line in lines)
        assert all(max_line is None or len(line) <= max_line for line in lines)


@given(streams, st.lists(st.integers(0, 80), max_size=8), st.none() | st.integers(0, 5))
def test_cut_anywhere_the_same_lines(data: bytes, cuts: list[int], max_line: int | None) -> None:
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = [data[start:end] for start, end in pairwise(places)]
    assert read(*pieces, max_line=max_line) == read(data, max_line=max_line)


@given(st.lists(st.binary().filter(lambda line: b"\n" not in line and not line.endswith(b"\r"))))
def test_what_is_joined_is_read_back(lines: list[bytes]) -> None:
    assert read(b"".join(line + b"\n" for line in lines)) == lines
    assert read(b"".join(line + b"\r\n" for line in lines)) == lines
