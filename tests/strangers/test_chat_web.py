"""The chat room in a real browser, with a member on TCP."""

import os
import socket
from pathlib import Path

import pytest
from browser import Page, browser
from programs import Serve, Stranger, posix

pytestmark = posix

# The contrast of each text with what is behind it (WCAG 2.2 section 1.4.3), the least of them and whose it is.
CONTRAST = """(() => {
  const parts = colour => colour.match(/[\\d.]+/g).map(Number)
  const luminance = colour => {
    const [r, g, b] = parts(colour).map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const ground = node => {
    for (; node; node = node.parentElement) {
      const colour = getComputedStyle(node).backgroundColor
      if (parts(colour)[3] !== 0) return colour
    }
  }
  const found = []
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim())
    if (!own || !node.checkVisibility()) continue
    const [a, b] = [luminance(getComputedStyle(node).color), luminance(ground(node))]
    found.push([(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), node.outerHTML.slice(0, 80)])
  }
  return found.sort((a, b) => a[0] - b[0])[0]
})()"""


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


def offline(page: Page, there: bool) -> None:
    """Take the network away from the page, or give it back."""
    page.call("Network.enable")
    page.call(
        "Network.emulateNetworkConditions",
        offline=there,
        latency=0,
        downloadThroughput=-1,
        uploadThroughput=-1,
    )


def colours(page: Page, scheme: str) -> None:
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])


def looked_at(page: Page, name: str, width: int) -> None:
    """Nothing is wider than the screen, every text can be read; and with PYNETDB_PICTURES it is drawn."""
    assert not page.run("document.documentElement.scrollWidth > innerWidth")
    for scheme in ("dark", "light"):
        colours(page, scheme)
        least, where = page.run(CONTRAST)
        assert least >= 4.5, (name, scheme, least, where)
        if folder := os.environ.get("PYNETDB_PICTURES"):
            page.picture(Path(folder) / f"chat-{width}-{scheme}-{name}.png")


def join(page: Page, name: str) -> None:
    page.until("document.readyState === 'complete' && document.getElementById('join')?.onsubmit !== null")
    page.run(
        f"document.getElementById('name').value = {name!r}; document.querySelector('#join button').click()"
    )


def say(page: Page, text: str) -> None:
    page.until("!document.getElementById('text').readOnly")
    page.run(
        f"document.getElementById('text').value = {text!r}; document.querySelector('#say div > button').click()"
    )


def shown(text: str) -> str:
    return f"document.getElementById('words').innerText.includes({text!r})"


def reads(what: str, text: str) -> str:
    return f"document.getElementById({what!r}).innerText.includes({text!r})"


def tap(page: Page, name: str) -> None:
    page.run(
        f"[...document.querySelectorAll('#members button')].find(b => b.textContent === {name!r}).click()"
    )


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
        page.until(reads("refusal", "taken"))
        looked_at(page, "join", width)
        join(page, "Ann")
        joe.hear("NEW Ann")
        page.until(shown("You have joined"))
        page.until(shown("Welcome, <b>all</b>"))
        # Who was here before is seen, though nobody said NEW again.
        page.until("document.getElementById('state').innerText === 'Ann, with 1 other here'")
        assert page.run("[...document.querySelectorAll('#members button')].map(b => b.textContent)") == [
            "Joe"
        ]
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
        tap(page, "Joe")
        assert page.run(reads("to", "Only Joe will read what you send."))
        looked_at(page, "private", width)
        say(page, "and back")
        joe.hear("PRIVATE Ann", "and back")
        page.until(shown("You to Joe alone"))
        page.run("document.querySelector('#to button').click()")
        assert not page.run("document.getElementById('to').innerText")
        bill = Member(server.port, "Bill")
        page.until(shown("Bill has joined"))
        bill.close()
        page.until(shown("Bill has left"))
        joe.hear("NEW Bill", "LEFT Bill")
        looked_at(page, "talk", width)
        page.run("document.getElementById('leave').click()")
        joe.hear("LEFT Ann")
        page.until("document.getElementById('state').innerText === 'You have left'")
        # What was said stays in sight.
        assert page.run(shown("between us")) and page.run(shown("You have left"))
        looked_at(page, "left", width)
        join(page, "Ann again")
        page.until("document.getElementById('refusal').innerText !== ''")
        join(page, "Ann2")
        joe.hear("NEW Ann2")
        assert page.run(shown("between us"))
    joe.hear("LEFT Ann2")
    joe.close()


def test_what_is_typed_means_the_same_as_in_the_terminal(
    tmp_path: Path, serve: Serve, stranger: Stranger
) -> None:
    server = serve("chat-server", "--web", "0")
    url = server.event("web")["url"]
    joe = Member(server.port, "Joe")
    joe.hear("NEW Joe")
    with browser(stranger("chromium"), tmp_path / "profile") as page:
        page.open(url, 390, 700)
        join(page, "Ann")
        joe.hear("NEW Ann")
        page.until(shown("You have joined"))
        say(page, "Private Joe:how are you?")
        joe.hear("PRIVATE Ann", "how are you?")
        say(page, "/who")
        page.until(shown("here now: Joe, Ann"))
        say(page, "/help")
        page.until(shown("private NAME:TEXT: say TEXT to NAME alone"))
        say(page, "private Joe")
        page.until(reads("problem", "to one alone: private NAME:TEXT"))
        # Nothing is lost: it is where it was typed.
        assert page.run("document.getElementById('text').value") == "private Joe"
        say(page, "private Nobody:are you here?")
        page.until(reads("problem", "Not delivered: nobody here is called Nobody"))
        assert page.run("document.getElementById('text').value") == "private Nobody:are you here?"
        say(page, "x" * 4089)
        page.until(reads("problem", "too long"))
        for text in ("one", "two", "three"):
            joe.say(f"MESSAGE {text}")
        page.until(shown("three"))
        assert (
            page.run("[...document.querySelectorAll('#words b')].filter(b => b.innerText === 'Joe').length")
            == 1
        )
        joe.say(
            "MESSAGE see https://example.org/a_(b)?x=1&y=2. or (http://[::1]:80/), not javascript:alert(1)"
        )
        page.until(shown("javascript:alert"))
        links = page.run(
            "[...document.querySelectorAll('#words a')].map(a => [a.innerText, a.rel, a.target])"
        )
        assert links == [
            ["https://example.org/a_(b)?x=1&y=2", "noopener noreferrer", "_blank"],
            ["http://[::1]:80/", "noopener noreferrer", "_blank"],
        ]
        say(page, "QUIT")
        page.until("document.getElementById('state').innerText === 'You have left'")
    joe.close()


@pytest.mark.parametrize(("width", "height"), [(390, 700), (1200, 800)])
def test_a_page_without_network_comes_back_by_itself(
    tmp_path: Path, serve: Serve, stranger: Stranger, width: int, height: int
) -> None:
    server = serve("chat-server", "--web", "0")
    url = server.event("web")["url"]
    joe = Member(server.port, "Joe")
    joe.hear("NEW Joe")
    with browser(stranger("chromium"), tmp_path / "profile") as page:
        page.open(url, width, height)
        join(page, "Ann")
        joe.hear("NEW Ann")
        joe.say("MESSAGE before")
        page.until(shown("before"))
        offline(page, True)
        joe.hear("MESSAGE Joe", "before", "LEFT Ann")
        page.until(reads("state", "The connection is lost"))
        say(page, "is anybody here?")
        page.until(reads("problem", "Not delivered"))
        assert page.run("document.getElementById('text').value") == "is anybody here?"
        looked_at(page, "offline", width)
        joe.say("MESSAGE meanwhile")
        joe.hear("MESSAGE Joe", "meanwhile")
        offline(page, False)
        joe.hear("NEW Ann")
        page.until(shown("meanwhile"))
        assert page.run("document.getElementById('words').innerText.split('before').length") == 2
        looked_at(page, "back", width)
        page.run("document.querySelector('#say div > button').click()")
        joe.hear("MESSAGE Ann", "is anybody here?")
        page.until("document.getElementById('text').value === ''")
        page.call("Page.reload")
        joe.hear("LEFT Ann", "NEW Ann")
        page.until("document.readyState === 'complete' && !document.getElementById('say').hidden")
        said = page.run("[...document.querySelectorAll('#words .said')].map(item => item.innerText)")
        assert [text for text in said if not text.startswith(("You ", "The "))] == [
            "before",
            "meanwhile",
            "is anybody here?",
        ]
        page.until("document.getElementById('state').innerText === 'Ann, with 1 other here'")
        server.stop()
        page.until(reads("state", "The connection is lost"))
        looked_at(page, "gone", width)
    joe.close()


def test_a_page_by_keyboard_and_by_ear(tmp_path: Path, serve: Serve, stranger: Stranger) -> None:
    server = serve("chat-server", "--web", "0")
    url = server.event("web")["url"]
    joe = Member(server.port, "Joe")
    joe.hear("NEW Joe")

    def press(key: str, **more: object) -> None:
        page.call("Input.dispatchKeyEvent", type="keyDown", key=key, code=key, **more)
        page.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=key)

    def enter() -> None:
        press("Enter", text="\r", windowsVirtualKeyCode=13)

    with browser(stranger("chromium"), tmp_path / "profile") as page:
        page.open(url, 1200, 800)
        page.until("document.readyState === 'complete' && document.getElementById('join')?.onsubmit !== null")
        page.until("document.activeElement.id === 'name'")
        page.call("Input.insertText", text="Ann")
        enter()
        joe.hear("NEW Ann")
        page.until("document.activeElement.id === 'text'")
        page.call("Input.insertText", text="by keys")
        enter()
        joe.hear("MESSAGE Ann", "by keys")
        chosen = "document.activeElement.textContent === 'Joe'"
        page.until(f"document.querySelector('#members button')?.focus() || {chosen}")
        # Whoever comes and speaks meanwhile takes the choice from nobody.
        kim = Member(server.port, "Kim")
        kim.say("MESSAGE hello")
        page.until(shown("hello"))
        assert page.run(chosen)
        kim.close()
        page.until(shown("Kim has left"))
        assert page.run(chosen)
        enter()
        page.until("document.activeElement.id === 'text'")
        press("Escape", windowsVirtualKeyCode=27)
        assert not page.run("document.getElementById('to').innerText")
        joe.say("MESSAGE one")
        joe.say("MESSAGE two")
        page.until(shown("two"))
        tree = page.call("Accessibility.getFullAXTree")["nodes"]
        found = {(node.get("role", {}).get("value"), node.get("name", {}).get("value")) for node in tree}
        for wanted in [
            ("log", "What is said"),
            ("textbox", "Your message"),
            ("button", "Send"),
            ("button", "Joe: write to Joe alone"),
            ("list", "In the room"),
            ("heading", "Chat"),
            ("status", ""),
        ]:
            assert wanted in found, sorted(map(str, found))
        assert page.run("document.querySelector('#words .again .unseen').textContent") == "Joe: "
        # The same page once more, as a tab that was duplicated: this one gives way, and does not come back.
        kept = "Object.values(sessionStorage).map(text => JSON.parse(text).session)[0]"
        page.until(kept)
        page.run(f"window.other = new EventSource(`events?name=Ann&session=${{{kept}}}`), 0")
        page.until(reads("state", "You are here in another window now"))
        assert page.run("!document.getElementById('join').hidden") and page.run(shown("by keys"))
    joe.close()
