"""`pynetdb serve-http` and large folders: streamed, shared, and nobody else waits."""

import json
import os
import socket
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from network import connect, receive_all
from processes import descriptors
from programs import Serve, Served, linux

MANY = 2500


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "a":
            self.links.append(dict(attrs)["href"])


@pytest.fixture
def large(tmp_path: Path) -> Path:
    (tmp_path / "large" / "inner").mkdir(parents=True)
    for number in range(MANY):
        (tmp_path / "large" / f"file-{number}.txt").touch()
    (tmp_path / "small.txt").write_text("small")
    return tmp_path


def ask(server: Served, target: str, *lines: str, method: str = "GET", version: str = "1.1") -> bytes:
    with connect(server) as sock:
        head = [f"{method} {target} HTTP/{version}", "Host: localhost", "Connection: close", *lines, "", ""]
        sock.sendall("\r\n".join(head).encode())
        return receive_all(sock)


def unchunked(data: bytes) -> tuple[str, str]:
    head, _, rest = data.partition(b"\r\n\r\n")
    assert b"Transfer-Encoding: chunked" in head and b"Content-Length" not in head
    body = b""
    while True:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        body += rest[:length]
        assert rest[length : length + 2] == b"\r\n"
        rest = rest[length + 2 :]
        if not length:
            assert rest == b""
            return head.decode(), body.decode()


def test_a_large_folder_comes_in_pieces_and_whole(large: Path, serve: Serve) -> None:
    server = serve("serve-http", str(large))
    head, page = unchunked(ask(server, "/large/"))
    assert (
        head.startswith("HTTP/1.1 200 ") and "Connection: close" in head and "Content-Security-Policy" in head
    )
    parser = Links()
    parser.feed(page)
    names = [link for link in parser.links if link.startswith("./")]
    assert names == ["./inner/", *(f"./file-{number}.txt" for number in range(MANY))]
    assert f"1 folder, {MANY} files, 0 B" in page and page.endswith("</html>\n")
    _, listed = unchunked(ask(server, "/large/", "Accept: application/json"))
    rows = json.loads(listed)
    assert len(rows) == MANY + 1 and [row["name"] for row in rows] == sorted(row["name"] for row in rows)
    _, found = unchunked(ask(server, "/large/?filter=99.TXT&order=desc"))
    assert "25 files" in found and found.index("file-2499.txt") < found.index("file-99.txt")
    told = server.event("request")
    assert server.event("closed")["connection"] == told["connection"]
    assert (told["target"], told["bytes"]) == ("/large/", len(page.encode()))
    _, none = unchunked(ask(server, "/large/?filter=zzz", "Accept: application/json"))
    assert json.loads(none) == []


def test_head_of_a_large_folder_costs_a_head(large: Path, serve: Serve) -> None:
    server = serve("serve-http", str(large))
    reply = ask(server, "/large/", method="HEAD")
    assert reply.startswith(b"HTTP/1.1 200 ") and reply.endswith(b"\r\n\r\n")
    assert b"Content-Length" not in reply and b"text/html" in reply


def test_an_old_client_gets_it_until_the_end_of_the_connection(large: Path, serve: Serve) -> None:
    reply = ask(serve("serve-http", str(large)), "/large/", version="1.0")
    assert b"chunked" not in reply and reply.endswith(b"</html>\n")


def test_who_half_closes_still_gets_all_of_it(large: Path, serve: Serve) -> None:
    server = serve("serve-http", str(large))
    with connect(server) as sock:
        sock.sendall(b"GET /large/ HTTP/1.0\r\n\r\n")
        sock.shutdown(socket.SHUT_WR)
        assert receive_all(sock).endswith(b"</html>\n")


def test_a_listing_is_counted_once_it_was_served(large: Path, serve: Serve) -> None:
    server = serve("serve-http", str(large), "--count", "1")
    _, page = unchunked(ask(server, "/large/"))
    assert page.endswith("</html>\n")
    assert server.wait() == 0


def test_a_small_folder_has_a_validator(large: Path, serve: Serve) -> None:
    server = serve("serve-http", str(large))
    head = ask(server, "/").partition(b"\r\n\r\n")[0].decode()
    tag = next(line for line in head.split("\r\n") if line.startswith("ETag: ")).removeprefix("ETag: ")
    same = ask(server, "/", f"If-None-Match: {tag}")
    assert same.startswith(b"HTTP/1.1 304 ") and same.endswith(b"\r\n\r\n")
    assert ask(server, "/", f'If-Match: "x{tag[1:]}').startswith(b"HTTP/1.1 412 ")
    assert ask(server, "/", "Accept: application/json", f"If-None-Match: {tag}").startswith(b"HTTP/1.1 200 ")
    (large / "another.txt").touch()
    assert ask(server, "/", f"If-None-Match: {tag}").startswith(b"HTTP/1.1 200 ")
    # A listing has no date: none that is told may spare it.
    late = "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT"
    assert ask(server, "/", late).startswith(b"HTTP/1.1 200 ")
    assert ask(server, "/", "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT").startswith(b"HTTP/1.1 200 ")


@linux
def test_who_does_not_read_keeps_nobody_waiting_and_leaves_nothing(large: Path, serve: Serve) -> None:
    for number in range(MANY, 3 * MANY):
        (large / "large" / f"file-{number}.txt").touch()
    server = serve("serve-http", str(large))
    assert ask(server, "/small.txt").endswith(b"small")
    before = descriptors(server.pid)
    stalled = []
    for _ in range(4):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect(server.address)
        sock.sendall(b"GET /large/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert sock.recv(100)
        stalled.append(sock)
    assert unchunked(ask(server, "/large/"))[1].endswith("</html>\n")
    assert ask(server, "/small.txt").endswith(b"small")
    for sock in stalled[:2]:
        sock.close()
    # Those that remain go on where they were as soon as they read.
    for sock in stalled[2:]:
        with sock:
            assert receive_all(sock).endswith(b"0\r\n\r\n")
    while ask(server, "/small.txt") and descriptors(server.pid) > before:
        pass


def test_a_large_folder_has_a_validator(large: Path, serve: Serve) -> None:
    server = serve("serve-http", str(large), "-H", "X-Own: 1", "--cors")

    def head_of(
        *lines: str, target: str = "/large/", version: str = "1.1"
    ) -> tuple[int, dict[str, str], bytes]:
        head, _, body = ask(server, target, *lines, version=version).partition(b"\r\n\r\n")
        first, *fields = head.decode().split("\r\n")
        pairs = dict(line.split(": ", 1) for line in fields)
        assert len(pairs) == len(fields) and pairs["X-Own"] == "1" and "Access-Control-Allow-Origin" in pairs
        event = server.event("request")
        assert event["status"] == int(first.split()[1]) and (event["error"] is None) == (
            event["status"] < 400
        )
        return event["status"], pairs, body

    status, fields, body = head_of()
    etag = fields["ETag"]
    assert status == 200 and etag.startswith('"') and body.endswith(b"\r\n0\r\n\r\n")
    for _ in range(2):  # Read for this request, or kept for a moment.
        status, fields, body = head_of(f"If-None-Match: {etag}")
        assert (status, fields["ETag"], body) == (304, etag, b"")
        assert "Transfer-Encoding" not in fields and "Content-Type" not in fields
    assert head_of('If-None-Match: "other"')[0] == 200
    status, fields, body = head_of('If-Match: "other"')
    assert status == 412 and int(fields["Content-Length"]) == len(body) > 0
    assert head_of(f"If-Match: {etag}", version="1.0")[0] == 200
    tags = {etag}
    for changed in ("Accept: application/json", "/large/?sort=size", "/large/?filter=7"):
        plain = changed.startswith("Accept")
        tags.add(head_of(*([changed] if plain else []), target="/large/" if plain else changed)[1]["ETag"])
    assert len(tags) == 4

    def change(name: str) -> None:
        place = large / "large" / name
        if name == "file-7.txt":
            place.write_text("longer")
        elif name == "file-8.txt":
            os.utime(place, (1, 1))
        elif name == "new":
            place.touch()
        else:
            place.unlink()

    for name in ("file-7.txt", "file-8.txt", "new", "file-9.txt"):
        change(name)
        while head_of(f"If-None-Match: {etag}")[0] == 304:
            pass  # What was read is good for a moment.
        etag = head_of()[1]["ETag"]
        assert etag not in tags
        tags.add(etag)


def test_a_large_folder_has_the_same_validator_on_every_machine(tmp_path: Path, serve: Serve) -> None:
    """However the names are met: by another order of making them, in another folder of that name."""
    tags = []
    for place, numbers in (("a", range(600)), ("b", range(599, -1, -1))):
        folder = tmp_path / place / "large"
        folder.mkdir(parents=True)
        for number in numbers:
            (folder / f"{number}").touch()
            os.utime(folder / f"{number}", (1000, 1000))
        server = serve("serve-http", str(tmp_path / place))
        head = ask(server, "/large/").partition(b"\r\n\r\n")[0].decode()
        tags.append(next(line for line in head.split("\r\n") if line.startswith("ETag: ")))
        server.stop()
    assert tags[0] == tags[1]
