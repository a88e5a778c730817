"""Bytes to descriptors: all of them, and without waiting."""

import errno
import json
import os
import sys
import threading

import pytest

from pynetdb.writing import BackgroundWriter, is_broken_pipe, write_fully

PATIENCE = 30.0


class Stalled:
    """A stream whose reader takes nothing until it is told to."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun = threading.Event()
        self.written = b""

    def write(self, data: memoryview) -> int:
        self.begun.set()
        assert self.go.wait(PATIENCE)
        self.written += data
        return len(data)


def describe(number: int) -> bytes:
    return json.dumps({"event": "gap", "events": number}).encode() + b"\n"


def test_all_of_it_is_written_piece_by_piece() -> None:
    class Little:
        def __init__(self) -> None:
            self.written = b""
            self.turn = 0

        def write(self, data: memoryview) -> int | None:
            self.turn += 1
            if self.turn % 2:
                return None  # It would block just now.
            self.written += data[:3]
            return len(data[:3])

    stream = Little()
    write_fully(stream, b"hello, world")
    assert stream.written == b"hello, world"


def test_a_stalled_reader_costs_events_and_is_told_how_many() -> None:
    stream = Stalled()
    writer = BackgroundWriter(stream, describe, max_pending=100)
    writer.write(b"first\n")
    assert stream.begun.wait(PATIENCE)
    kept = [writer.write(b"x" * 9 + b"\n") for _ in range(30)]
    assert kept.count(True) == 9 and kept.count(False) == 21
    stream.go.set()
    while writer.pending:
        threading.Event().wait(0.001)
    assert writer.write(b"last\n")
    writer.close()
    assert stream.written == b"first\n" + b"xxxxxxxxx\n" * 9 + b'{"event": "gap", "events": 21}\nlast\n'


def test_a_reader_that_never_reads_does_not_hold_the_end_up() -> None:
    stream = Stalled()
    writer = BackgroundWriter(stream, describe)
    writer.write(b"x")
    assert stream.begun.wait(PATIENCE)
    writer.close()
    assert stream.written == b""
    stream.go.set()


def test_a_reader_who_leaves_is_told_once_and_raised_at_the_end() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    failures: list[OSError] = []
    told = threading.Event()

    def failed(error: OSError) -> None:
        failures.append(error)
        told.set()

    with open(writing, "wb", buffering=0) as stream:
        writer = BackgroundWriter(stream, describe, failed)
        writer.write(b"x")
        assert told.wait(PATIENCE)
        assert not writer.write(b"y")
        with pytest.raises(BrokenPipeError):
            writer.close()
    assert len(failures) == 1


def test_everything_arrives_in_order() -> None:
    reading, writing = os.pipe()
    with open(reading, "rb") as source, open(writing, "wb", buffering=0) as stream:
        writer = BackgroundWriter(stream, describe)
        for number in range(5000):
            assert writer.write(b"%d\n" % number)
        closing = threading.Thread(target=writer.close)
        closing.start()
        assert [int(source.readline()) for _ in range(5000)] == list(range(5000))
        closing.join()


@pytest.mark.parametrize(
    ("error", "broken"),
    [
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), True),
        (OSError(errno.EINVAL, "Invalid argument"), sys.platform == "win32"),
        (OSError(errno.ENOSPC, "No space left on device"), False),
    ],
)
def test_a_reader_that_left_is_told_apart(error: OSError, broken: bool) -> None:
    class Gone:
        def write(self, data: memoryview, /) -> int | None:
            raise error

    assert is_broken_pipe(error) is broken
    with pytest.raises(BrokenPipeError if broken else OSError) as caught:
        write_fully(Gone(), b"x")
    assert isinstance(caught.value, BrokenPipeError) is broken
