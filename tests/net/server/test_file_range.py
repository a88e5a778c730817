"""Parts of files: sent by the kernel, or through us where it cannot."""

import errno
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from pynetdb.net.server.file_range import FileRange


def sent(path: Path, first: int, length: int) -> bytes:
    """What a peer gets of a part."""
    part = FileRange(os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0)), first, length)
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        got = b""
        try:
            while len(got) < length:
                with suppress(BlockingIOError):
                    part.send(ours)
                got += theirs.recv(1 << 20)
        finally:
            part.close()
            part.close()
        return got


def unable(number: int) -> Callable[..., Any]:
    def sendfile(*arguments: object) -> int:
        raise OSError(number, os.strerror(number))

    return sendfile


@pytest.fixture(params=["sendfile", "none", "unable"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Systems with sendfile, without, and with one that does not work for this file."""
    if request.param == "none":
        monkeypatch.delattr(os, "sendfile", raising=False)
    elif request.param == "unable":
        monkeypatch.setattr(os, "sendfile", unable(errno.EINVAL), raising=False)


@pytest.mark.usefixtures("system")
def test_a_part_is_sent_exactly(tmp_path: Path) -> None:
    data = os.urandom(300_000)
    (tmp_path / "file").write_bytes(data)
    assert sent(tmp_path / "file", 0, len(data)) == data
    assert sent(tmp_path / "file", 1000, 5) == data[1000:1005]


@pytest.mark.usefixtures("system")
def test_a_file_that_became_shorter_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 100)
    with pytest.raises(OSError, match="became shorter"):
        sent(tmp_path / "file", 90, 20)


def test_other_errors_stay_what_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sendfile", unable(errno.EIO), raising=False)
    (tmp_path / "file").write_bytes(b"x" * 100)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        sent(tmp_path / "file", 0, 100)


def test_a_copy_begins_at_the_beginning_and_has_a_descriptor_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    part = FileRange(os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0)), 2, 5)
    try:
        for _ in range(2):
            copy = part.copy()
            assert copy is not None
            assert copy.read(100) == b"23456"
            copy.close()
        assert part.left == 5
    finally:
        part.close()
    assert part.copy() is None
