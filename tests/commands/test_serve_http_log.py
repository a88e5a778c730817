"""What `serve-http` tells its operator: why a request was refused, and how much of an answer left."""

import socket
import ssl
from pathlib import Path

import pytest
from network import connect, receive, receive_all
from programs import Serve, Served

LARGE = 30_000_000

TLS_HELLO = bytes.fromhex("1603010200010001fc0303")
HOST = b"Host: localhost\r\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    root = tmp_path / "site"
    root.mkdir()
    (root / "hello.txt").write_text("hello\n")
    (root / "large.bin").write_bytes(b"")
    with open(root / "large.bin", "r+b") as file:
        file.truncate(LARGE)
    return root


def say(server: Served, data: bytes) -> bytes:
    with connect(server) as sock:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        return receive_all(sock)


# What is said, the status, the line as far as it was read (None: the request was), and why.
REFUSED = [
    (TLS_HELLO, 400, "", "a TLS hello: this is http, not https"),
    (b"GET /half", 400, "GET /half", "the stream ended within a request"),
    (b"GET /a HTTP/1.1\r\nHost: loc", 400, "GET /a HTTP/1.1", "the stream ended within a request"),
    (b"GET /a HTTP/1.1\r\n\r\n", 400, "GET /a HTTP/1.1", "no Host field, expected one in HTTP/1.1"),
    (b"GET /a HTTP/3.0\r\n\r\n", 505, "GET /a HTTP/3.0", "the request is HTTP/3.0, expected"),
    (b"BREW /pot HTTP/1.1\r\n" + HOST + b"\r\n", 501, "BREW /pot HTTP/1.1", "unknown method"),
    (b" GET / HTTP/1.1\r\n\r\n", 400, " GET / HTTP/1.1", "a request begins with ' '"),
    (b"GET /%zz HTTP/1.1\r\n" + HOST + b"\r\n", 400, None, "a percent sign in the path"),
    (b"GET /no HTTP/1.1\r\n" + HOST + b"\r\n", 404, None, "nothing is here"),
    (b"PUT /no HTTP/1.1\r\n" + HOST + b"\r\n", 405, None, "PUT is not for files"),
    (b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421, None, "this server is for this machine"),
    (b"GET /hello.txt HTTP/1.1\r\nRange: bytes=99-\r\n" + HOST + b"\r\n", 416, None, "the file is shorter"),
    (b'GET /hello.txt HTTP/1.1\r\nIf-Match: "x"\r\n' + HOST + b"\r\n", 412, None, "the file is not what"),
    (b'GET / HTTP/1.1\r\nIf-Match: "x"\r\n' + HOST + b"\r\n", 412, None, "the listing is not what"),
]


def test_why_a_request_was_refused(site: Path, serve: Serve) -> None:
    server = serve("serve-http", str(site), "--verbose")
    told = []
    for data, status, line, why in REFUSED:
        say(server, data)
        event = server.event("request")
        assert event["status"] == status, data
        assert event["error"].startswith(why), data
        assert event.get("line") == line, data
        assert (event["method"] is None) == (line is not None)
        told.append(f"{status} {event['bytes'] or '-'} ({event['error']})")
    say(server, b"GET /hello.txt HTTP/1.1\r\n" + HOST + b"\r\n")
    assert server.event("request")["error"] is None
    server.stop()
    lines = [line for line in server.stderr.splitlines() if line.startswith("127.0.0.1 - - [")]
    assert [line.rpartition('" ')[2] for line in lines] == [*told, "200 6"]
    assert '"-" 400 37 (a TLS hello: this is http, not https)' in lines[0]
    assert '"GET /half" 400' in lines[1]


def test_one_client_too_many_is_told_with_the_bound(site: Path, serve: Serve) -> None:
    server = serve("serve-http", str(site), "--max-clients", "1")
    with connect(server) as first:
        first.sendall(b"GET /hello.txt HTTP/1.1\r\n" + HOST + b"\r\n")
        receive(first, 1)
        assert say(server, b"").startswith(b"HTTP/1.1 503 ")
        assert server.event("refused")["error"] == "more than 1 clients"


def test_a_refused_line_is_that_of_its_own_request(site: Path, serve: Serve) -> None:
    server = serve("serve-http", str(site))
    say(server, b"HEAD /hello.txt HTTP/1.1\r\n" + HOST + b"\r\n\r\n\r\n\r\nGET")
    assert server.event("request")["error"] is None
    event = server.event("request")
    assert event["line"] == "" and event["bytes"] > 0


@pytest.mark.parametrize(
    "options", [(), ("--self-signed",), ("--fault", "reset-after=90000"), ("--fault", "close-after=90000")]
)
@pytest.mark.parametrize("before", [0, 2])
def test_the_bytes_that_were_really_sent(
    site: Path, serve: Serve, options: tuple[str, ...], before: int
) -> None:
    server = serve("serve-http", str(site), *options)
    sock = connect(server)
    if "--self-signed" in options:
        context = ssl.create_default_context(cadata=server.event("certificate")["pem"])
        sock = context.wrap_socket(sock, server_hostname="localhost")
    with sock:
        small = b"GET /hello.txt HTTP/1.1\r\n" + HOST + b"\r\n"
        sock.sendall(small * before + b"GET /large.bin HTTP/1.1\r\n" + HOST + b"\r\n")
        got = b""
        while got.count(b"HTTP/1.1 200") <= before:
            piece = receive(sock, 1)
            assert piece
            got += piece
        if "--fault" in options:
            receive_all(sock)
    for _ in range(before):
        event = server.event("request")
        assert (event["bytes"], event["error"]) == (6, None)
    # The end of the connection comes behind everything that is told of it: else there is no request there.
    request, closed = server.event("request"), server.event("closed")
    assert request["bytes"] < LARGE
    assert request["bytes"] <= closed["bytes_sent"]
    assert request["error"] == f"cut off: {LARGE} bytes were owed"
    if "--fault" in options:
        assert 80_000 < request["bytes"] < 90_000
