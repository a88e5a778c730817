"""`pynetdb serve-http`: the independent cases over real sockets, and what the user asks for."""

import gzip
import json
import os
import re
import shutil
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from http_verdicts import Talk, request_bytes, verdict
from network import connect, receive, receive_all
from processes import descriptors, resident_memory, wait_for
from programs import PYNETDB, Run, Serve, Served, environment, held, linux, posix

PATIENCE = 20.0


class Reply(NamedTuple):
    status: int
    fields: dict[str, str]
    body: bytes

    @property
    def names(self) -> set[str]:
        return set(self.fields)


def conversation(server: Served, data: bytes) -> list[int]:
    """Say all of it, half-close, and return the statuses of the answers."""
    with connect(server) as sock:
        try:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # It has heard enough.
        return statuses(receive_all(sock))


def statuses(data: bytes) -> list[int]:
    found = []
    while data:
        head, _, rest = data.partition(b"\r\n\r\n")
        match = re.match(rb"HTTP/1\.1 ([0-9]{3}) ", head)
        assert match, data[:200]
        found.append(int(match[1]))
        length = re.search(rb"\r\nContent-Length: ([0-9]+)", head)
        data = rest[int(length[1]) if length else 0 :]
    return found


def fetch(server: Served, target: str, method: str = "GET", **fields: str) -> Reply:
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    with connect(server) as sock:
        sock.sendall("\r\n".join([*lines, "", ""]).encode("utf-8"))
        head, _, body = receive_all(sock).partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    pairs = [line.split(": ", 1) for line in rest]
    assert len({name.lower() for name, _ in pairs}) == len(pairs), "a field twice"
    return Reply(int(first.split(" ")[1]), {name.lower(): value for name, value in pairs}, body)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    root = tmp_path / "site"
    (root / "folder" / "deep").mkdir(parents=True)
    (root / "hello.txt").write_text("hello\n")
    (root / "app.js").write_text("export const x = 1\n")
    (root / "folder" / "a b&<c>.txt").write_text("x")
    (root / ".secret").write_text("secret")
    (tmp_path / "outside.txt").write_text("outside")
    age(root)
    return root


def age(root: Path) -> None:
    """As if they had been there for a while."""
    then = time.time() - 1000
    for path in (root, *root.rglob("*")):
        os.utime(path, (then, then), follow_symlinks=False)


# The independent cases


@pytest.fixture
def spa(tmp_path: Path, serve: Serve) -> Served:
    """A site on which every path is a page, so that the grammar alone decides."""
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "index.html").write_text("<p>page</p>")
    age(tmp_path / "www")
    return serve("serve-http", str(tmp_path / "www"), "--allow-host", "*", "--spa")


def load(corpora: Path, name: str) -> Any:
    return json.loads((corpora / "http" / name).read_text(encoding="utf-8"))


def test_h1spec(corpora: Path, spa: Served) -> None:
    failed = []
    for case in load(corpora, "h1spec.json"):
        data = case["request_latin1"].encode("latin-1")
        if case["expect_server_to_wait"]:
            with connect(spa) as sock:
                sock.sendall(data)
                sock.settimeout(0.2)
                with pytest.raises(TimeoutError):
                    sock.recv(1)
            continue
        found = conversation(spa, data)
        if not any(low <= found[0] <= high for low, high in case["expected_status_ranges"]):
            failed.append(case["description"])
    assert failed == ["Valid POST request with body", "Chunked Transfer-Encoding"]


def test_gunicorn(corpora: Path, spa: Served) -> None:
    cases = [
        case["request_latin1"].encode("latin-1")
        for case in load(corpora, "gunicorn_requests.json")
        if case["kind"] == "invalid" and case["needs_gunicorn_setting"] is None
    ]
    assert len(cases) == 63
    for data in cases:
        last = conversation(spa, data)[-1]
        assert 400 <= last < 500 or last in (501, 505), data


def test_llhttp(corpora: Path, spa: Served) -> None:
    for case in load(corpora, "llhttp_requests.json"):
        if case["type"] == "request" and case["error"] and case["error"]["code"] not in range(21, 25):
            found = conversation(spa, case["request_utf8"].encode("utf-8"))
            assert found == [] or found[-1] in (200, 400, 405, 413, 414, 431, 501), case["title"]


def test_transfer_encoding_mutations(corpora: Path, spa: Served) -> None:
    smuggled = b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
    lines = load(corpora, "te_mutations.json")["header_lines"]
    assert len(lines) == 668
    for name, line in lines:
        head = (
            b"POST / HTTP/1.1\r\nHost: localhost\r\n"
            + line.encode("latin-1")
            + b"\r\nContent-Length: 5\r\n\r\n"
        )
        found = conversation(spa, head + smuggled)
        assert len(found) == 1 and found[0] in (400, 405, 501), (name, found)


def exchange(sock: socket.socket, data: bytes) -> bytes:
    """Send a request, and return what comes until its answer is whole or the connection is closed."""
    try:
        sock.sendall(data)
    except OSError:
        return b""
    got = b""
    while True:
        head, found, body = got.partition(b"\r\n\r\n")
        length = re.search(rb"\r\nContent-Length: ([0-9]+)", head)
        bodiless = re.match(rb"HTTP/1.1 (304|204)", head) or data.startswith(b"HEAD")
        if found and (bodiless or len(body) >= int(length[1] if length else 0)):
            return got
        try:
            piece = sock.recv(1 << 16)
        except ConnectionResetError:
            return got
        if not piece:
            return got
        got += piece


def test_http11probe(corpora: Path, spa: Served) -> None:
    text = (corpora / "http" / "http11probe.jsonl").read_text(encoding="utf-8")

    def fault(case: dict[str, Any]) -> object:
        # That nothing more comes is known after a while: on a busy machine after a longer one.
        for patience in (0.3, 5.0):
            talk = talked(spa, request_bytes(case["request"]), patience)
            if verdict(case, talk) != "Fail":
                return None
        return case["id"], talk, case["expected_text"]

    cases = [
        case
        for case in map(json.loads, text.splitlines())
        if case["kind"] == "single" and case["scored"] and "verdict" in case
    ]
    with ThreadPoolExecutor(8) as pool:  # Nearly all of the time is spent in waiting.
        assert [found for found in pool.map(fault, cases) if found] == []


def talked(server: Served, data: bytes, patience: float) -> Talk:
    """What the server answers, and whether it closes, until it has been silent for so long."""
    got, closed = b"", False
    with connect(server) as sock:
        try:
            sock.sendall(data)
            sock.settimeout(patience)
            while not closed:
                piece = sock.recv(1 << 16)
                got, closed = got + piece, not piece
        except TimeoutError:
            pass
        except ConnectionResetError:
            closed = True
    return Talk(statuses(got), closed)


def test_http11probe_sequences(corpora: Path, spa: Served) -> None:
    """None of the 32 fails: a request that is refused is the last, one that is not is answered as itself."""
    text = (corpora / "http" / "http11probe.jsonl").read_text(encoding="utf-8")
    cases = [case for case in map(json.loads, text.splitlines()) if case["kind"] == "sequence"]
    assert len(cases) == 32
    reply = fetch(spa, "/")
    known = {"{{ETAG}}": reply.fields["etag"], "{{LAST_MODIFIED}}": reply.fields["last-modified"]}
    for case in cases:
        with connect(spa) as sock:
            answers = []
            for step in case["steps"]:
                data = request_bytes(step.get("request", {"latin1": ""}))
                for word, meaning in known.items():
                    data = data.replace(word.encode(), meaning.encode())
                answers.append(exchange(sock, data) if data else b"")
                if b"\r\nConnection: close\r\n" in answers[-1]:
                    # EMBED and TWO-STEP: nothing more is answered.
                    assert receive_all(sock) == b"", case["id"]
                    break
        first = statuses(answers[0])
        if case["static_profile"].startswith("REJECT_CLOSE") and first != [200]:
            assert first[0] in (400, 405, 417, 501) and len(answers) == 1, (case["id"], answers)
        else:
            assert all(statuses(answer) in ([200], [304]) for answer in answers if answer), (
                case["id"],
                answers,
            )


CONTENTS = {
    "N1000": b"".join(b"X%03dXXXXXX" % i for i in range(100)),
    "N9": b"123456789",
    "N11": b"0123456789\n",
    "N8000": b"".join(b"%04d" % i for i in range(1, 2001)),
    "N0": b"",
}


def test_ranges(corpora: Path, tmp_path: Path, serve: Serve) -> None:
    document = load(corpora, "range_cases.json")
    for name, resource in document["resources"].items():
        (tmp_path / resource["path"][1:]).write_bytes(CONTENTS[name])
        assert len(CONTENTS[name]) == resource["bytes"]
    age(tmp_path)
    server = serve("serve-http", str(tmp_path))
    assert len(document["cases"]) == 76
    for case in document["cases"]:
        whole = CONTENTS[case["resource"]]
        path = document["resources"][case["resource"]]["path"]
        reply = fetch(server, path, case["method"], Range=case["range"], **case["extra_headers"])
        assert any(fits(accepted, reply, whole, case["method"]) for accepted in case["acceptable"]), (
            case,
            reply,
        )


def fits(accepted: dict[str, Any], reply: Reply, whole: bytes, method: str) -> bool:
    if accepted["status"] != reply.status:
        return False
    if accepted.get("content_range", reply.fields.get("content-range")) != reply.fields.get("content-range"):
        return False
    if reply.status == 206:
        first, last, size = map(int, re.findall("[0-9]+", reply.fields["content-range"]))
        begin, end = accepted.get("body_slice") or (-1, -1)
        return (
            (first, last + 1) == (begin, end)
            and size == len(whole)
            and reply.body == whole[begin:end]
            and reply.fields["content-length"] == str(end - begin)
        )
    return reply.status != 200 or method == "HEAD" or reply.body == whole


def test_conditions(corpora: Path, tmp_path: Path, serve: Serve) -> None:
    (tmp_path / "file.html").write_text("<p>abc</p>")
    # A tag in which letters differ from their capitals, on a date that all forms of dates can say.
    os.utime(tmp_path / "file.html", ns=(0, 1_700_000_000_000_000_000))
    server = serve("serve-http", str(tmp_path))
    plain = fetch(server, "/file.html")
    etag = plain.fields["etag"]
    assert plain.fields["last-modified"] == "Tue, 14 Nov 2023 22:13:20 GMT"
    words = {
        "{ETAG}": etag,
        "{ETAG_UNQUOTED}": etag.strip('"'),
        "{ETAG_UPPER_IF_DIFFERENT}": etag.upper(),
        "{LAST_MODIFIED}": "Tue, 14 Nov 2023 22:13:20 GMT",
        "{LAST_MODIFIED_MINUS_60S}": "Tue, 14 Nov 2023 22:12:20 GMT",
        "{LAST_MODIFIED_PLUS_1S}": "Tue, 14 Nov 2023 22:13:21 GMT",
        "{LAST_MODIFIED_RFC850}": "Tuesday, 14-Nov-23 22:13:20 GMT",
        "{LAST_MODIFIED_ASCTIME}": "Tue Nov 14 22:13:20 2023",
    }
    cases = load(corpora, "conditional_cases.json")["cases"]
    assert len(cases) == 39
    for case in cases:
        fields = dict(case["headers"])
        path = fields.pop("_path", "/file.html")
        method = fields.pop("_method", case["method"])
        for word, meaning in words.items():
            fields = {name: value.replace(word, meaning) for name, value in fields.items()}
        reply = fetch(server, path, method, **fields)
        assert reply.status in case["acceptable_status"], (case, reply)
        if reply.status == 304:
            assert reply.fields["etag"] == etag and reply.body == b"" and "date" in reply.fields
            assert reply.fields["cache-control"] == plain.fields["cache-control"]


# What a file server owes its users


def test_a_file(site: Path, serve: Serve) -> None:
    server = serve("serve-http", str(site))
    assert server.ready["url"] == f"http://127.0.0.1:{server.port}"
    reply = fetch(server, "/hello.txt")
    assert (reply.status, reply.body) == (200, b"hello\n")
    assert reply.fields["content-type"] == "text/plain; charset=utf-8"
    assert reply.fields["content-length"] == "6" and reply.fields["accept-ranges"] == "bytes"
    assert re.fullmatch(r'"[0-9a-f-]+"', reply.fields["etag"])
    assert reply.fields["cache-control"] == "no-cache" and reply.fields["x-content-type-options"] == "nosniff"
    head = fetch(server, "/hello.txt", "HEAD")
    assert head.body == b"" and head.fields.keys() == reply.fields.keys()
    assert fetch(server, "/app.js").fields["content-type"].startswith("text/javascript")
    assert fetch(server, "http://localhost/hello.txt").body == b"hello\n"
    refused = fetch(server, "/hello.txt", "DELETE")
    assert refused.status == 405 and refused.fields["allow"] == "GET, HEAD"
    assert fetch(server, "/missing").status == 404
    assert fetch(server, "/hello.txt/").status == 404
    assert fetch(server, "/" + "x" * 5000).status == 404
    assert fetch(server, "/%00").status == 400 and fetch(server, "/%zz").status == 400


def test_keep_alive_and_pipelining(site: Path, serve: Serve) -> None:
    server = serve("serve-http", str(site))
    requests = [
        f"GET /{name} HTTP/1.1\r\nHost: localhost\r\n\r\n" for name in ("hello.txt", "none", "app.js")
    ] * 50
    with connect(server) as sock:
        sock.sendall("".join(requests).encode())
        sock.shutdown(socket.SHUT_WR)
        assert statuses(receive_all(sock)) == [200, 404, 200] * 50
    with connect(server) as sock:
        for _ in range(3):
            assert b"hello\n" in exchange(sock, b"GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n")
        old = exchange(sock, b"GET /hello.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        assert b"\r\nConnection: keep-alive\r\n" in old
        assert b"\r\nConnection: close\r\n" in exchange(sock, b"GET /hello.txt HTTP/1.0\r\n\r\n")
        assert receive_all(sock) == b""


@pytest.mark.parametrize("size", [10, 200_000])
def test_what_is_sent_is_never_older_than_the_request(site: Path, serve: Serve, size: int) -> None:
    server = serve("serve-http", str(site))
    path, request = site / "hello.txt", b"GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with connect(server) as sock:
        for content in (b"1", b"2", b"33", b"4"):
            path.write_bytes(content * size)
            os.utime(path, (1, 1))
            assert fetch(server, "/hello.txt").body == content * size
            # It is kept once its change is so far behind that another would be seen.
            for _ in range(30):
                assert exchange(sock, request).endswith(b"\r\n\r\n" + content * size)
        path.unlink()
        assert exchange(sock, request).startswith(b"HTTP/1.1 404 ")
        assert fetch(server, "/hello.txt").status == 404


@posix
def test_a_root_that_is_switched_is_noticed_at_once(site: Path, serve: Serve, tmp_path: Path) -> None:
    for release in ("one", "two"):
        shutil.copytree(site, tmp_path / release)
        (tmp_path / release / "hello.txt").write_text(release)
        os.utime(tmp_path / release / "hello.txt", (1, 1))
    (tmp_path / "current").symlink_to("one")
    server = serve("serve-http", str(tmp_path / "current"))
    for release in ("one", "two") * 3:
        (tmp_path / "next").symlink_to(release)
        (tmp_path / "next").replace(tmp_path / "current")
        for _ in range(5):
            assert fetch(server, "/hello.txt").body == release.encode()


def test_the_rest_of_a_request_is_never_taken_for_another(site: Path, serve: Serve, tmp_path: Path) -> None:
    """What is remembered by its bytes must be what those bytes ask for, or one client chooses another's answer."""
    ready = tmp_path / "ready"
    command = [*PYNETDB, "serve-http", str(site), "--port", "0", "--quiet", "--ready-file", str(ready)]
    with held(command, env=environment()):
        wait_for(ready)
        address = ("127.0.0.1", json.loads(ready.read_text())["port"])
        ours = b"GET /app.js HTTP/1.1\r\nHost: localhost\r\n\r\n"
        with socket.create_connection(address, PATIENCE) as sock:
            # The empty line's half is read before the rest comes: one more answer says so.
            begun = b"GET /folder/ HTTP/1.1\r\nHost: localhost\r\n\r\nGET /hello.txt HTTP/1.1\r\nX: "
            assert b" 200 OK\r\n" in exchange(sock, begun)
            assert b"\r\n\r\nhello\n" in exchange(sock, ours)
        with socket.create_connection(address, PATIENCE) as sock:
            for _ in range(3):
                assert b"\r\n\r\nexport const x = 1\n" in exchange(sock, ours)


def test_a_large_file_and_what_comes_behind_it(site: Path, serve: Serve) -> None:
    data = os.urandom(5_000_000)
    (site / "large.bin").write_bytes(data)
    age(site)
    server = serve("serve-http", str(site))
    with connect(server) as sock:
        request = (
            "GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2
            + "GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n"
        )
        sock.sendall(request.encode())
        sock.shutdown(socket.SHUT_WR)
        got = receive_all(sock)
    assert got.count(data) == 2 and got.endswith(b"\r\n\r\nhello\n")
    part = fetch(server, "/large.bin", Range="bytes=1000000-4000000")
    assert part.status == 206 and part.body == data[1_000_000:4_000_001]
    assert fetch(server, "/large.bin", "HEAD").body == b""


@posix
def test_a_file_that_shrinks_ends_the_connection(site: Path, serve: Serve) -> None:
    large = site / "large.bin"
    large.write_bytes(b"a" * 50_000_000)
    server = serve("serve-http", str(site))
    with connect(server) as sock:
        sock.sendall(b"GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n")
        got = sock.recv(100)
        # Behind what is on its way: sendfile sends the system's own pages, and it clears what is cut off.
        os.truncate(large, 40_000_000)
        got += receive_all(sock)
    head, _, body = got.partition(b"\r\n\r\n")
    assert b"Content-Length: 50000000" in head
    assert len(body) == 40_000_000 and body.strip(b"a") == b""


def test_folders(site: Path, serve: Serve) -> None:
    server = serve("serve-http", str(site))
    moved = fetch(server, "/folder?x=1")
    assert (moved.status, moved.fields["location"]) == (301, "./folder/?x=1")
    page = fetch(server, "/folder/")
    text = page.body.decode()
    assert page.fields["content-type"] == "text/html; charset=utf-8" and page.fields["vary"] == "Accept"
    assert "a b&amp;&lt;c&gt;.txt" in text and 'href="./a%20b%26%3Cc%3E.txt"' in text
    assert "<script" not in text and "http://" not in text.replace("http://www.w3.org", "")
    listed = json.loads(fetch(server, "/", Accept="application/json").body)
    assert [(entry["name"], entry["type"]) for entry in listed] == [
        ("app.js", "file"), ("folder", "directory"), ("hello.txt", "file"),
    ]  # fmt: skip
    assert listed[2]["size"] == 6 and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", listed[2]["modified"])
    order = [
        fetch(server, f"/?sort={key}&order={way}").body.decode()
        for key in ("name", "size")
        for way in ("asc", "desc")
    ]
    positions = [text.index("app.js<") < text.index("hello.txt<") for text in order]
    assert positions == [True, False, False, True]
    (site / "index.html").write_text("index")
    assert fetch(server, "/").body == b"index"
    for options, status, body in (
        (["--no-index"], 200, b"<!DOCTYPE"),
        (["--no-index", "--no-listing"], 404, b""),
    ):
        reply = fetch(serve("serve-http", str(site), *options), "/")
        assert reply.status == status and reply.body.startswith(body)


def test_hidden_names(site: Path, serve: Serve) -> None:
    server = serve("serve-http", str(site))
    assert fetch(server, "/.secret").status == 404
    assert b".secret" not in fetch(server, "/").body
    server = serve("serve-http", str(site), "--hidden")
    assert fetch(server, "/.secret").body == b"secret"
    assert b".secret" in fetch(server, "/").body


@posix
def test_links(site: Path, serve: Serve) -> None:
    (site / "inside").symlink_to("hello.txt")
    (site / "outside").symlink_to("../outside.txt")
    (site / "up").symlink_to("..")
    (site / "dangling").symlink_to("nothing")
    (site / "loop").symlink_to("loop")
    age(site)
    server = serve("serve-http", str(site))
    assert fetch(server, "/inside").body == b"hello\n"
    for path in ("/outside", "/up/", "/up/outside.txt", "/dangling", "/loop"):
        assert fetch(server, path).status == 404
    listed = fetch(server, "/").body
    assert b"inside" in listed and b"outside" not in listed and b"dangling" not in listed
    server = serve("serve-http", str(site), "--follow-symlinks")
    assert (
        fetch(server, "/outside").body == b"outside" and fetch(server, "/up/outside.txt").body == b"outside"
    )


@posix
def test_special_files_are_not_waited_for(site: Path, serve: Serve) -> None:
    os.mkfifo(site / "pipe")
    with socket.socket(socket.AF_UNIX) as sock:
        cwd = os.getcwd()
        os.chdir(site)
        sock.bind("socket")
        os.chdir(cwd)
        server = serve("serve-http", str(site))
        assert fetch(server, "/pipe").status == 404 and fetch(server, "/socket").status == 404
        assert b"pipe" not in fetch(server, "/").body


@linux
def test_files_that_cannot_be_read_end_nothing(serve: Serve) -> None:
    """/proc has all of them: files of size zero with much in them, and files that nobody can read."""
    server = serve("serve-http", "/proc")
    assert fetch(server, "/self/mem").status == 503
    assert fetch(server, f"/{server.pid}/cmdline").body.split(b"\0")[2:5] == [
        b"pynetdb",
        b"serve-http",
        b"/proc",
    ]
    mapped = fetch(server, f"/{server.pid}/maps")  # It comes a page at a time.
    assert len(mapped.body) > 4096 and b"[stack]" in mapped.body and mapped.body.endswith(b"\n")
    assert fetch(server, f"/{server.pid}/", Accept="application/json").status == 200


@linux
def test_no_descriptor_is_no_answer(site: Path, serve: Serve) -> None:
    """Whoever takes all descriptors gets no 404 for what is there, and does not end the server."""
    import resource

    (site / "large.bin").write_bytes(b"x" * 200_000)
    age(site)
    server = serve("serve-http", str(site))
    with connect(server) as sock:
        assert b"hello\n" in exchange(sock, b"GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n")
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        used = max(descriptors(server.pid)) + 1
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (used, hard))
        refused = exchange(sock, b"GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert statuses(refused) == [503] and b"Retry-After" in refused
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (used + 50, hard))
        assert len(exchange(sock, b"GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n")) > 200_000


@posix
def test_times_that_no_calendar_has(site: Path, serve: Serve) -> None:
    os.utime(site / "hello.txt", (0, 2**33))
    os.utime(site / "app.js", (0, -5))
    server = serve("serve-http", str(site))
    page = fetch(server, "/").body
    assert b'"1969-12-31T23:59:55Z"' in page and b">2242-03-1" in page
    reply = fetch(server, "/hello.txt")
    assert reply.fields["last-modified"] == reply.fields["date"]
    assert fetch(server, "/app.js").fields["last-modified"] == "Thu, 01 Jan 1970 00:00:00 GMT"


TRAVERSALS = [
    "/../outside.txt", "/..%2foutside.txt", "/%2e%2e/outside.txt", "/%2e%2e%2foutside.txt", "/folder/../../outside.txt",
    "/..\\outside.txt", "/..%5coutside.txt", "/%252e%252e/outside.txt", "//outside.txt", "/./../outside.txt", "/....//outside.txt",
    "/..;/outside.txt", "/%c0%ae%c0%ae/outside.txt", "/folder/%2e%2e/%2e%2e/outside.txt", "/..%00/outside.txt", "/~root/", "/..",
    "http://localhost/../outside.txt", "/folder/..%2f..%2foutside.txt", "/%2e./outside.txt", "/.%2e/outside.txt", "/C:/Windows/win.ini",
]  # fmt: skip


@pytest.mark.parametrize("options", [[], ["--hidden"], ["--spa"]])
def test_nothing_outside_leaves(site: Path, serve: Serve, options: list[str]) -> None:
    server = serve("serve-http", str(site), *options)
    for target in TRAVERSALS:
        reply = fetch(server, target)
        assert reply.status in (301, 400, 404), target
        assert b"outside" not in reply.body.replace(b"outside.txt", b"")


def test_compressed_copies(site: Path, serve: Serve) -> None:
    zipped = gzip.compress((site / "app.js").read_bytes())
    (site / "app.js.gz").write_bytes(zipped)
    (site / "app.js.br").write_bytes(b"brotli")
    age(site)
    server = serve("serve-http", str(site))
    reply = fetch(server, "/app.js", Accept_Encoding="gzip, br")
    assert (reply.body, reply.fields["content-encoding"], reply.fields["vary"]) == (
        b"brotli",
        "br",
        "Accept-Encoding",
    )
    assert reply.fields["content-type"].startswith("text/javascript")
    assert fetch(server, "/app.js", Accept_Encoding="gzip, br;q=0").body == zipped
    plain = fetch(server, "/app.js", Accept_Encoding="identity")
    assert plain.body.startswith(b"export") and plain.fields["vary"] == "Accept-Encoding"
    assert plain.fields["etag"] != reply.fields["etag"]
    unmet = fetch(server, "/app.js", Accept_Encoding="br", Range="bytes=99-")
    assert unmet.status == 416 and "content-encoding" not in unmet.fields and unmet.body.endswith(b"\n")
    os.utime(site / "app.js.br", (0, 0))
    while not fetch(server, "/app.js", Accept_Encoding="br").body.startswith(b"export"):
        pass  # Older than the file; that is seen within a second.
    assert "vary" not in fetch(server, "/hello.txt", Accept_Encoding="gzip").fields


def test_spa_cors_cache_and_headers(site: Path, serve: Serve) -> None:
    (site / "index.html").write_text("index")
    age(site)
    server = serve(
        "serve-http",
        str(site),
        "--spa",
        "--cors",
        "--cache",
        "2m",
        "-H",
        "X-Team: a b",
        "-H",
        "Content-Type: text/x",
    )
    reply = fetch(server, "/some/route")
    assert (reply.status, reply.body) == (200, b"index")
    assert reply.fields["cache-control"] == "max-age=120" and reply.fields["x-team"] == "a b"
    missing = fetch(server, "/%00")
    assert missing.status == 400 and missing.fields["content-type"] == "text/x"
    assert missing.fields["cache-control"] == "no-cache"  # It may be right in a moment.
    assert reply.fields["access-control-allow-origin"] == "*" and reply.fields["content-type"] == "text/x"
    preflight = fetch(
        server, "/x", "OPTIONS", Access_Control_Request_Method="GET", Access_Control_Request_Headers="x-a"
    )
    assert preflight.status == 204 and preflight.fields["access-control-allow-headers"] == "x-a"
    assert fetch(server, "/hello.txt").body == b"hello\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["missing"], "missing: is not a folder"),
        ([".", "-H", "no colon"], "expected 'Name: value'"),
        ([".", "-H", "a b: c"], "expected a token"),
        ([".", "-H", "Content-Length: 5"], "is the server's own"),
        ([".", "-H", "X: a\r\nY: b"], "no control characters"),
    ],
)
def test_wrong_command_lines(run: Run, arguments: list[str], told: str) -> None:
    done = run("serve-http", *arguments)
    assert done.returncode == 2 and told in done.stderr and done.stderr.count("\n") == 1


def test_count_is_of_requests(site: Path, serve: Serve) -> None:
    server = serve("serve-http", str(site), "--count", "3")
    with connect(server) as sock:
        exchange(sock, b"GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n")
        exchange(sock, b"GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n")
        last = exchange(sock, b"GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2)
        assert b"\r\nConnection: close\r\n" in last and statuses(last) == [200]
        assert receive_all(sock) == b""
    assert server.event("stopped")["requests"] == 3
    assert server.wait() == 0 and "1 connection, 3 requests, " in server.stderr


def test_too_many_clients(site: Path, serve: Serve) -> None:
    server = serve("serve-http", str(site), "--max-clients", "1")
    with connect(server) as first:
        exchange(first, b"GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with connect(server) as second:
            got = receive_all(second)
    assert got.startswith(b"HTTP/1.1 503 ") and b"\r\nConnection: close\r\n" in got


def test_a_large_file_that_is_asked_for_again_is_what_is_there_now(site: Path, serve: Serve) -> None:
    """Asked for twice within a second it is neither looked for nor opened again, unless it has changed."""
    large = site / "large.bin"
    server = serve("serve-http", str(site))
    tags = set()
    with connect(server) as sock:
        for number in range(8):
            content = bytes([number]) * (300_000 if number < 6 else 200_000)
            if number % 2:
                large.write_bytes(content)
            else:
                (site / "new").write_bytes(content)
                (site / "new").replace(large)
            os.utime(large, (1000, 1000))  # Its time and size tell nothing.
            for _ in range(3):
                sock.sendall(b"GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n")
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    head += sock.recv(1)
                assert b"\r\nContent-Length: %d\r\n" % len(content) in head
                assert receive(sock, len(content)) == content
                tags.add(re.search(rb"ETag: (\S+)", head)[1])  # type: ignore[index]
        large.unlink()
        sock.sendall(b"GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert receive(sock, 13) == b"HTTP/1.1 404 "
    assert len(tags) == 2  # By time and size, as they say of themselves.
    for _ in range(9):
        assert server.event("request")["bytes"] >= 200_000
    server.stop()


def test_events_and_the_log(site: Path, serve: Serve) -> None:
    server = serve("serve-http", str(site), "--verbose")
    fetch(server, '/hello.txt?"\x7f')
    assert server.event("request")["status"] == 400
    fetch(server, '/hello.txt?"x')
    event = server.event("request")
    assert {k: event[k] for k in ("method", "target", "status", "bytes")} == {
        "method": "GET", "target": '/hello.txt?"x', "status": 200, "bytes": 6,
    }  # fmt: skip
    server.stop()
    line = r'127\.0\.0\.1 - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET /hello\.txt\?\\"x HTTP/1\.1" 200 6\n'
    assert re.search(line, server.stderr)


def test_explain(site: Path, serve: Serve) -> None:
    (site / "large.bin").write_bytes(b"x" * 200_000)
    server = serve("serve-http", str(site), "--explain")
    assert len(fetch(server, "/large.bin").body) == 200_000
    server.stop()
    told = server.stderr
    assert "request(GET /large.bin HTTP/1.1\\r\\nHost: localhost\\r\\n" in told
    assert "response(HTTP/1.1 200 OK\\r\\nDate: " in told and "sendfile(fd " in told


@posix
def test_unix_socket(site: Path, serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "http.sock"
    server = serve("serve-http", str(site), "--unix", str(path), "-v")
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(PATIENCE)
        sock.connect(str(path))
        assert b"hello\n" in exchange(sock, b"GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n")
    server.stop()
    assert "- - - [" in server.stderr


# Those who do not want to be served


def hold(server: Served, number: int, data: bytes) -> list[socket.socket]:
    socks = []
    for _ in range(number):
        sock = connect(server)
        sock.sendall(data)
        socks.append(sock)
    return socks


@linux
@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-a: ",  # Slow loris.
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\nx",  # Slow body.
        b"GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n" * 10,  # Slow read.
    ],
)
def test_slow_clients_keep_nobody_waiting(site: Path, serve: Serve, data: bytes) -> None:
    (site / "large.bin").write_bytes(b"x" * 10_000_000)
    age(site)
    server = serve("serve-http", str(site))
    socks = hold(server, 300, data)
    try:
        for _ in range(20):
            assert fetch(server, "/hello.txt").body == b"hello\n"
        assert resident_memory(server.pid) < 60_000_000
    finally:
        for sock in socks:
            sock.close()


def test_a_request_has_its_time(tmp_path: Path) -> None:
    """Whoever sends a byte now and then is not silent; the request as a whole has a deadline."""
    code = "from pynetdb.servers.http import connection; connection.REQUEST_TIMEOUT = 0.3\nfrom pynetdb.cli import main\nmain()"
    command = [
        PYNETDB[0],
        "-c",
        code,
        "serve-http",
        str(tmp_path),
        "--port",
        "0",
        "--ready-file",
        str(tmp_path / "ready"),
    ]
    with held(command, env=environment(), stderr=-3) as process:
        wait_for(tmp_path / "ready")
        port = json.loads((tmp_path / "ready").read_text())["port"]
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as sock:
            sock.sendall(b"GET / HT")
            assert statuses(receive_all(sock)) == [408]
        process.send_signal(signal.SIGTERM)


@linux
def test_a_client_that_reads_little_and_asks_for_more_costs_little(site: Path, serve: Serve) -> None:
    """It takes just enough of one answer to be listened to again, and sends requests without end."""
    (site / "hundred.bin").write_bytes(b"x" * 100_000)
    age(site)
    server = serve("serve-http", str(site))
    requests = b"GET /hundred.bin HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1000
    with socket.socket() as sock:
        # Small segments and a small window, or the kernel takes whole answers from the server at a time.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        sock.connect(server.address)
        sent = got = 0
        while got < 400_000:
            sock.settimeout(0.005)
            try:
                sent += sock.send(requests)
            except TimeoutError:
                sock.settimeout(PATIENCE)
                got += len(sock.recv(1500))
        assert sent < 12_000_000  # What the kernel holds for both of us.


def test_a_client_that_never_reads_costs_little(site: Path, serve: Serve) -> None:
    """Thousands of requests for a kept file, and nobody takes the answers."""
    (site / "hundred.bin").write_bytes(b"x" * 100_000)
    age(site)
    server = serve("serve-http", str(site))
    request = b"GET /hundred.bin HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with connect(server) as sock:
        sock.setblocking(False)
        sent = 0
        try:
            while sent < 2_000_000:
                sent += sock.send(request * 1000)
        except BlockingIOError:
            pass
        assert fetch(server, "/hello.txt").body == b"hello\n"
        if os.path.exists("/proc"):
            assert resident_memory(server.pid) < 60_000_000


@linux
def test_names_that_hurt(corpora: Path, tmp_path: Path, serve: Serve) -> None:
    """Hostile strings as names of files: each link of the page leads to its file, and nothing in it is markup."""
    strings = json.loads((corpora / "strings" / "blns" / "blns.json").read_text("utf-8"))
    names = {
        os.fsencode(text)
        for text in strings
        if text.strip(".") and not text.startswith(".") and not set("/\0") & set(text)
    }
    names = {name for name in names if len(name) < 256} | {b"\xff\xfe.txt", b"a:b", b"%41", b"\n", b" ", b"~"}
    assert len(names) > 300
    (tmp_path / "site").mkdir()
    for name in names:
        (tmp_path / "site" / os.fsdecode(name)).write_bytes(b"I am " + name)
    server = serve("serve-http", str(tmp_path / "site"))
    page = Links()
    page.feed(fetch(server, "/").body.decode("utf-8"))
    assert page.tags <= OURS
    links = [link for link in page.links if link.startswith("./")]
    assert {fetch(server, f"/{link[2:]}").body for link in links} == {b"I am " + name for name in names}
    listed = json.loads(fetch(server, "/", Accept="application/json").body)
    assert len(listed) == len(names)
    assert {name.decode() for name in names - {b"\xff\xfe.txt"}} <= {entry["name"] for entry in listed}


OURS = {
    "html", "head", "meta", "title", "style", "body", "main", "h1", "table", "thead", "tbody", "tr", "th", "td", "a",
    "span", "time", "footer", "form", "input", "button",
}  # fmt: skip


class Links(HTMLParser):
    """The elements of a page, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]


# Whose pages may ask


def ask_host(port: int, host: str) -> int:
    with socket.create_connection(("127.0.0.1", port), 30) as sock:
        sock.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        return int(receive_all(sock).split()[1])


def test_a_server_on_loopback_is_asked_by_nobodys_name(serve: Serve, site: Path) -> None:
    server = serve("serve-http", str(site), "--allow-host", "my.test", "--allow-host", "*.dev.test")
    for host in (
        f"127.0.0.1:{server.port}",
        "localhost",
        "a.localhost:1",
        "[::1]",
        "MY.test:80",
        "x.dev.test",
    ):
        assert ask_host(server.port, host) == 200, host
    # DNS rebinding: a name of another site, whose owner has let it lead here.
    for host in ("evil.example", f"evil.example:{server.port}", "localhost.evil.example", "dev.test"):
        assert ask_host(server.port, host) == 421, host
    assert server.event("request")["status"] == 200


def test_a_target_that_is_a_url_says_who_is_asked(serve: Serve, site: Path) -> None:
    """RFC 9112 section 3.2.2: Host is ignored then, though there must be one, and one that can be."""
    server = serve("serve-http", str(site))
    for target, host, status in (
        ("http://127.0.0.1/hello.txt", "evil.example", 200),
        ("HTTP://localhost:1/hello.txt", "evil.example", 200),
        ("http://evil.example/hello.txt", "127.0.0.1", 421),
        ("http://evil.example?http://127.0.0.1/", "127.0.0.1", 421),
        ("http://127.0.0.1/hello.txt", "a b", 400),
        ("http://127.0.0.1/hello.txt", "127.0.0.1\r\nHost: 127.0.0.1", 400),
        ("/hello.txt?http://127.0.0.1/", "evil.example", 421),
    ):
        with connect(server) as sock:
            sock.sendall(f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            assert int(receive_all(sock).split()[1]) == status, (target, host)


def test_every_name_can_be_allowed(serve: Serve, site: Path) -> None:
    server = serve("serve-http", str(site), "--allow-host", "*")
    assert ask_host(server.port, "evil.example") == 200


def test_the_name_of_the_host_option_is_ours(serve: Serve, site: Path) -> None:
    name = socket.gethostname()
    try:
        addresses = {address[4][0] for address in socket.getaddrinfo(name, 0)}
    except OSError:
        addresses = set()
    if not addresses or not all(str(address).startswith("127.") or address == "::1" for address in addresses):
        name = "ip6-localhost" if b"ip6-localhost" in Path("/etc/hosts").read_bytes() else "localhost"
    server = serve("serve-http", str(site), "--host", name)
    with socket.create_connection(server.address, 30) as sock:
        sock.sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
        assert receive_all(sock).split()[1] == b"200"


def test_who_serves_others_has_names_that_we_cannot_know(serve: Serve, site: Path) -> None:
    server = serve("serve-http", str(site), "--host", "0.0.0.0")
    assert ask_host(server.port, "my-laptop.home") == 200


@posix
def test_a_unix_socket_is_behind_somebodys_proxy(serve: Serve, site: Path, tmp_path: Path) -> None:
    path = str(tmp_path / "http.sock")
    serve("serve-http", str(site), "--unix", path)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(30)
        sock.connect(path)
        sock.sendall(b"GET / HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\n\r\n")
        assert receive_all(sock).split()[1] == b"200"


@pytest.mark.parametrize("name", ["", "a:80", "http://a", "a b", "a/b"])
def test_what_is_no_name_to_allow(run: Run, name: str) -> None:
    done = run("serve-http", "--port", "0", "--for", "1s", "--allow-host", name)
    assert done.returncode == 2 and "--allow-host" in done.stderr
