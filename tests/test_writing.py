"""Bytes to a descriptor: all of them, whoever reads; or a count of what was dropped."""

import threading

import pytest

from pynetdb.writing import BackgroundWriter, write_fully


class Reader:
    """A stream whose reader takes a few bytes at a time, once `open` is set."""

    def __init__(self, size: int = 3) -> None:
        self.got = b""
        self.open = threading.Event()
        self.begun = threading.Event()
        self._size = size

    def write(self, data: memoryview, /) -> int | None:
        self.begun.set()
        assert self.open.wait(30)
        self.got += data[: self._size]
        return min(self._size, len(data))


def gap(count: int) -> bytes:
    return b"(%d)" % count


def test_all_of_it_piece_by_piece() -> None:
    reader = Reader()
    reader.open.set()
    write_fully(reader, b"0123456789")
    assert reader.got == b"0123456789"


def test_a_stream_that_would_block_is_tried_again() -> None:
    answers: list[int | None] = [None, 2, None, 1]

    class Busy:
        def write(self, data: memoryview, /) -> int | None:
            return answers.pop(0)

    write_fully(Busy(), b"abc")
    assert answers == []


def test_what_is_written_arrives_in_order() -> None:
    reader = Reader()
    reader.open.set()
    writer = BackgroundWriter(reader, gap)
    for number in range(100):
        assert writer.write(b"%d " % number)
    writer.close()
    assert reader.got == b"".join(b"%d " % number for number in range(100))
    assert writer.pending == 0


def test_a_reader_that_stalls_costs_what_does_not_fit_and_is_told_how_much() -> None:
    reader = Reader()
    writer = BackgroundWriter(reader, gap, max_pending=10)
    assert writer.write(b"12345")
    assert reader.begun.wait(30)
    assert writer.write(b"67890")
    assert not writer.write(b"x") and not writer.write(b"y")
    assert (writer.dropped, writer.pending) == (2, 10)
    reader.open.set()
    while writer.pending:
        pass
    assert writer.write(b"z")
    writer.close()
    assert reader.got == b"1234567890(2)z"


def test_a_reader_that_is_gone_is_told_once_and_then_nothing_is_written() -> None:
    told: list[OSError] = []
    heard = threading.Event()

    class Gone:
        def write(self, data: memoryview, /) -> int | None:
            raise BrokenPipeError("nobody")

    def failed(error: OSError) -> None:
        told.append(error)
        heard.set()

    writer = BackgroundWriter(Gone(), gap, failed)
    writer.write(b"x")
    assert heard.wait(30)
    assert not writer.write(b"y")
    assert len(told) == 1 and writer.failure is told[0]
    with pytest.raises(BrokenPipeError):
        writer.close()
