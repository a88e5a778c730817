"""A folder in pieces: the same order as at once, a bounded step, nothing left behind."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from programs import linux

from pynetdb.servers.http.folder import Folder, in_order, read_small
from pynetdb.servers.http.listing import Entry, View, parse_view
from pynetdb.servers.http.root import Found, Root

Item = tuple[str, Found] | None


def items(count: int) -> Generator[Item]:
    for number in range(count):
        status = os.stat_result((0o100644, 1, 1, 1, 0, 0, number * 7 % 100, 0, number * 13 % 50, 0))
        name = f"IMG_{number * 31 % count}"
        yield None if number % 97 == 96 else (name, Found(name, number % 10 == 0, status, "/"))


def entries_of(folder: Folder) -> list[Entry]:
    return [folder[number] for number in range(len(folder))]


@pytest.mark.parametrize("key", ["name", "size", "modified", "plain"])
@pytest.mark.parametrize("down", [False, True])
def test_in_pieces_and_at_once_the_order_is_the_same(key: str, down: bool) -> None:
    folder = Folder(items(2000))
    while not folder.done:
        before = len(folder)
        folder.read_step()
        assert len(folder) - before <= 64
    assert len(folder) == 1980
    order = folder.order(View(key, down))
    while not order.done:
        before = len(order.numbers)
        order.step()
        assert len(order.numbers) - before <= 64
    assert folder.order(View(key, down, "other filter")) is order
    entries = entries_of(folder)
    assert [entries[number] for number in order.numbers] == in_order(entries, View(key, down))
    steps = list(folder.clear())
    assert len(steps) > 4 and not len(folder)


def test_a_small_folder_is_read_at_once_and_of_a_large_one_no_more_than_needed() -> None:
    small = read_small(items(50), 500, "/")
    assert small is not None and len(small) == 50
    scan = items(100_000)
    assert read_small(scan, 500, "/") is None
    following = next(scan)
    assert following is not None and following[1].status.st_size < 501 * 7


@linux
def test_links_count_for_more_because_they_cost_more(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for number in range(20):
        (tmp_path / f"link{number}").symlink_to("file")
    root = Root(str(tmp_path))
    found = root.find([])
    assert found is not None
    assert read_small(root.entries(found, []), 100, found.path) is None
    listed = read_small(root.entries(found, []), 500, found.path)
    assert listed is not None and len(in_order(listed, parse_view("filter=link"))) == 20


@linux
def test_who_stops_early_leaves_no_descriptor(tmp_path: Path) -> None:
    for number in range(200):
        (tmp_path / f"{number}").write_text("")
    root = Root(str(tmp_path))
    found = root.find([])
    assert found is not None
    before = len(os.listdir("/proc/self/fd"))
    folder = Folder(root.entries(found, []))
    folder.read_step()
    assert len(os.listdir("/proc/self/fd")) > before
    list(folder.clear())
    assert len(os.listdir("/proc/self/fd")) == before
