"""Large folders that are sent: no more of them are held than agreed, and each is read once."""

import os
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pynetdb.protocols.http.requests import parse_request_head
from pynetdb.servers.http import listings as module
from pynetdb.servers.http.listings import Listings
from pynetdb.servers.http.response import Stream, as_late_stream
from pynetdb.servers.http.root import Root

REQUEST = parse_request_head(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")


class FakeLoop:
    """Does what is due when it is told to."""

    def __init__(self) -> None:
        self.soon: deque[Callable[[], None]] = deque()
        self.later: list[Callable[[], None]] = []

    def call_soon(self, callback: Callable[[], None]) -> None:
        self.soon.append(callback)

    def call_later(self, delay: float, callback: Callable[[], None]) -> None:
        self.later.append(callback)

    def run(self) -> None:
        while self.soon:
            self.soon.popleft()()


class FakeConnection:
    """Takes `room` bytes and no more."""

    def __init__(self, loop: FakeLoop, room: int = 1 << 30) -> None:
        self.loop = loop
        self.room = room
        self.written = b""
        self.closed = False
        self.error: OSError | None = None
        self.stream: Stream | None = None

    @property
    def pending(self) -> int:
        return max(len(self.written) - self.room, 0)

    def write(self, data: bytes) -> None:
        self.written += data

    def close_gracefully(self) -> None:
        self._over(None)

    def abort(self, error: OSError | None = None) -> None:
        self._over(error)

    def _over(self, error: OSError | None) -> None:
        self.closed, self.error = True, error
        assert self.stream is not None
        self.stream.lost(error)

    def drain(self) -> None:
        assert self.stream is not None
        self.room = 1 << 30
        self.stream.drained()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Root:
    monkeypatch.setattr(module, "is_settled", lambda *rest: True)  # In place of a wait.
    for folder in ("one", "two", "three"):
        (tmp_path / folder).mkdir()
        for number in range(700):
            (tmp_path / folder / f"{number}").touch()
    return Root(str(tmp_path))


def begin(listings: Listings, root: Root, name: str, connection: Any) -> None:
    found = root.find([name])
    assert found is not None
    stream = listings.respond(REQUEST, [name], "", found).stream
    assert stream is not None
    late = as_late_stream(stream)
    late.promised = listings.respond(REQUEST, [name], "", found)
    late.encode_head = lambda response: f"{response.status} {response.fields}\n".encode()
    connection.stream = stream
    stream.begin(connection)


def test_a_folder_is_read_once_for_all_and_anew_after_a_moment(
    root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, listings = FakeLoop(), Listings(root)
    scans = []
    entries = root.entries
    monkeypatch.setattr(root, "entries", lambda *rest: scans.append(rest) or entries(*rest))
    both = [FakeConnection(loop), FakeConnection(loop)]
    for connection in both:
        begin(listings, root, "one", connection)
    loop.run()
    assert both[0].closed and both[0].written == both[1].written
    # A look whether it is small, and the reading itself; whoever came second needed neither.
    assert len(scans) == 2
    third = FakeConnection(loop)
    begin(listings, root, "one", third)
    loop.run()
    assert len(scans) == 2
    for forget in loop.later:
        forget()
    begin(listings, root, "one", FakeConnection(loop))
    loop.run()
    assert len(scans) == 4


def test_a_name_that_comes_is_in_the_very_next_listing(root: Root, tmp_path: Path) -> None:
    loop, listings = FakeLoop(), Listings(root)
    seen = [FakeConnection(loop, room=0), FakeConnection(loop)]
    for number, connection in enumerate(seen):
        (tmp_path / "one" / f"new{number}").touch()
        os.utime(tmp_path / "one", (number, number))  # As if a tick lay between them.
        begin(listings, root, "one", connection)
        loop.run()
    assert b">new1<" in seen[1].written
    seen[0].drain()
    loop.run()
    for forget in loop.later:
        forget()
    loop.run()
    assert seen[0].closed and b">new0<" in seen[0].written and b">new1<" not in seen[0].written
    assert not listings._folders and not listings._streams


def test_a_folder_that_has_just_changed_is_not_shown_to_the_next(
    root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(module, "is_settled", lambda *rest: False)
    loop, listings = FakeLoop(), Listings(root)
    begin(listings, root, "one", FakeConnection(loop))
    assert not listings._folders
    loop.run()
    assert not listings._streams


def test_a_peer_that_takes_nothing_holds_its_rows_back(root: Root) -> None:
    loop, listings = FakeLoop(), Listings(root)
    slow, quick = FakeConnection(loop, room=0), FakeConnection(loop)
    for connection in (slow, quick):
        begin(listings, root, "one", connection)
    loop.run()
    assert quick.closed and not slow.closed and len(slow.written) < 64 * 1024 + 40_000
    slow.drain()
    loop.run()
    assert slow.closed and slow.written == quick.written


def test_those_who_take_the_oldest_of_too_many_are_too_slow(
    root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_LIVE", 2)
    loop, listings = FakeLoop(), Listings(root)
    stalled = {}
    for name in ("one", "two", "three"):
        stalled[name] = FakeConnection(loop, room=0)
        begin(listings, root, name, stalled[name])
        loop.run()
    assert isinstance(stalled["one"].error, TimeoutError)
    assert not stalled["two"].closed and not stalled["three"].closed


def test_who_leaves_early_leaves_nothing_behind(root: Root) -> None:
    loop, listings = FakeLoop(), Listings(root)
    connection = FakeConnection(loop)
    begin(listings, root, "one", connection)
    connection.abort(ConnectionResetError())
    loop.run()
    assert not listings._folders and not listings._streams


def test_a_write_may_be_what_finds_out_that_the_peer_has_gone(root: Root) -> None:
    """Whichever of them it is: the write tells the stream, of which a step is under way."""
    writes = 0
    while True:
        loop, listings = FakeLoop(), Listings(root)
        connection = LosingConnection(loop, writes)
        begin(listings, root, "one", connection)
        loop.run()
        assert not listings._streams
        if not isinstance(connection.error, BrokenPipeError):
            break
        writes += 1
    assert writes > 3


class LosingConnection(FakeConnection):
    """Loses its peer at a write."""

    def __init__(self, loop: FakeLoop, writes: int) -> None:
        super().__init__(loop)
        self._left = writes

    def write(self, data: bytes) -> None:
        if not self.closed and not self._left:
            self._over(BrokenPipeError())
        self._left -= 1


def test_a_folder_that_cannot_be_read_ends_the_page_without_its_end(
    root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, listings = FakeLoop(), Listings(root)
    connection = FakeConnection(loop)
    begin(listings, root, "one", connection)

    def fail(*rest: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr("pynetdb.servers.http.folder.Folder.read_step", fail)
    loop.run()
    assert connection.error is None and b"503 [" in connection.written  # Nothing else was said yet.
    assert b"cannot be read just now" in connection.written and b"<html" not in connection.written
    monkeypatch.undo()
    monkeypatch.setattr("pynetdb.servers.http.folder.Order.step", fail)
    begin(listings, root, "two", connection := FakeConnection(loop))
    loop.run()
    assert str(connection.error) == "the disk is gone" and b"</html>" not in connection.written
