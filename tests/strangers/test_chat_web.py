"""The chat room in a real browser, with a member on TCP."""

import os
import socket
from pathlib import Path

import pytest
from browser import Page, browser
from programs import Serve, Stranger, posix

pytestmark = posix


class Member:
    """A member as the textbook writes it."""

    def __init__(self, port: int, name: str) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), 30)
        self.lines = self.sock.makefile("rw", encoding="utf-8", newline="\n")
        self.say(f"ADD {name}")

    def say(self, line: str) -> None:
        self.lines.write(line + "\n")
        self.lines.flush()

    def hear(self, *lines: str) -> None:
        for line in lines:
            assert self.lines.readline() == line + "\n"

    def close(self) -> None:
        self.lines.close()
        self.sock.close()


def join(page: Page, name: str) -> None:
    page.until("document.getElementById('name') !== null && document.readyState === 'complete'")
    page.run(
        f"document.getElementById('name').value = {name!r}; document.querySelector('#join button').click()"
    )


def say(page: Page, text: str) -> None:
    page.run(
        f"document.getElementById('text').value = {text!r}; document.querySelector('#say > button').click()"
    )


def shown(text: str) -> str:
    return f"document.getElementById('words').innerText.includes({text!r})"


@pytest.mark.parametrize(("width", "height"), [(390, 700), (1200, 800)])
def test_a_browser_in_the_room(
    tmp_path: Path, serve: Serve, stranger: Stranger, width: int, height: int
) -> None:
    server = serve("chat-server", "--web", "0", "--motd", "Welcome, <b>all</b>")
    url = server.event("web")["url"]
    joe = Member(server.port, "Joe")
    joe.hear("NEW Joe", "PRIVATE *server*", "Welcome, <b>all</b>")
    with browser(stranger("chromium"), tmp_path / "profile") as page:
        page.open(url, width, height)
        join(page, "Joe")
        page.until("document.getElementById('refusal').innerText.includes('taken')")
        join(page, "Ann")
        joe.hear("NEW Ann")
        page.until(shown("You have joined"))
        page.until(shown("Welcome, <b>all</b>"))
        joe.say("MESSAGE hi <img src=x onerror=alert(1)> \u202eAnn")
        joe.hear("MESSAGE Joe")
        page.until(shown("hi <img src=x onerror=alert(1)>"))
        assert page.run("document.querySelectorAll('img').length") == 0
        joe.lines.readline()
        say(page, "hello Joe \U0001f600")
        joe.hear("MESSAGE Ann", "hello Joe \U0001f600")
        page.until(shown("hello Joe"))
        joe.say("PRIVATE Ann\nbetween us")
        page.until(shown("between us"))
        page.run(
            "[...document.querySelectorAll('#members button')].find(b => b.textContent === 'Joe').click()"
        )
        say(page, "and back")
        joe.hear("PRIVATE Ann", "and back")
        page.until(shown("to Joe: and back"))
        bill = Member(server.port, "Bill")
        page.until(shown("Bill has joined"))
        bill.close()
        page.until(shown("Bill has left"))
        joe.hear("NEW Bill", "LEFT Bill")
        if folder := os.environ.get("PYNETDB_PICTURES"):
            page.picture(Path(folder) / f"chat-{width}.png")
        overflow = page.run("document.documentElement.scrollWidth > innerWidth")
        assert not overflow
        page.run("document.getElementById('leave').click()")
        joe.hear("LEFT Ann")
        page.until("document.getElementById('state').innerText === 'You have left'")
        join(page, "Ann again")
        page.until("document.getElementById('refusal').innerText !== ''")
        join(page, "Ann2")
        joe.hear("NEW Ann2")
    joe.hear("LEFT Ann2")
    joe.close()
