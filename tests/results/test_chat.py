"""What chat-client shows: safe, once, in each form."""

import json

import pytest

from pynetdb.errors import NetworkError
from pynetdb.protocols.chat.events import Event, Goodbye, Joined, Left, Said, Whispered
from pynetdb.results import Output
from pynetdb.results.chat import ChatResults

SEEN: list[tuple[Event, str, str]] = [
    (Joined("Ann"), "joined", "==> Ann has joined the chat room\n"),
    (Left("Ann"), "left", "==> Ann has left the chat room\n"),
    (Said("Ann", "a\\b\x1b"), "message", "==> Ann: a\\b\\e\n"),
    (Whispered("Ann", "x"), "private", "==> Ann [private]: x\n"),
    (Whispered("*server*", "x"), "notice", "==> *server*: x\n"),
    (Goodbye(), "goodbye", ""),
]


class Screen:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def show(self, line: str) -> None:
        self.lines.append(line)


@pytest.mark.parametrize(("event", "kind", "line"), SEEN)
def test_events(capsys: pytest.CaptureFixture[str], event: Event, kind: str, line: str) -> None:
    ChatResults(Output(), "Bob").show(event)
    assert capsys.readouterr().out == line
    ChatResults(Output("jsonl"), "Bob").show(event)
    record = json.loads(capsys.readouterr().out)
    assert (record["event"], record["text"]) == (kind, getattr(event, "text", None))


def test_a_screen_shows_what_a_pipe_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    results, screen = ChatResults(Output(), "Bob"), Screen()
    results.show_private("Ann", "unheard")
    results.use_screen(screen)
    results.show_private("Ann", "x\x1b")
    results.show(Said("Ann", "y"))
    results.hint("z\x1b")
    assert [line.partition(" ==> ")[2] or line for line in screen.lines] == [
        "to Ann [private]: x\\e",
        "Ann: y",
        "z\\e",
    ]
    assert capsys.readouterr() == ("", "")


def test_hints_without_a_screen(capsys: pytest.CaptureFixture[str]) -> None:
    results = ChatResults(Output(describe=lambda error: f"{error} (--hint)"), "Bob")
    results.reconnecting(NetworkError("gone"), 0.5)
    assert capsys.readouterr().err == "gone (--hint); trying again in 0.5 s\n"
