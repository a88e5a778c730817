"""The room's pages: who may come in by them, and what they carry."""

import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import NamedTuple

import pytest
from programs import Run, Serve, Served

from pynetdb.protocols.chat import grammar

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

    def __init__(self, port: int, path: str, name: str, last: str = "", query: str = "") -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), PATIENCE)
        head = f"GET {path}events?name={name}{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        if last:
            head += f"Last-Event-ID: {last}\r\n"
        self.sock.sendall(head.encode() + b"\r\n")
        self.last = ""
        self.file = self.sock.makefile("rb")
        while self.file.readline() != b"\r\n":
            pass
        self.key = self.next("session")[0]

    def next(self, kind: str = "message") -> list[str]:
        """The lines of the next event; comments are passed over, and who is here unless it is asked for."""
        while True:
            found, lines = "message", []
            while (line := self.file.readline().decode()) not in ("\n", ""):
                word, _, value = line.rstrip("\n").partition(": ")
                if word == "event":
                    found = value
                elif word == "data":
                    lines.append(value)
                elif word == "id":
                    self.last = value
            if lines and found == "members" != kind:
                continue
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
def visit(place: tuple[int, str], name: str, last: str = "", query: str = "") -> Iterator[Events]:
    events = Events(*place, name, last, query)
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
    # A target that is a URL says who is asked (RFC 9112 section 3.2.2).
    assert ask(port, f"http://evil.example:{port}{path}").status == 421
    ours = f"http://localhost:{port}"
    assert ask(port, ours + path, Host="evil.example", Origin=ours).status == 200
    assert ask(port, ours + path, Origin=f"http://127.0.0.1:{port}").status == 403
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


def test_who_comes_back_hears_what_was_said_meanwhile(place: tuple[int, str]) -> None:
    with visit(place, "Joe") as joe:
        joe.next()
        with visit(place, "Ann") as ann:
            assert ann.next() == ["NEW Ann"] and ann.next("members") == ["Joe", "Ann"]
            assert joe.next() == ["NEW Ann"]
            say(place, joe.key, "MESSAGE one\nMESSAGE two\n")
            assert ann.next() == ["MESSAGE Joe", "one", "MESSAGE Joe", "two"]
            assert joe.next() == ["MESSAGE Joe", "one", "MESSAGE Joe", "two"]
        assert joe.next() == ["LEFT Ann"]
        say(place, joe.key, "MESSAGE three\n")
        joe.next()
        with visit(place, "Ann", last=ann.last) as again:
            assert again.next() == ["NEW Ann"] and again.next() == ["PRIVATE *history*", "Joe: three"]
            last = again.last
        # The query does as well, for whom a browser sends no header; and a number is no more than a number.
        given = [("", f"&last={last}"), (last, "&last=0"), ("99999999999", "")]
        given += [(wrong, "") for wrong in ("x", "-1", "1.5", "9" * 30, "\u0665")]
        for number, (header, query) in enumerate(given):
            name = f"Ann{number}"
            with visit(place, name, header, query) as other:
                assert other.next() == [f"NEW {name}"]
                assert say(place, other.key, f"PRIVATE {name}\nnothing more\n") == 204
                assert other.next() == [f"PRIVATE {name}", "nothing more"]


def test_what_is_not_kept_any_more_is_counted(serve: Serve) -> None:
    server = serve("chat-server", "--web", "0", "--rate", "0", "--motd", "Welcome")
    _, _, rest = server.event("web")["url"].partition("http://127.0.0.1:")
    port, _, path = rest.partition("/")
    place = int(port), "/" + path
    with visit(place, "Joe") as joe:
        assert joe.next() == ["NEW Joe", "PRIVATE *server*", "Welcome"]
        for start in range(0, 600, 100):
            said = "".join(f"MESSAGE {number}\n" for number in range(start, start + 100))
            assert say(place, joe.key, said) == 204
        heard: list[str] = []
        while len(heard) < 1200:
            heard += joe.next()
        with visit(place, "Ann", last="40") as ann:
            # Who comes back is not greeted again.
            assert ann.next("missed") == ["60"] and ann.next() == ["NEW Ann"]
            repeated: list[str] = []
            while len(repeated) < 1000:
                repeated += ann.next()
            assert repeated[1::2] == [f"Joe: {number}" for number in range(100, 600)]


def test_a_page_whose_end_nobody_saw_takes_its_own_place(room: Served, place: tuple[int, str]) -> None:
    with visit(place, "Joe") as joe, visit(place, "Ann") as ann:
        assert joe.next() == ["NEW Joe"] and joe.next() == ["NEW Ann"] and ann.next() == ["NEW Ann"]
        with visit(place, "Ann", query="&session=somebody") as other:
            assert "taken" in other.next()[1]
        with visit(place, "Ann", last="0", query=f"&session={ann.key}") as again:
            assert again.next() == ["NEW Ann"]
            assert ann.next("replaced") and ann.ended()
            assert joe.next() == ["LEFT Ann", "NEW Ann"]
            assert say(place, ann.key, "MESSAGE x\n") == 403
            assert say(place, again.key, "MESSAGE x\n") == 204
            assert joe.next() == ["MESSAGE Ann", "x"]
    assert [room.event("left")["name"] for _ in range(3)].count("Ann") == 2


def test_words_for_nobody_are_not_delivered(place: tuple[int, str]) -> None:
    port, path = place
    with visit(place, "Ann") as ann:
        ann.next()
        reply = ask(port, f"{path}say?session={ann.key}", "POST", b"PRIVATE Joe\nhi\n")
        assert reply.status == 409 and reply.body == b"nobody here is called Joe\n"
        assert ann.next() == ["PRIVATE *server*", "nobody here is called Joe"]
        assert say(place, ann.key, "PRIVATE *server*\nwho\n") == 204
        assert ann.next() == ["PRIVATE *server*", "here now: Ann"]


def test_the_grammar_is_that_of_the_terminal(place: tuple[int, str]) -> None:
    port, path = place
    reply = ask(port, f"{path}grammar.json")
    assert reply.fields["content-type"] == "application/json"
    assert json.loads(reply.body) == json.loads(json.dumps(grammar.to_json()))


def _luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1])
def test_names_can_be_read_on_every_ground(scheme: int) -> None:
    """Light and dark, as WCAG 2.2 section 1.4.3 computes it; the real page is measured by a browser."""
    style = files("pynetdb.servers.chat").joinpath("page", "chat.css").read_text("utf-8")
    light, dark = (dict(re.findall(r"--([\w-]+): (#\w+)", block)) for block in style.split(":root {")[1:3])
    colours = {**light, **(dark if scheme else {})}
    hues = [f"hue-{number}" for number in range(6)]
    for text in (*hues, "ink", "dim"):
        for ground in ("ground", "paper", "private", *(["mine"] if text in ("ink", "dim") else [])):
            a, b = sorted((_luminance(colours[text]), _luminance(colours[ground])))
            assert (b + 0.05) / (a + 0.05) >= 4.5, (text, ground)
