"""The room's pages: who may come in by them, and what they carry."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest
from programs import Run, Serve, Served

PATIENCE = 20.0


class Reply(NamedTuple):
    status: int
    fields: dict[str, str]
    body: bytes


@pytest.fixture
def room(serve: Serve) -> Served:
    return serve("chat-server", "--web", "0", "--rate", "3")


@pytest.fixture
def place(room: Served) -> tuple[int, str]:
    """Port and path of the pages."""
    url = room.event("web")["url"]
    _, _, rest = url.partition("http://127.0.0.1:")
    port, _, path = rest.partition("/")
    return int(port), "/" + path


def ask(port: int, target: str, method: str = "GET", body: bytes = b"", **fields: str) -> Reply:
    sent = {"Host": f"127.0.0.1:{port}", "Connection": "close", "Content-Length": str(len(body)), **fields}
    head = f"{method} {target} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in sent.items() if v)
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as sock:
        sock.sendall(head.encode() + b"\r\n" + body)
        data = b""
        while piece := sock.recv(65536):
            data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    return Reply(
        int(first.split()[1]), {k.lower(): v for k, v in (line.split(": ", 1) for line in rest)}, body
    )


class Events:
    """A page that listens."""

    def __init__(self, port: int, path: str, name: str) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.sock.sendall(f"GET {path}events?name={name} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        self.file = self.sock.makefile("rb")
        while self.file.readline() != b"\r\n":
            pass
        self.key = self.next("session")[0]

    def next(self, kind: str = "message") -> list[str]:
        """The lines of the next event; comments are passed over."""
        while True:
            found, lines = "message", []
            while (line := self.file.readline().decode()) not in ("\n", ""):
                word, _, value = line.rstrip("\n").partition(": ")
                if word == "event":
                    found = value
                elif word == "data":
                    lines.append(value)
            if lines:
                assert found == kind
                return lines
            assert line, "the stream ended"

    def ended(self) -> bool:
        return self.file.read() in (b"", b": \n\n")

    def close(self) -> None:
        self.file.close()
        self.sock.close()


@contextmanager
def visit(place: tuple[int, str], name: str) -> Iterator[Events]:
    events = Events(*place, name)
    try:
        yield events
    finally:
        events.close()


def say(place: tuple[int, str], key: str, command: str, **fields: str) -> int:
    port, path = place
    return ask(port, f"{path}say?session={key}", "POST", command.encode(), **fields).status


def test_the_page(place: tuple[int, str]) -> None:
    port, path = place
    page = ask(port, path)
    assert page.status == 200 and b"<title>Chat</title>" in page.body
    assert "default-src 'none'" in page.fields["content-security-policy"]
    assert page.fields["cache-control"] == "no-store" and page.fields["referrer-policy"] == "no-referrer"
    assert ask(port, f"{path}chat.js").fields["content-type"].startswith("text/javascript")
    assert ask(port, f"{path}chat.css").fields["content-type"].startswith("text/css")
    assert ask(port, path, "HEAD").body == b""
    assert ask(port, f"{path}chat_web.py").status == 404 and ask(port, f"{path}..").status == 404


def test_only_by_the_address(place: tuple[int, str]) -> None:
    port, path = place
    for other in ("/", "/x/", path[:-2] + "/", "/%00/", path.upper()):
        assert ask(port, other).status == 404
    assert ask(port, path, Host=f"evil.example:{port}").status == 421
    assert ask(port, path, Host=f"localhost:{port}").status == 200
    assert ask(port, path, Origin="http://evil.example").status == 403
    assert ask(port, path, Origin=f"http://127.0.0.1:{port}").status == 200
    assert ask(port, path, "POST").status == 405 and ask(port, f"{path}say").status == 405
    assert say(place, "nobody", "MESSAGE x\n") == 403


def test_a_conversation(room: Served, place: tuple[int, str]) -> None:
    with visit(place, "Ann") as ann, socket.create_connection(room.address, PATIENCE) as sock:
        assert ann.next() == ["NEW Ann"]
        joe = sock.makefile("rw", encoding="utf-8", newline="\n")
        joe.write("ADD Joe\n")
        joe.flush()
        assert ann.next() == ["NEW Joe"] and joe.readline() == "NEW Joe\n"
        assert say(place, ann.key, "MESSAGE hi\ndata: x\nPRIVATE Joe\n\x1b[31m\n") == 204
        assert ann.next() == [
            "MESSAGE Ann",
            "hi",
            "PRIVATE *server*",
            "unknown command 'data:': expected ADD, MESSAGE, PRIVATE or QUIT",
        ]
        assert [joe.readline() for _ in range(4)] == ["MESSAGE Ann\n", "hi\n", "PRIVATE Ann\n", "\\e[31m\n"]
        assert say(place, ann.key, "QUIT\n") == 204
        assert ann.next() == ["GOODBYE"] and ann.ended()
        assert joe.readline() == "LEFT Ann\n"
        assert say(place, ann.key, "MESSAGE x\n") == 403
        joe.close()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("", "the name is empty"),
        ("%2aroot", "are the server's"),
        ("a%20b", "white space"),
        ("x" * 21, "21 characters"),
        ("A%0AMESSAGE%20x", "white space"),
    ],
)
def test_names_that_are_refused(place: tuple[int, str], name: str, told: str) -> None:
    with visit(place, name) as events:
        sender, text = events.next()
        assert sender == "PRIVATE *server*" and told in text
        assert events.ended()


def test_a_page_that_is_closed_leaves(room: Served, place: tuple[int, str]) -> None:
    with visit(place, "Ann") as ann:
        ann.next()
    with visit(place, "Bob") as bob:
        while bob.next() == ["LEFT Ann"]:
            pass
    assert room.event("left")["name"] == "Ann"


def test_the_limits_are_those_of_the_room(place: tuple[int, str]) -> None:
    with visit(place, "Ann") as ann:
        ann.next()
        statuses = {say(place, ann.key, "MESSAGE x\n" * 4) for _ in range(4)}
        assert statuses == {204, 429}
        assert ask(place[0], f"{place[1]}say?session={ann.key}", "POST", b"x" * 70_000).status == 413


def test_a_line_that_is_too_long(place: tuple[int, str]) -> None:
    with visit(place, "Ann") as ann:
        ann.next()
        assert say(place, ann.key, "MESSAGE " + "x" * 5000 + "\n") == 204
        assert "a line of more than 4096 bytes" in ann.next()[1]
        assert ann.ended()


def test_a_port_that_is_taken(run: Run, room: Served, place: tuple[int, str]) -> None:
    done = run("chat-server", "--port", "0", "--web", str(place[0]))
    assert done.returncode == 3 and "in use" in done.stderr and done.stderr.count("\n") == 1


def test_all_interfaces(serve: Serve) -> None:
    server = serve("chat-server", "--host", "0.0.0.0", "--web", "0")
    assert server.event("web")["url"].startswith("http://127.0.0.1:")
    server.stop()
    assert "in a browser, open http://127.0.0.1:" in server.stderr
