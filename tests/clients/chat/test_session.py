"""A stay in a chat room, as those see it who subscribed to events."""

import socket

import pytest
from fakes import Recorder, fake

from pynetdb.clients.chat.screen import Screen
from pynetdb.clients.chat.session import ChatSession
from pynetdb.errors import NegativeAnswerError, PynetdbError
from pynetdb.events import Closed, Connected, Events, MemberJoined, MessageSaid, PrivateMessageSaid
from pynetdb.net.addresses import Target
from pynetdb.net.network import Network
from pynetdb.protocols.chat.events import Event, Goodbye, Joined, Said


class View:
    def __init__(self) -> None:
        self.seen: list[Event] = []

    def use_screen(self, screen: Screen) -> None:
        raise AssertionError("there is no terminal")

    def show(self, event: Event) -> None:
        self.seen.append(event)

    def show_private(self, to: str, text: str) -> None:
        raise AssertionError("only what is typed is shown so")

    def hint(self, text: str) -> None:
        raise AssertionError(text)

    def reconnecting(self, error: PynetdbError, pause: float) -> None:
        raise AssertionError(error)


def room(sock: socket.socket) -> None:
    """Let Bob in, say his words back, and let him go."""
    with sock.makefile("rb") as lines:
        sock.sendall(b"NEW " + lines.readline().partition(b" ")[2])
        while words := lines.readline():
            if words.startswith(b"QUIT"):
                sock.sendall(b"GOODBYE\n")
                return
            if words.startswith(b"MESSAGE"):
                sock.sendall(b"MESSAGE Bob\n" + words.partition(b" ")[2])


def session(port: str, view: View, recorder: Recorder) -> ChatSession:
    network = Network(events=Events([recorder]))
    return ChatSession("Bob", Target("127.0.0.1", int(port)), 30, network, view, reconnect=False)


@pytest.mark.parametrize("to", [None, "Ann"])
def test_what_is_said_is_shown_and_told(to: str | None) -> None:
    view, recorder = View(), Recorder()
    with fake(room) as port:
        session(port, view, recorder).send_and_leave(["hello"], to, stay=False)
    heard = [] if to else [Said("Bob", "hello")]
    assert view.seen == [Joined("Bob"), *heard, Goodbye()]
    connected, joined, said, closed = recorder.events
    assert isinstance(connected, Connected) and connected.connection is None
    assert isinstance(joined, MemberJoined) and joined.member == "Bob"
    assert isinstance(said, PrivateMessageSaid if to else MessageSaid) and said.text == "hello"
    assert isinstance(closed, Closed) and closed.error is None
    assert closed.bytes_sent > 0 and closed.bytes_received > 0


def test_a_refusal_ends_the_connection_with_its_reason() -> None:
    recorder = Recorder()
    with (
        fake(lambda sock: sock.sendall(b"PRIVATE *server*\nno room\n")) as port,
        pytest.raises(NegativeAnswerError, match="no room"),
    ):
        session(port, View(), recorder).send_and_leave([], None, stay=False)
    closed = recorder.events[-1]
    assert isinstance(closed, Closed) and "no room" in (closed.error or "")
