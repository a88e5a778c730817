"""`pynetdb serve-http` as sites use it: releases, compressed copies, types, clean addresses, what is missing."""

import gzip
import os
import re
import subprocess
import time
from pathlib import Path

import pytest
from network import connect, receive_all
from programs import Run, Serve, Served, held, posix


def ask(server: Served, target: str, *lines: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    with connect(server) as sock:
        head = [f"{method} {target} HTTP/1.1", "Host: localhost", "Connection: close", *lines, "", ""]
        sock.sendall("\r\n".join(head).encode())
        head_bytes, _, body = receive_all(sock).partition(b"\r\n\r\n")
    first, *rest = head_bytes.decode("latin-1").split("\r\n")
    fields = [line.split(": ", 1) for line in rest]
    return int(first.split(" ")[1]), {name.lower(): value for name, value in fields}, body


def settled(path: Path, content: bytes, age: float = 1000) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    then = time.time() - age
    os.utime(path, (then, then))


BROWSER = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@posix
def test_a_release_is_switched_by_a_link(tmp_path: Path, serve: Serve) -> None:
    for release in ("old", "new"):
        settled(tmp_path / release / "index.html", release.encode())
    (tmp_path / "current").symlink_to("old")
    server = serve("serve-http", str(tmp_path / "current"))
    assert ask(server, "/")[2] == b"old"
    (tmp_path / "next").symlink_to("new")
    os.replace(tmp_path / "next", tmp_path / "current")
    while (reply := ask(server, "/"))[2] == b"old":
        pass  # For a second a small file is believed.
    assert reply[2] == b"new"
    (tmp_path / "old" / "index.html").unlink()
    (tmp_path / "old").rmdir()
    assert ask(server, "/")[0] == 200
    settled(tmp_path / "secret.txt", b"secret")
    (tmp_path / "new" / "out").symlink_to("../secret.txt")
    assert ask(server, "/out")[0] == 404


def test_a_copy_that_is_being_made_is_not_sent(tmp_path: Path, serve: Serve) -> None:
    plain = os.urandom(400_000)
    settled(tmp_path / "huge.csv", plain)
    whole = gzip.compress(plain)
    server = serve("serve-http", str(tmp_path))
    for size in (0, 1, 100_000, len(whole) - 1, len(whole)):
        (tmp_path / "huge.csv.gz").write_bytes(whole[:size])
        status, fields, body = ask(server, "/huge.csv", "Accept-Encoding: gzip")
        assert status == 200
        if size == len(whole):
            assert body == whole and fields["content-encoding"] == "gzip"
        else:
            assert body == plain and "content-encoding" not in fields
    settled(tmp_path / "a.js", b"ok()\n")
    settled(tmp_path / "a.js.gz", b"")
    settled(tmp_path / "a.js.br", b"")
    settled(tmp_path / "dump.sql", b"monday\n")
    settled(tmp_path / "dump.sql.gz", gzip.compress(b"tuesday\n"))
    for name, content in (("a.js", b"ok()\n"), ("dump.sql", b"monday\n")):
        _, fields, body = ask(server, f"/{name}", "Accept-Encoding: br, gzip")
        assert body == content and "vary" not in fields
    off = serve("serve-http", str(tmp_path), "--no-sidecars")
    assert ask(off, "/huge.csv", "Accept-Encoding: gzip")[2] == plain


def test_a_copy_of_an_old_page_has_the_charset_of_the_page(tmp_path: Path, serve: Serve) -> None:
    latin = "café".encode("latin-1")
    settled(tmp_path / "latin.html", latin)
    settled(tmp_path / "latin.html.gz", gzip.compress(latin))
    settled(tmp_path / "utf8.html", "café".encode())
    settled(tmp_path / "old.xml", b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>")
    server = serve("serve-http", str(tmp_path))
    for accepted in ("gzip", "identity"):
        assert ask(server, "/latin.html", f"Accept-Encoding: {accepted}")[1]["content-type"] == "text/html"
    assert ask(server, "/utf8.html")[1]["content-type"] == "text/html; charset=utf-8"
    assert ask(server, "/old.xml")[1]["content-type"] == "text/xml"


def test_types_by_ending(tmp_path: Path, serve: Serve) -> None:
    for name in ("page.html", "x.foo", "x.tar.foo", ".foo"):
        settled(tmp_path / name, "é".encode("latin-1"))
    rules = [".html=text/html; charset=iso-8859-1", ".FOO=text/x", ".tar.foo=application/x-tar"]
    options = [word for rule in rules for word in ("--type", rule)]
    server = serve("serve-http", str(tmp_path), *options, "--hidden")
    kinds = {
        name: ask(server, f"/{name}")[1]["content-type"]
        for name in ("page.html", "x.foo", "x.tar.foo", ".foo")
    }
    assert kinds == {
        "page.html": "text/html; charset=iso-8859-1",
        "x.foo": "text/x",
        "x.tar.foo": "application/x-tar",
        ".foo": "application/octet-stream",
    }


@pytest.mark.parametrize(
    "rule", ["html", "html=text/html", ".html", ".html=", ".=a/b", ".x=text", ".x=a/b\r\nY: z"]
)
def test_a_type_that_is_none(run: Run, rule: str) -> None:
    done = run("serve-http", "--port", "0", "--type", rule)
    assert done.returncode == 2 and "--type" in done.stderr and done.stderr.count("\n") == 1


def test_tags_are_of_the_content(tmp_path: Path, serve: Serve) -> None:
    for place in ("one", "two"):
        settled(tmp_path / place / "f.txt", b"aaaa", age=5)
        settled(tmp_path / place / "large", bytes(200_000))
        os.utime(tmp_path / place / "large", (1000, 1000))
    os.utime(tmp_path / "two" / "f.txt", (1, 1))
    one, two = serve("serve-http", str(tmp_path / "one")), serve("serve-http", str(tmp_path / "two"))
    tag = ask(one, "/f.txt")[1]["etag"]
    assert tag == ask(two, "/f.txt")[1]["etag"]
    assert ask(one, "/large")[1]["etag"] == ask(two, "/large")[1]["etag"]
    inode = f"{(tmp_path / 'one' / 'large').stat().st_ino:x}"
    assert inode not in ask(one, "/large")[1]["etag"].strip('"').split("-")
    os.utime(tmp_path / "one" / "f.txt", (1, 1))
    (tmp_path / "one" / "f.txt").write_bytes(b"bbbb")
    os.utime(tmp_path / "one" / "f.txt", (1, 1))
    while ask(one, "/f.txt", f"If-None-Match: {tag}")[0] == 304:
        pass  # For a second a small file is believed.
    assert ask(one, "/f.txt", f"If-Range: {tag}", "Range: bytes=2-")[::2] == (200, b"bbbb")


def test_a_page_for_what_is_missing(tmp_path: Path, serve: Serve) -> None:
    settled(tmp_path / "folder" / "x.txt", b"x")
    server = serve("serve-http", str(tmp_path))
    status, fields, body = ask(server, "/folder/a%3Cb", BROWSER)
    assert (
        status == 404 and fields["content-type"] == "text/html; charset=utf-8" and fields["vary"] == "Accept"
    )
    assert b'<a href="/folder/">' in body and b"a&lt;b" in body and b"<script" not in body
    assert ask(server, "/missing", "Accept: */*")[2] == b"nothing is here\n"
    assert ask(server, "/missing", BROWSER, method="HEAD")[::2] == (404, b"")
    settled(tmp_path / "404.html", b"<h1>ours</h1>")
    for accept in (BROWSER, "Accept: */*"):
        status, fields, body = ask(server, "/missing/deep", accept, "Range: bytes=0-1")
        assert (status, body, fields["content-type"]) == (404, b"<h1>ours</h1>", "text/html; charset=utf-8")
        assert fields["cache-control"] == "no-cache"
    assert ask(server, "/404.html")[0] == 200


def test_clean_addresses(tmp_path: Path, serve: Serve) -> None:
    settled(tmp_path / "about.html", b"about")
    settled(tmp_path / "docs.html", b"docs")
    settled(tmp_path / "docs" / "one.html", b"one")
    settled(tmp_path / "plain", b"plain")
    settled(tmp_path / "plain.html", b"page")
    server = serve("serve-http", str(tmp_path), "--clean-urls")
    assert [ask(server, path)[2] for path in ("/about", "/about.html", "/docs", "/docs/one", "/plain")] == [
        b"about", b"about", b"docs", b"one", b"plain",
    ]  # fmt: skip
    assert ask(server, "/about")[1]["content-type"].startswith("text/html")
    assert ask(server, "/about/")[0] == 404 and ask(server, "/nothing")[0] == 404
    assert ask(serve("serve-http", str(tmp_path)), "/about")[0] == 404


@pytest.mark.parametrize(
    ("target", "lines", "status"),
    [
        ("/some/place", [], 200),
        ("/some/place", ["Accept: */*"], 200),
        ("/some/place", [BROWSER, "Sec-Fetch-Mode: navigate"], 200),
        ("/user/jane.doe", [BROWSER], 200),
        ("/old.html", [BROWSER], 200),
        ("/app.js", [BROWSER], 404),
        ("/data.json", [], 404),
        ("/logo.PNG?v=1", [], 404),
        ("/api", ["Accept: application/json"], 404),
        ("/api", ["Accept: image/avif,image/webp"], 404),
        ("/api", ["Accept: */*", "Sec-Fetch-Mode: cors"], 404),
        ("/api", ["Accept: text/html;q=0"], 404),
    ],
)
def test_an_application_has_its_places_and_no_files_that_are_missing(
    tmp_path: Path, serve: Serve, target: str, lines: list[str], status: int
) -> None:
    settled(tmp_path / "index.html", b"app")
    server = serve("serve-http", str(tmp_path), "--spa")
    got, _, body = ask(server, target, *lines)
    assert got == status and (body == b"app") is (status == 200)


def test_well_known_places_are_no_secret(tmp_path: Path, serve: Serve) -> None:
    settled(tmp_path / ".well-known" / "security.txt", b"here")
    settled(tmp_path / ".well-known" / ".hidden", b"no")
    settled(tmp_path / "sub" / ".well-known" / "x", b"no")
    settled(tmp_path / ".git" / "config", b"no")
    server = serve("serve-http", str(tmp_path))
    assert ask(server, "/.well-known/security.txt")[2] == b"here"
    for path in ("/.well-known/.hidden", "/sub/.well-known/x", "/.git/config"):
        assert ask(server, path)[0] == 404
    assert b".well-known" in ask(server, "/")[2] and b".git" not in ask(server, "/")[2]
    assert b".hidden" not in ask(server, "/.well-known/")[2]


def test_scripts_of_other_sites_can_read_what_they_need(tmp_path: Path, serve: Serve) -> None:
    settled(tmp_path / "map.bin", bytes(100))
    server = serve("serve-http", str(tmp_path), "--cors")
    status, fields, _ = ask(server, "/map.bin", "Range: bytes=0-9", "Origin: https://other.example")
    exposed = fields["access-control-expose-headers"]
    assert status == 206 and "Content-Range" in exposed and "ETag" in exposed and "Accept-Ranges" in exposed


@posix
def test_names_that_command_a_terminal_are_text(tmp_path: Path, serve: Serve) -> None:
    settled(tmp_path / "a\x1b[31mb\u202e.txt", b"x")
    page = ask(serve("serve-http", str(tmp_path)), "/")[2].decode()
    assert "\x1b" not in page and "\u202e" not in page and "a%1B%5B31mb%E2%80%AE.txt" in page


def test_a_refused_head_has_no_body(tmp_path: Path, serve: Serve) -> None:
    server = serve("serve-http", str(tmp_path))
    for request in (
        b"HEAD / HTTP/1.1\r\n\r\n",
        b"HEAD / HTTP/1.1\r\nHost: a%zz\r\n\r\n",
        b"HEAD / HTTP/3.0\r\nHost: x\r\n\r\n",
        b"HEAD /%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"HEAD / HTTP/1.1\r\nHost: rebound.example\r\n\r\n",
        b"HEAD /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n",
    ):
        for pieces in ([request], [request[:3], request[3:]]):
            with connect(server) as sock:
                for piece in pieces:
                    sock.sendall(piece)
                got = receive_all(sock)
            head, _, body = got.partition(b"\r\n\r\n")
            assert head.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5"))
            assert body in (b"", b"(reset)"), request[:40]


@posix
def test_a_copy_by_gzip_itself(tmp_path: Path, serve: Serve) -> None:
    settled(tmp_path / "big.txt", b"0123456789" * 3_000_000)
    server = serve("serve-http", str(tmp_path))
    with held(["gzip", "-k", "-1", str(tmp_path / "big.txt")], stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            with connect(server) as sock:
                sock.sendall(b"GET /big.txt HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n")
                head, _, body = receive_all(sock).partition(b"\r\n\r\n")
            whole = gzip.decompress(body) if b"Content-Encoding: gzip" in head else body
            assert len(whole) == 30_000_000


def ready_line(run: Run, *arguments: str) -> str:
    done = run("serve-http", *arguments, "--port", "0", "--for", "10ms")
    assert done.returncode == 0
    return done.stderr.splitlines()[0]


def test_the_ready_line_is_an_address_and_says_who_can_reach_it(tmp_path: Path, run: Run) -> None:
    (tmp_path / "site").mkdir()
    line = ready_line(run, str(tmp_path / "site"))
    assert re.fullmatch(
        rf"serve-http: serving {re.escape(str(tmp_path))}/site at http://127\.0\.0\.1:\d+/ "
        r"\(this machine only; --host 0\.0\.0\.0 for others\), listening \(Ctrl-C stops\)",
        line,
    )
    line = ready_line(run, str(tmp_path / "site"), "--host", "0.0.0.0")
    assert "at http://127.0.0.1:" in line and "(whoever can reach this machine)" in line
    assert "https://127.0.0.1:" in ready_line(run, str(tmp_path / "site"), "--self-signed")
    if os.name == "posix":
        line = ready_line(run, str(tmp_path / "site"), "--unix", str(tmp_path / "s"))
        assert line == f"serve-http: listening on {tmp_path}/s (Ctrl-C stops)"
