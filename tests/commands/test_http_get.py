"""http-get, against servers that answer well and servers that misbehave."""

import gzip
import hashlib
import json
import os
import socket
import subprocess
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import RESET, fake
from programs import PYNETDB, Run, Serve, environment, posix

Talk = Callable[[socket.socket], object]


def says(*answers: bytes) -> Talk:
    """A server that reads a request's head, and answers whatever it was; the next client gets the next."""
    left = list(answers)

    def talk(sock: socket.socket) -> None:
        heard = b""
        while b"\r\n\r\n" not in heard:
            data = sock.recv(65536)
            if not data:
                return
            heard += data
        talk.heard.append(heard)  # type: ignore[attr-defined]
        sock.sendall(left.pop(0) if len(left) > 1 else left[0])

    talk.heard = []  # type: ignore[attr-defined]
    return talk


def ok(body: bytes, *fields: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


BODY = b'one <a href="/two">2</a> and <a href="/three">3</a>\n'


def test_a_body(run: Run) -> None:
    with fake(says(ok(BODY))) as port:
        done = run("http-get", f"http://127.0.0.1:{port}/", text=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, BODY, b"")


def test_what_goes_over_the_wire(run: Run) -> None:
    talk = says(ok(BODY))
    with fake(talk) as port:
        done = run(
            "http-get", "--explain", "-H", "X-Mine: yes", f"http://u:p%40@127.0.0.1:{port}/a b/../ü?q#f"
        )
    lines = talk.heard[0].decode().split("\r\n")  # type: ignore[attr-defined]
    assert lines[0] == "GET /%C3%BC?q HTTP/1.1"
    assert {
        f"Host: 127.0.0.1:{port}",
        "X-Mine: yes",
        "Authorization: Basic dTpwQA==",
        "Connection: close",
    } <= set(lines)
    assert "client request(GET /%C3%BC?q HTTP/1.1) = sent" in done.stderr
    assert "client response(HTTP/1.1 200 OK) = received" in done.stderr


def test_metadata(run: Run, tmp_path: Path) -> None:
    with fake(says(ok(BODY, "X-A: 1"))) as port:
        facts = json.loads(
            run("http-get", "--json", f"http://127.0.0.1:{port}/", "-o", str(tmp_path / "f")).stdout
        )
    times = facts.pop("timing_ms")
    assert facts == {
        "url": f"http://127.0.0.1:{port}/",
        "status": 200,
        "reason": "OK",
        "http": "1.1",
        "headers": [["Content-Length", str(len(BODY))], ["X-A", "1"]],
        "bytes": len(BODY),
        "sha256": hashlib.sha256(BODY).hexdigest(),
    }
    assert times["tls"] is None and 0 < times["first_byte"] <= times["total"]
    assert (tmp_path / "f").read_bytes() == BODY
    assert os.listdir(tmp_path) == ["f"]


def test_find(run: Run) -> None:
    with fake(says(ok(BODY))) as port:
        url = f"http://127.0.0.1:{port}/"
        rows = json.loads(run("http-get", "--json", "--find", r'href="/(?P<to>\w+)">(\d)', url).stdout)
        assert rows == [{"to": "two", "2": "2"}, {"to": "three", "2": "3"}]
        none = run("http-get", "--json", "--find", "nothing", url)
        assert (none.returncode, json.loads(none.stdout)) == (7, [])
        assert run("http-get", "--find", "(", url).returncode == 2
        assert run("http-get", "-f", "raw", "--find", r"\d", url).stdout == "2\n3\n"


@posix
def test_a_catastrophic_pattern_ends(run: Run) -> None:
    with fake(says(ok(b"a" * 5000 + b"b"))) as port:
        done = run("http-get", "--timeout", "1s", "--find", "(a+)+$", f"http://127.0.0.1:{port}/")
    assert done.returncode == 4


@pytest.mark.parametrize("coding", ["gzip", "deflate", "raw"])
def test_codings_are_undone(run: Run, coding: str) -> None:
    raw = zlib.compressobj(wbits=-15)
    packed = {
        "gzip": gzip.compress(BODY[:9]) + gzip.compress(BODY[9:]),
        "deflate": zlib.compress(BODY),
        "raw": raw.compress(BODY) + raw.flush(),
    }[coding]
    name = "gzip" if coding == "gzip" else "deflate"
    with fake(
        says(ok(packed, f"Content-Encoding: {name}"), ok(packed[:-9], f"Content-Encoding: {name}"))
    ) as port:
        url = f"http://127.0.0.1:{port}/"
        assert run("http-get", url, text=False).stdout == BODY
        assert run("http-get", url).returncode == 5


def test_a_bomb(run: Run, tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(30_000_000))
    with fake(says(ok(bomb, "Content-Encoding: gzip"))) as port:
        limited = ("http-get", "--max-size", "1MB", "-o", str(tmp_path / "f"), f"http://127.0.0.1:{port}/")
        done = run(*limited, "--compressed")
        assert done.returncode == 7 and "--max-size" in done.stderr
        assert os.listdir(tmp_path) == []
        assert run(*limited).returncode == 0
    assert (tmp_path / "f").read_bytes() == bomb


def test_redirects(run: Run) -> None:
    hop = ok(b"", "Location: ../b?c#d", status="302 Found")
    with fake(says(hop)) as port:
        done = run("http-get", f"http://127.0.0.1:{port}/")
        assert done.returncode == 0 and "-L follows" in done.stderr
        assert run("http-get", "-L", f"http://127.0.0.1:{port}/").returncode == 5
    talk = says(hop, ok(BODY))
    with fake(talk) as port:
        assert run("http-get", "-L", f"http://127.0.0.1:{port}/x/y").stdout == BODY.decode()
    assert talk.heard[1].startswith(b"GET /b?c HTTP/1.1\r\n")  # type: ignore[attr-defined]


def test_secrets_stay_with_their_origin(run: Run) -> None:
    other = says(ok(BODY))
    with (
        fake(other) as away,
        fake(says(ok(b"", f"Location: http://127.0.0.1:{away}/", status="301 x"))) as port,
    ):
        run(
            "http-get",
            "-L",
            "-H",
            "X-Token: secret",
            "-H",
            "Accept: a/b",
            f"http://user:secret@127.0.0.1:{port}/",
        )
    heard = other.heard[0]  # type: ignore[attr-defined]
    assert b"secret" not in heard and b"Authorization" not in heard and b"Accept: a/b" in heard


HOSTILE = {
    "negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx",
    "enormous length": b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999999999\r\n\r\nx",
    "longer length": b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\nx",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy",
    "NUL": b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 1\r\n\r\nx",
    "escape in reason": b"HTTP/1.1 200 \x1b[31mred\r\nContent-Length: 1\r\n\r\nx",
    "endless headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500_000,
    "endless 1xx": b"HTTP/1.1 100 Continue\r\n\r\n" * 100_000,
    "status line": b"HTTP/1.1 200 " + b"a" * 20_000_000,
    "file location": ok(b"", "Location: file:///etc/passwd", status="302 Found"),
    "loop": ok(b"", "Location: /", status="302 Found"),
    "cut": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx",
    "cut chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n",
    "unasked part": ok(b"x", "Content-Range: bytes 0-0/9", status="206 Partial Content"),
    "silence": b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_answers(run: Run, tmp_path: Path, name: str) -> None:
    with fake(says(HOSTILE[name])) as port:
        done = run("http-get", "-L", "-o", str(tmp_path / "file"), f"http://127.0.0.1:{port}/")
    assert done.returncode == 5, done.stderr
    assert "\x1b" not in done.stderr and done.stderr.count("\n") == 1
    # What was a body so far is there to be continued.
    stays = {"file.part", "file.part.json"} if "stay in" in done.stderr else set()
    assert set(os.listdir(tmp_path)) == stays
    assert bool(stays) == (name in ("enormous length", "cut", "cut chunks"))


def test_a_server_that_drips(run: Run, tmp_path: Path) -> None:
    def drip(sock: socket.socket) -> None:
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nx")
        sock.recv(65536)
        sock.recv(65536)

    with fake(drip) as port:
        url = f"http://127.0.0.1:{port}/"
        assert run("http-get", "--timeout", "300ms", url).returncode == 4
        done = run("http-get", "--stall", "300ms", "-o", str(tmp_path / "f"), url)
    assert done.returncode == 4
    assert done.stderr == (
        f"Error: {url}: nothing came for 0.3 s (--stall); "
        f"1 of 5 bytes stay in {tmp_path / 'f'}.part (-C goes on from there)\n"
    )
    assert (tmp_path / "f.part").read_bytes() == b"x"


def test_an_error_is_printed_and_does_not_become_the_file(run: Run, tmp_path: Path) -> None:
    with fake(says(ok(BODY, status="404 Not\x9bhere"))) as port:
        url = f"http://127.0.0.1:{port}/"
        done = run("http-get", url)
        assert (done.returncode, done.stdout) == (7, BODY.decode())
        assert "\x9b" not in done.stderr
        assert run("http-get", "-o", str(tmp_path / "f"), url).returncode == 7
    assert os.listdir(tmp_path) == []


def test_ranges(run: Run) -> None:
    part = ok(b"bc", "Content-Range: bytes 1-2/4", status="206 Partial Content")
    with fake(says(part, part, ok(b"abcd"))) as port:
        url = f"http://127.0.0.1:{port}/"
        assert run("http-get", "--range", "1-2", url).stdout == "bc"
        assert run("http-get", "--range", "0-1", url).returncode == 5
        assert "ignored" in run("http-get", "--range", "1-2", url).stderr
        assert run("http-get", "--range", "2-1", url).returncode == 2


def test_retries(run: Run) -> None:
    with fake(says(ok(b"", status="503 Busy"), ok(BODY))) as port:
        done = run("http-get", "--retry", "1", f"http://127.0.0.1:{port}/")
    assert (done.returncode, done.stdout) == (0, BODY.decode())
    assert "trying again" in done.stderr
    again = run("http-get", "--retry", "1", "--retry-refused", f"http://127.0.0.1:{port}/")
    assert again.returncode == 3 and "trying again" in again.stderr
    assert "trying" not in run("http-get", "--retry", "1", f"http://127.0.0.1:{port}/").stderr


def test_heads(run: Run) -> None:
    with fake(says(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")) as port:
        done = run("http-get", "-I", f"http://127.0.0.1:{port}/", text=False)
    assert done.stdout == b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    with fake(says(ok(b"x"))) as port:
        done = run("http-get", "-i", f"http://127.0.0.1:{port}/", text=False)
    assert done.stdout == b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"


@pytest.mark.parametrize("form", ["jsonl", "csv", "tsv", "markdown"])
def test_formats(run: Run, form: str) -> None:
    with fake(says(ok(b"x"))) as port:
        assert "sha256" in run("http-get", "-f", form, f"http://127.0.0.1:{port}/").stdout
        assert "first_byte" in run("http-get", "--timing", f"http://127.0.0.1:{port}/").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("file:///etc/passwd",),
        ("",),
        ("http://[::zz]/",),
        ("http://h:99999/",),
        ("8080",),
        ("http://h/", "-H", "no colon"),
        ("http://h/", "-H", "A: b\r\nC: d"),
        ("http://h/", "-H", "Content-Length: 5"),
        ("http://h/", "-I", "-o", "f"),
        ("http://h/", "-I", "-O"),
        ("http://h/", "-o", "f", "-O"),
        ("http://h/", "-C"),
        ("http://h/", "-C", "-o", "-"),
        ("http://h/", "-C", "-o", "f", "--range", "1-"),
        ("http://h/", "-C", "-o", "f", "-H", "range: bytes=1-"),
        ("http://h/", "-C", "-o", "f", "--compressed"),
        ("http://h/", "--compressed", "--range", "1-"),
        ("http://h/", "-C", "-o", "f", "--find", "x"),
        ("http://h/", "--proxy", "socks5://h:1"),
        ("http://h/", "--proxy", "h:1", "--no-proxy"),
        ("http://h/", "--retry-refused"),
        ("http://h/", "-o", "/nowhere/at/all"),
    ],
)
def test_wrong_command_lines(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("http-get", *arguments).returncode == 2


def make_certificate(stranger: Callable[[str], str], folder: Path) -> tuple[str, str]:
    """Make a certificate for this machine that signs itself; return its file and that of the key."""
    key, certificate = str(folder / "key"), str(folder / "certificate")
    make = f"req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -keyout {key} -out {certificate}"
    subprocess.run([stranger("openssl"), *make.split()], check=True, capture_output=True)
    return certificate, key


@posix
def test_https(stranger: Callable[[str], str], run: Run, tmp_path: Path) -> None:
    certificate, key = make_certificate(stranger, tmp_path)
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    plain = says(ok(BODY))

    def talk(sock: socket.socket) -> None:
        with context.wrap_socket(sock, server_side=True) as secure:
            plain(secure)

    with fake(talk) as port:
        url = f"https://127.0.0.1:{port}/"
        refused = run("http-get", url)
        assert refused.returncode == 3 and "certificate" in refused.stderr
        assert run("http-get", "--insecure", "--explain", url).stdout == BODY.decode()
        facts = json.loads(run("http-get", "--json", url, env={"SSL_CERT_FILE": certificate}).stdout)
        assert facts["timing_ms"]["tls"] > 0
    with fake(says(ok(BODY))) as port:
        assert run("http-get", "--timeout", "1s", f"https://127.0.0.1:{port}/").returncode in (4, 5)


def reset(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    sock.close()


@posix
@pytest.mark.parametrize(
    ("talk", "status"),
    [
        (lambda sock: None, 5),
        (reset, 3),
        (lambda sock: sock.sendall(b"no TLS at all\r\n"), 5),
        (lambda sock: sock.recv(1 << 16) and sock.recv(1), 4),
    ],
)
def test_what_fails_behind_a_proxy_is_told_of_the_server(run: Run, talk: Talk, status: int) -> None:
    done = tunnelled(run, talk)
    assert done.returncode == status and done.stderr.startswith("Error: 127.0.0.1:1: ")


def tunnelled(run: Run, talk: Talk, *options: str) -> subprocess.CompletedProcess[str]:
    """Ask a server behind a proxy that connects to nobody, and talks so in its place."""

    def connect(sock: socket.socket) -> None:
        assert sock.recv(1 << 16).startswith(b"CONNECT 127.0.0.1:1 ")
        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        talk(sock)

    with fake(connect) as port:
        words = ("--proxy", f"127.0.0.1:{port}", "--timeout", "2s", *options, "https://127.0.0.1:1/")
        return run("http-get", *words)


@posix
def test_a_server_behind_a_proxy_that_nobody_trusts_or_understands(
    stranger: Callable[[str], str], run: Run, tmp_path: Path
) -> None:
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*make_certificate(stranger, tmp_path))

    def talk(sock: socket.socket) -> None:
        with context.wrap_socket(sock, server_side=True) as secure:
            says(b"what?\r\n\r\n")(secure)

    done = tunnelled(run, talk)
    assert done.returncode == 3
    assert done.stderr.startswith("Error: 127.0.0.1:1: the certificate is not trusted")
    done = tunnelled(run, talk, "--cacert", "0" * 64)
    assert done.returncode == 3 and done.stderr.startswith("Error: 127.0.0.1:1: the certificate's SHA-256")
    done = tunnelled(run, talk, "--insecure")
    assert done.returncode == 5 and "Error: https://127.0.0.1:1/: " in done.stderr


@posix
def test_a_unix_socket(tmp_path: Path) -> None:
    import threading

    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()

        def serve() -> None:
            with listening.accept()[0] as sock:
                says(ok(BODY))(sock)

        thread = threading.Thread(target=serve)
        thread.start()
        command = [*PYNETDB, "http-get", "--unix", path, "http://localhost/"]
        done = subprocess.run(command, capture_output=True, env=environment(), timeout=30)
        thread.join()
    assert done.stdout == BODY


def test_insecure_warns(run: Run) -> None:
    told = "http-get: nobody checks the server's certificate (--insecure)\n"
    assert told in run("http-get", "--insecure", "https://127.0.0.1:1/").stderr
    assert told not in run("http-get", "https://127.0.0.1:1/").stderr


@pytest.mark.parametrize(("fault", "status"), [("reset-after", 3), ("close-after", 5)])
def test_a_download_with_breaks_comes_down_whole(
    run: Run, serve: Serve, tmp_path: Path, fault: str, status: int
) -> None:
    """The 5 GB of benchmarks/download.py in small, with holes too."""
    site = tmp_path / "site"
    site.mkdir()
    whole = os.urandom(1_000_000) + bytes(1_000_000) + os.urandom(1_000_000)
    (site / "f").write_bytes(whole)
    server = serve("serve-http", str(site), "--fault", f"{fault}=900000")
    url = f"http://127.0.0.1:{server.port}/f"
    there = 0
    for flags in ((), ("-C",), ("-C",)):
        done = run("http-get", *flags, "-O", url, cwd=tmp_path)
        assert (
            done.returncode == status
            and "of 3000000 bytes stay in f.part (-C goes on from there)" in done.stderr
        )
        part = (tmp_path / "f.part").read_bytes()
        assert whole.startswith(part) and len(part) > there
        there = len(part)
    assert run("http-get", "-C", "-O", url, cwd=tmp_path).returncode == 0
    assert (tmp_path / "f").read_bytes() == whole
    done = run("http-get", "--retry", "5", "-o", "g", "--json", url, cwd=tmp_path)
    assert json.loads(done.stdout)["sha256"] == hashlib.sha256(whole).hexdigest()
    assert (tmp_path / "g").read_bytes() == whole
    assert not list(tmp_path.glob("*.part*"))


def test_a_file_that_changed_begins_at_the_beginning(run: Run, tmp_path: Path) -> None:
    cut = b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nETag: "1"\r\n\r\nabcd'
    talk = says(cut, ok(b"another", 'ETag: "2"'))
    with fake(talk) as port:
        url = f"http://127.0.0.1:{port}/"
        assert run("http-get", "-o", "f", url, cwd=tmp_path).returncode == 5
        done = run("http-get", "-C", "-o", "f", url, cwd=tmp_path)
    assert done.returncode == 0 and "it is not what it was: from the beginning" in done.stderr
    assert (tmp_path / "f").read_bytes() == b"another" and os.listdir(tmp_path) == ["f"]
    assert b'\r\nRange: bytes=4-\r\nIf-Range: "1"\r\n' in talk.heard[1]  # type: ignore[attr-defined]


def test_a_part_that_was_not_asked_for_is_no_part_to_go_on_from(run: Run, tmp_path: Path) -> None:
    cut = b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nETag: "1"\r\n\r\nabcd'
    wrong = ok(b"abcde", 'ETag: "1"', "Content-Range: bytes 0-4/9", status="206 Partial Content")
    with fake(says(cut, wrong, wrong, ok(b"abcdefghi"))) as port:
        url = f"http://127.0.0.1:{port}/"
        assert run("http-get", "-o", "f", url, cwd=tmp_path).returncode == 5
        for _ in range(2):
            done = run("http-get", "-C", "-o", "f", url, cwd=tmp_path)
            assert done.returncode == 5 and done.stderr == (
                f"Error: {url}: Content-Range 'bytes 0-4/9' is not the part that was asked for, 4- "
                "(without -C it is fetched from the beginning); 4 bytes stay in f.part\n"
            )
        assert run("http-get", "-o", "f", url, cwd=tmp_path).returncode == 0
        assert (tmp_path / "f").read_bytes() == b"abcdefghi"
    with fake(says(wrong)) as port:
        url = f"http://127.0.0.1:{port}/"
        done = run("http-get", "--range", "4-", url)
    assert done.returncode == 5 and done.stderr.startswith(f"Error: {url}: Content-Range")


def test_a_long_download_is_no_late_answer(run: Run, tmp_path: Path) -> None:
    def slow(sock: socket.socket) -> None:
        sock.recv(65536)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n")
        over = threading.Event()
        for _ in range(8):
            over.wait(0.2)
            sock.sendall(b"x")

    with fake(slow) as port:
        url = f"http://127.0.0.1:{port}/"
        done = run("http-get", "--timeout", "1s", "--stall", "20s", "-o", "f", url, cwd=tmp_path)
    assert (done.returncode, (tmp_path / "f").read_bytes()) == (0, b"x" * 8)


def test_names_of_the_server_stay_in_the_folder(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    evil = 'Content-Disposition: attachment; filename="../../.bashrc"'
    with fake(says(ok(b"x", evil))) as port:
        url = f"http://127.0.0.1:{port}/"
        assert run("http-get", "-O", url, cwd=folder).returncode == 0
        assert os.listdir(folder) == ["bashrc"] and os.listdir(tmp_path) == ["here"]
        again = run("http-get", "-O", url, cwd=folder)
    assert again.returncode == 2 and again.stderr == "Error: bashrc: exists (-o bashrc replaces it)\n"
    with fake(says(ok(b"x"))) as port:
        assert run("http-get", "-O", f"http://127.0.0.1:{port}/", cwd=folder).returncode == 2


def test_what_is_saved_stays_as_it_came(run: Run, tmp_path: Path) -> None:
    packed = gzip.compress(BODY)
    talk = says(ok(packed, "Content-Encoding: x-gzip"))
    with fake(talk) as port:
        url = f"http://127.0.0.1:{port}/x.tar.gz"
        done = run("http-get", "-O", url, cwd=tmp_path)
        assert (tmp_path / "x.tar.gz").read_bytes() == packed
        assert "stays as it came, in x-gzip (--compressed undoes" in done.stderr
        assert run("http-get", "-o", "-", url, text=False).stdout == packed
        assert run("http-get", "-f", "raw", url, text=False).stdout == packed
        assert run("http-get", "-H", "Accept-Encoding: identity", url, text=False).stdout == packed
        assert run("http-get", "--compressed", "-o", "f", url, cwd=tmp_path).stderr == ""
        assert (tmp_path / "f").read_bytes() == BODY
        assert run("http-get", "--compressed", "-f", "raw", url, text=False).stdout == BODY
    heard = talk.heard  # type: ignore[attr-defined]
    assert b"Accept-Encoding: identity\r\n" in heard[0] and b"Accept-Encoding: gzip, deflate\r\n" in heard[4]


@posix
@pytest.mark.parametrize(
    ("answer", "arguments", "status", "shown"),
    [
        (ok(b"caf\xe9", "Content-Type: text/plain; charset=iso-8859-1"), (), 0, "café"),
        (ok(b"\xef\xbb\xbfid,name"), (), 0, "id,name"),
        (ok(b"\x89PNG\r\n\x1a\n\0\0"), (), 1, "the body is no text, which a terminal could show (-o FILE"),
        (ok(b"a\0b\x1b[0m"), ("-o", "-"), 0, "a\0b\x1b[0m"),
    ],
)
def test_a_body_on_a_terminal(
    stranger: Callable[[str], str], answer: bytes, arguments: tuple[str, ...], status: int, shown: str
) -> None:
    import shlex

    with fake(says(answer)) as port:
        command = shlex.join([*PYNETDB, "http-get", *arguments, f"http://127.0.0.1:{port}/"])
        script = [stranger("script"), "-qec", command, "/dev/null"]
        done = subprocess.run(script, capture_output=True, env=environment(), timeout=60, check=False)
    assert done.returncode == status
    assert done.stdout.decode().strip("\r\n").startswith("Error" if status else shown)
    assert shown in done.stdout.decode()


def test_marks_and_charsets_do_not_hide_what_is_found(run: Run) -> None:
    for body in (b"\xef\xbb\xbfid,name\n", b"\xff\xfei\0d\0,\0"):
        with fake(says(ok(body, "Content-Type: text/csv"))) as port:
            assert run("http-get", "--find", "^id", f"http://127.0.0.1:{port}/").returncode == 0


@pytest.mark.parametrize("place", ["myapp://open", "mailto:a@b.c", "http://[", "", "/ok"])
def test_a_redirect_that_is_not_followed(run: Run, place: str) -> None:
    with fake(says(ok(b"moved\n", f"Location: {place}", status="302 Found"))) as port:
        url = f"http://127.0.0.1:{port}/"
        done = run("http-get", url)
        followed = run("http-get", "-L", url) if not place else None
    assert (done.returncode, done.stdout) == (0, "moved\n")
    assert done.stderr.startswith("http-get: 302: ") and done.stderr.count("\n") == 1
    if followed is not None:
        assert (followed.returncode, followed.stdout) == (0, "moved\n")


def test_what_is_tolerated_is_told_when_asked(run: Run) -> None:
    with fake(says(b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nx\n")) as port:
        url = f"http://127.0.0.1:{port}/"
        assert run("http-get", url).stderr == ""
        assert f"http-get: {url}: tolerated: " in run("http-get", "-v", url).stderr


@posix
@pytest.mark.parametrize("name", ["foo..bar", ".foo", f"{'a' * 70}.x", "."])
def test_a_name_that_tls_cannot_have(run: Run, serve: Serve, tmp_path: Path, name: str) -> None:
    path = str(tmp_path / "s")
    serve("serve-http", str(tmp_path), "--unix", path)
    done = run("http-get", "--unix", path, "--retry", "3", f"https://{name}/")
    assert done.returncode == 3
    assert done.stderr == f"Error: {name}: unknown host, which cannot be a server's name in TLS\n"
