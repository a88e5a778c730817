"""The ready file: whole or not there, ours alone to remove, and nothing else in its way is touched."""

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from programs import Run, Serve, posix

from pynetdb.errors import CommandLineError
from pynetdb.net.process.ready_file import ReadyFile


def ready(pid: int = 1, port: int = 5) -> dict[str, Any]:
    return {"event": "ready", "service": "serve-echo", "host": "h", "port": port, "url": "u", "pid": pid}


def test_it_is_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    file = ReadyFile(str(path))
    assert not path.exists()
    file.write(ready())
    assert json.loads(path.read_text()) == ready()
    assert list(tmp_path.iterdir()) == [path]
    file.remove()
    assert list(tmp_path.iterdir()) == []
    file.remove()


def test_what_was_never_written_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    file = ReadyFile(str(path))
    path.write_text("somebody else's")
    file.remove()
    assert path.read_text() == "somebody else's"


def test_places_where_no_file_can_be(tmp_path: Path) -> None:
    with pytest.raises(CommandLineError, match="there is no folder"):
        ReadyFile(str(tmp_path / "none" / "ready.json"))
    with pytest.raises(CommandLineError, match="is a folder"):
        ReadyFile(str(tmp_path))
    with pytest.raises(CommandLineError, match="null"):
        ReadyFile(str(tmp_path / "a\0b"))


OTHERS = ["", "text", "[1]", '{"event": "ready"}', "x" * 100_000, json.dumps(ready()) + "and more"]


@pytest.mark.parametrize("content", OTHERS, ids=range(len(OTHERS)))
def test_a_file_that_is_no_ready_file_is_refused_and_stays(tmp_path: Path, content: str) -> None:
    path = tmp_path / "ready.json"
    path.write_text(content)
    with pytest.raises(CommandLineError, match="no ready file of ours"):
        ReadyFile(str(path))
    assert path.read_text() == content


def _make_fifo(path: Path, other: Path) -> None:
    os.mkfifo(path)


def _make_socket(path: Path, other: Path) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(path))


def _make_link(path: Path, other: Path) -> None:
    path.symlink_to(other)


def _make_dangling_link(path: Path, other: Path) -> None:
    path.symlink_to(other.with_name("nowhere"))


@posix
@pytest.mark.parametrize("make", [_make_fifo, _make_socket, _make_link, _make_dangling_link])
def test_what_is_no_regular_file_is_refused_and_stays(tmp_path: Path, make: Any) -> None:
    path, other = tmp_path / "ready", tmp_path / "other"
    other.write_text(json.dumps(ready()))
    make(path, other)
    before = path.lstat()
    with pytest.raises(CommandLineError, match="no ready file of ours"):
        ReadyFile(str(path))
    assert path.lstat() == before
    assert other.read_text() == json.dumps(ready())


@posix
@pytest.mark.parametrize("device", ["/dev/null", "/dev/stdout", "/dev/full"])
def test_devices_are_refused(run: Run, device: str) -> None:
    before = os.lstat(device).st_mode
    done = run("serve-echo", "--port", "0", "--for", "1s", "--ready-file", device)
    assert done.returncode == 2
    assert (
        done.stderr == f"Error: --ready-file {device}: exists, and is no ready file of ours: left as it is\n"
    )
    assert os.lstat(device).st_mode == before


@posix
def test_what_is_put_there_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "ready"
    file = ReadyFile(str(path))
    path.write_text("precious")
    with pytest.raises(CommandLineError, match="no ready file of ours"):
        file.write(ready())
    file.remove()
    assert {entry.name: entry.read_text() for entry in tmp_path.iterdir()} == {"ready": "precious"}


def test_a_stale_file_is_gone_before_the_next_server_is_ready(tmp_path: Path) -> None:
    path = tmp_path / "ready"
    path.write_text(json.dumps(ready()))
    ReadyFile(str(path))
    assert not path.exists()


@posix
def test_a_stale_file_is_gone_though_the_next_start_fails(tmp_path: Path, serve: Serve, run: Run) -> None:
    path = tmp_path / "ready"
    killed = serve("serve-echo", "--ready-file", str(path), status=-9)
    killed.process.kill()
    killed.wait()
    assert path.exists()
    assert run("serve-echo", "--host", "203.0.113.7", "--ready-file", str(path)).returncode == 3
    assert not path.exists()


@posix
def test_of_two_servers_each_removes_only_its_own(tmp_path: Path, serve: Serve, run: Run) -> None:
    path = tmp_path / "ready"
    first = serve("serve-echo", "--ready-file", str(path))
    # The first one lives: a start that fails must not take its file.
    assert run("serve-echo", "--port", str(first.port), "--ready-file", str(path)).returncode == 3
    assert json.loads(path.read_text()) == first.ready
    second = serve("serve-echo", "--ready-file", str(path))
    assert json.loads(path.read_text()) == second.ready
    first.stop()
    assert json.loads(path.read_text()) == second.ready
    second.stop()
    assert not path.exists()


@posix
def test_the_same_inode_with_other_words_is_not_ours(tmp_path: Path) -> None:
    path = tmp_path / "ready"
    file = ReadyFile(str(path))
    file.write(ready())
    path.write_text("written over")
    file.remove()
    assert path.read_text() == "written over"


def test_the_permissions_are_those_of_any_new_file(tmp_path: Path) -> None:
    path, plain = tmp_path / "ready", tmp_path / "plain"
    file = ReadyFile(str(path))
    file.write(ready())
    plain.write_text("")
    assert path.stat().st_mode == plain.stat().st_mode
    file.remove()
