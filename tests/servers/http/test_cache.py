"""The cache of small files: one budget, the least recently used goes first."""

import os
import time
from contextlib import suppress
from pathlib import Path

import pytest

from pynetdb.net.server.file_range import FileRange
from pynetdb.servers.http.cache import CachedFile, CachedResponse, SmallFileCache

STATUS = os.stat(os.devnull)


def file(size: int) -> CachedFile:
    return CachedFile(time.time(), "/x", STATUS, bytes(size), "", True)


def test_the_least_recently_used_file_goes_first() -> None:
    cache = SmallFileCache(max_bytes=10_000)
    cache.put_file(("a",), file(3000))
    cache.put_file(("b",), file(3000))
    assert cache.get_file(("a",)) is not None
    cache.put_file(("c",), file(3000))
    assert cache.get_file(("b",)) is None
    assert cache.get_file(("a",)) is not None and cache.get_file(("c",)) is not None


def test_empty_files_are_not_free() -> None:
    cache = SmallFileCache(max_bytes=100_000)
    for number in range(1000):
        cache.put_file((str(number),), file(0))
    kept = [number for number in range(1000) if cache.get_file((str(number),)) is not None]
    assert 0 < len(kept) < 100 and kept[-1] == 999


def test_a_file_that_is_kept_anew_counts_once() -> None:
    cache = SmallFileCache(max_bytes=10_000)
    for _ in range(50):
        cache.put_file(("a",), file(2000))
    cache.put_file(("b",), file(2000))
    assert cache.get_file(("a",)) is not None
    cache.discard_file(("a",))
    cache.discard_file(("a",))
    assert cache.get_file(("a",)) is None


def test_a_response_is_good_until_its_moment() -> None:
    cache = SmallFileCache()
    cache.put_response(b"late", CachedResponse(b"x", True, time.time() - 1))
    cache.put_response(b"good", CachedResponse(b"y", True, time.time() + 60))
    assert cache.get_response(b"late") is None
    found = cache.get_response(b"good")
    assert found is not None and found.data == b"y"
    assert cache.get_response(b"other") is None
    cache.forget_responses()
    assert not cache._responses


def test_responses_give_way_to_files_and_to_newer_ones() -> None:
    cache = SmallFileCache(max_bytes=100_000)
    good = time.time() + 60
    for number in range(200):
        cache.put_response(b"%d" % number, CachedResponse(bytes(1000), True, good))
    assert cache.get_response(b"199") is not None and cache.get_response(b"0") is None
    cache.put_file(("a",), file(95_000))
    assert cache.get_file(("a",)) is not None and not cache._responses


def test_a_response_in_place_of_an_older_one_counts_once() -> None:
    cache = SmallFileCache(max_bytes=100_000)
    for number in range(200):
        first = cache.put_response(b"x", CachedResponse(bytes(1000 + number), True, time.time() + 60))
        assert first
    cache.put_response(b"y", CachedResponse(bytes(1000), True, time.time() + 60))
    assert cache.get_response(b"x") is not None and cache._size < 5000
    cache.forget_responses()
    assert cache._size == 0


def test_what_is_too_large_is_not_kept() -> None:
    cache = SmallFileCache(max_bytes=10_000)
    cache.put_response(bytes(5000), CachedResponse(b"", True, time.time() + 60))
    cache.put_response(b"x", CachedResponse(bytes(5000), True, time.time() + 60))
    assert not cache._responses


@pytest.mark.skipif(os.name != "posix", reason="platform: open files are kept on POSIX systems alone")
def test_files_that_are_kept_open_are_few_and_closed_in_the_end(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    opened = set()

    def response() -> CachedResponse:
        descriptor = os.open(path, os.O_RDONLY)
        opened.add(descriptor)
        part = FileRange(descriptor, 0, 7, (str(path), path.stat()))
        return CachedResponse(b"head", True, time.time() + 60, None, part)

    def count_open() -> int:
        count = 0
        for descriptor in opened:
            with suppress(OSError):
                os.lseek(descriptor, 0, os.SEEK_SET)
                count += 1
        return count

    cache = SmallFileCache()
    for _ in range(3):
        cache.put_response(b"one", response())  # In place of the one before.
    assert count_open() == 1
    cache.put_response(bytes(5000), response())  # Longer than any that is kept.
    assert count_open() == 1
    for number in range(100):
        cache.put_response(b"%d" % number, response())
        assert count_open() <= 16
    cache.forget_responses()
    assert count_open() == 0
