"""The cache of small files: one budget, the least recently used goes first."""

import os
import time
from contextlib import suppress
from pathlib import Path

import pytest

from pynetdb.net.server.file_range import FileRange
from pynetdb.servers.http.cache import KEPT_FOR, CachedFile, CachedResponse, SmallFileCache
from pynetdb.servers.http.lookups import Lookup, Lookups
from pynetdb.servers.http.root import Found, Root

STATUS = os.stat(os.devnull)


def file(size: int) -> CachedFile:
    found = Found("/x", False, STATUS, "/")
    return CachedFile(found, Lookup(Root("/"), ("x",), found), bytes(size), "", True)


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


class Basis(Lookups):
    """Holds for as long as it is told to, and counts how often it was asked."""

    holding = True
    asked = 0

    def hold(self) -> bool:
        self.asked += 1
        return self.holding


def response(data: bytes, basis: Lookups | None = None, part: FileRange | None = None) -> CachedResponse:
    return CachedResponse(data, True, basis or Lookups(), None, part)


def test_a_response_is_good_while_its_basis_holds() -> None:
    cache, basis = SmallFileCache(), Basis()
    cache.put_response(b"good", response(b"y", basis))
    for turn in (1, 2):
        found = cache.get_response(b"good", turn)
        assert found is not None and found.data == b"y"
    assert cache.get_response(b"other", 2) is None
    basis.holding = False
    assert cache.get_response(b"good", 3) is None
    assert not cache._responses and cache._size == 0


def test_a_response_tells_no_date_that_is_old() -> None:
    cache = SmallFileCache()
    cache.put_response(b"late", CachedResponse(b"x", True, Lookups(), made=time.monotonic() - KEPT_FOR))
    assert cache.get_response(b"late", 1) is None


def test_one_look_is_good_for_a_turn_until_somebody_comes() -> None:
    """All that is ready in a turn had arrived before the look; a newcomer may have written a file before."""
    cache, basis = SmallFileCache(), Basis()
    cache.put_response(b"x", response(b"y", basis))
    for _ in range(9):
        assert cache.get_response(b"x", 1)
    assert basis.asked == 1
    cache.look_again()
    for _ in range(9):
        assert cache.get_response(b"x", 1)
    assert basis.asked == 2
    assert cache.get_response(b"x", 2)
    assert basis.asked == 3
    # What is kept in a turn was made in it, and is looked at all the same.
    cache.put_response(b"x", response(b"z", basis))
    assert cache.get_response(b"x", 2)
    assert basis.asked == 4


def test_responses_give_way_to_files_and_to_newer_ones() -> None:
    cache = SmallFileCache(max_bytes=100_000)
    for number in range(200):
        cache.put_response(b"%d" % number, response(bytes(1000)))
    assert cache.get_response(b"199", 1) is not None and cache.get_response(b"0", 1) is None
    cache.put_file(("a",), file(95_000))
    assert cache.get_file(("a",)) is not None and not cache._responses


def test_a_response_in_place_of_an_older_one_counts_once() -> None:
    cache = SmallFileCache(max_bytes=100_000)
    for number in range(200):
        cache.put_response(b"x", response(bytes(1000 + number)))
    assert len(cache._responses) == 1
    cache.put_response(b"y", response(bytes(1000)))
    assert cache.get_response(b"x", 1) is not None and cache._size < 5000
    cache.forget_responses()
    assert cache._size == 0


def test_what_is_too_large_is_not_kept() -> None:
    cache = SmallFileCache(max_bytes=10_000)
    cache.put_response(bytes(5000), response(b""))
    cache.put_response(b"x", response(bytes(5000)))
    assert not cache._responses


@pytest.mark.skipif(os.name != "posix", reason="platform: open files are kept on POSIX systems alone")
def test_files_that_are_kept_open_are_few_and_closed_in_the_end(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    opened = set()

    def kept() -> CachedResponse:
        descriptor = os.open(path, os.O_RDONLY)
        opened.add(descriptor)
        return response(b"head", None, FileRange(descriptor, 0, 7))

    def count_open() -> int:
        count = 0
        for descriptor in opened:
            with suppress(OSError):
                os.lseek(descriptor, 0, os.SEEK_SET)
                count += 1
        return count

    cache = SmallFileCache()
    for _ in range(3):
        cache.put_response(b"one", kept())  # In place of the one before.
    assert count_open() == 1
    cache.put_response(bytes(5000), kept())  # Longer than any that is kept.
    assert count_open() == 1
    for number in range(100):
        cache.put_response(b"%d" % number, kept())
        assert count_open() <= 16
    cache.forget_responses()
    assert count_open() == 0
