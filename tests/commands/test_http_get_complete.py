"""`http-get -C` with a FILE that is there already, beside which nothing is left of an earlier download."""

import hashlib
import json
import os
import socket
import time
from pathlib import Path

import pytest
from fakes import fake
from programs import Run, Serve

WHOLE = os.urandom(50_000) * 6


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site, and beside it a folder with a copy of its file, made later."""
    for name in ("site", "here"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "f").write_bytes(WHOLE)
    os.utime(tmp_path / "site" / "f", (1000, 1000))
    return tmp_path / "site"


@pytest.mark.parametrize("name", [("-o", "f"), ("-O",)])
def test_what_is_complete_is_not_fetched_again(
    site: Path, run: Run, serve: Serve, name: tuple[str, ...]
) -> None:
    server = serve("serve-http", str(site))
    url, here = f"http://127.0.0.1:{server.port}/f", site.parent / "here"
    before = (here / "f").stat()
    done = run("http-get", "-C", *name, url, cwd=here)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"http-get: {url}: all 300000 bytes were there already\n"
    assert server.event("request")["status"] == 416
    assert os.listdir(here) == ["f"]
    after = (here / "f").stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)
    facts = json.loads(run("http-get", "-C", *name, "--json", url, cwd=here).stdout)
    assert (facts["bytes"], facts["sha256"]) == (300_000, hashlib.sha256(WHOLE).hexdigest())


@pytest.mark.parametrize(
    ("old", "why"),
    [
        (b"x" * 5, "it has 300000 bytes now, 5 were there"),
        (WHOLE + b"x", "it has 300000 bytes now, 300001 were there"),
        (b"x" * len(WHOLE), "it changed since"),
        (b"", None),
    ],
)
def test_another_version_is_replaced(site: Path, run: Run, serve: Serve, old: bytes, why: str | None) -> None:
    server = serve("serve-http", str(site))
    url, here = f"http://127.0.0.1:{server.port}/f", site.parent / "here"
    (here / "f").write_bytes(old)
    os.utime(here / "f", (900, 900))
    done = run("http-get", "-C", "-o", "f", url, cwd=here)
    assert done.returncode == 0
    assert done.stderr == ("" if why is None else f"http-get: {url}: {why}: from the beginning\n")
    assert (here / "f").read_bytes() == WHOLE and os.listdir(here) == ["f"]


def test_without_being_named_it_is_not_replaced(site: Path, run: Run, serve: Serve) -> None:
    server = serve("serve-http", str(site))
    url, here = f"http://127.0.0.1:{server.port}/f", site.parent / "here"
    (here / "f").write_bytes(b"mine")
    done = run("http-get", "-C", "-O", url, cwd=here)
    assert done.returncode == 2 and done.stderr.endswith("Error: f: exists (-o f replaces it)\n")
    assert (here / "f").read_bytes() == b"mine" and os.listdir(here) == ["f"]


def test_an_error_leaves_it_as_it_is(site: Path, run: Run, serve: Serve) -> None:
    server = serve("serve-http", str(site))
    here = site.parent / "here"
    for url, status in (
        (f"http://127.0.0.1:{server.port}/missing", 7),
        ("http://127.0.0.1:1/f", 3),
    ):
        assert run("http-get", "-C", "-o", "f", url, cwd=here).returncode == status
        assert (here / "f").read_bytes() == WHOLE and os.listdir(here) == ["f"]


@pytest.mark.parametrize("fields", ["", "Last-Modified: Thu, 01 Jan 1970 00:16:40 GMT\r\n"])
@pytest.mark.parametrize("size", [300_000, 5])
def test_a_server_that_knows_no_ranges(tmp_path: Path, run: Run, fields: str, size: int) -> None:
    """As with wget, a body of just that size is taken to be there; any other is fetched."""

    def talk(sock: socket.socket) -> None:
        sock.recv(65536)
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n{fields}\r\n"
        sock.sendall(head.encode() + WHOLE[:size])

    (tmp_path / "f").write_bytes(WHOLE)
    with fake(talk) as port:
        done = run("http-get", "-C", "-o", "f", f"http://127.0.0.1:{port}/f", cwd=tmp_path)
    assert done.returncode == 0
    assert ("all 300000 bytes were there already" in done.stderr) == (size == 300_000)
    assert (tmp_path / "f").read_bytes() == WHOLE[:size] and os.listdir(tmp_path) == ["f"]


def test_a_416_that_says_no_size_proves_nothing(tmp_path: Path, run: Run) -> None:
    asked = []

    def talk(sock: socket.socket) -> None:
        asked.append(sock.recv(65536))
        if len(asked) == 1:
            sock.sendall(b"HTTP/1.1 416 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        else:
            sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnew")

    (tmp_path / "f").write_bytes(b"old")
    os.utime(tmp_path / "f", (time.time(), time.time()))
    with fake(talk) as port:
        done = run("http-get", "-C", "-o", "f", f"http://127.0.0.1:{port}/f", cwd=tmp_path)
    assert done.returncode == 0 and "nobody says how many bytes it has" in done.stderr
    assert (tmp_path / "f").read_bytes() == b"new"
    assert b"Range: bytes=3-\r\n" in asked[0] and b"Range" not in asked[1]
