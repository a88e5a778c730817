"""The chat server: a room on the loop."""

import time
from functools import partial
from typing import Any, Protocol

from pynetdb.events.event import Event
from pynetdb.net.addresses import format_address
from pynetdb.net.loop import Timer
from pynetdb.net.server.connection import Connection, ConnectionHandler
from pynetdb.net.server.server import Server
from pynetdb.net.server.service import Service
from pynetdb.protocols.chat.commands import (
    SILENCE,
    Add,
    Command,
    CommandReader,
    Message,
    Private,
    Quit,
    Unclear,
)
from pynetdb.protocols.chat.events import Whispered, encode
from pynetdb.protocols.chat.names import SERVER
from pynetdb.protocols.chat.rate_limit import Allowance
from pynetdb.protocols.chat.room import Member, Room

# What a member that does not read may make us hold: beyond it that member goes, and nobody waits.
MAX_OWED = 256 * 1024

# Lines of one member in one turn: then what they cause is sent, and the others are heard.
_MAX_LINES = 1024

# After so long a silence the kernel asks whether the peer's machine is still there.
_PROBE = 60.0


class Line(Protocol):
    """What carries words to a member: a Connection, or something that is like one to us."""

    number: int
    peer: Any

    @property
    def closed(self) -> bool: ...
    @property
    def pending(self) -> int: ...
    def write(self, data: bytes, /) -> None: ...
    def abort(self, error: OSError | None = None, /) -> None: ...
    def close_gracefully(self) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...


class Guest:
    """One connection: who is behind it, and what of its words is not obeyed yet."""

    __slots__ = ("allowance", "connection", "held", "member", "reader", "reason", "timer", "told")

    def __init__(self, connection: Line, allowance: Allowance | None) -> None:
        self.connection = connection
        self.allowance = allowance
        self.reader = CommandReader()
        self.member = Member(connection)
        self.held = False
        self.timer: Timer | None = None
        self.told = False
        self.reason: str | None = None
        """Why it is gone, once it is: `quit`, `closed`, `slow`..."""


class ChatService(Service, ConnectionHandler):
    """Hears everybody, and once a turn writes to each what it is owed.

    `rate` is how many lines a second a member may say, 0 for as many as it likes; the others wait in the
    network. The operator hears of joins and leaves, with --verbose of every word.
    """

    name = "chat-server"
    client = "chat-client"

    def __init__(self, room: Room, rate: float) -> None:
        self.streams = self
        self._room = room
        self._rate = rate
        self._flush_due = False
        self._leaving: list[Guest] = []

    def attached(self, server: Server) -> None:
        self._loop = server.loop
        self._events = server.events
        self._emits_words = server.events.wants_words

    def connected(self, connection: Connection) -> None:
        connection.context = self.welcome(connection)
        connection.keep_alive(_PROBE)

    def received(self, connection: Connection, data: memoryview) -> None:
        self.hear(connection.context, bytes(data))

    def ended(self, connection: Connection) -> None:
        guest: Guest = connection.context
        self._obey(guest, guest.reader.receive_eof())
        self._let_go(guest, "closed")

    def lost(self, connection: Connection, error: OSError | None) -> None:
        self.gone(connection.context, error)

    def welcome(self, line: Line) -> Guest:
        """Let somebody come to the door."""
        return Guest(line, Allowance(self._rate, time.monotonic()) if self._rate else None)

    def hear(self, guest: Guest, data: bytes) -> None:
        """Bytes of somebody's commands arrived."""
        if guest.timer is not None:
            guest.timer.cancel()
            guest.timer = None
        self._hear(guest, data)

    def gone(self, guest: Guest, error: OSError | None) -> None:
        """Somebody's line is dead."""
        if guest.timer is not None:
            guest.timer.cancel()
        if guest.reason is None:
            guest.reason = "closed" if error is None else error.strerror or str(error)
        self._depart(guest)

    def refused(self, connection: Connection) -> None:
        connection.write(encode(Whispered(SERVER, "the room is full: try again later")).encode())

    # Hearing

    def _hear(self, guest: Guest, data: bytes) -> None:
        """Obey what arrived, as much of it as the member may say now; the rest has its time later."""
        allowance = guest.allowance
        reader = guest.reader
        most = _MAX_LINES
        if allowance is not None:
            most = min(most, allowance.whole(time.monotonic()))
        commands = reader.receive_data(data, most)
        if allowance is not None:
            allowance.spend(len(commands))
        self._obey(guest, commands)
        if guest.member.gone:
            return
        if reader.has_lines:
            # Not reading is what holds the member back: its words pile up at its own end.
            if not guest.held:
                guest.held = True
                guest.connection.pause()
            wait = allowance.wait if allowance is not None else 0.0
            guest.timer = self._loop.call_later(wait, partial(self._hear_on, guest))
            return
        if guest.held:
            guest.held = False
            guest.connection.resume()
        if reader.may_be_whole:
            guest.timer = self._loop.call_later(SILENCE, partial(self._silent, guest))

    def _hear_on(self, guest: Guest) -> None:
        guest.timer = None
        if not guest.connection.closed:
            self._hear(guest, b"")

    def _silent(self, guest: Guest) -> None:
        guest.timer = None
        commands = guest.reader.receive_silence()
        if guest.allowance is not None:
            guest.allowance.spend(len(commands))
        self._obey(guest, commands)

    def _obey(self, guest: Guest, commands: list[Command]) -> None:
        room, member = self._room, guest.member
        for command in commands:
            if member.gone:
                break
            match command:
                case Message(text):
                    refusal = room.say(member, text)
                    if self._emits_words and refusal is None:
                        self._emit("MessageSaid", guest, text)
                case Private(recipient, text):
                    refusal = room.whisper(member, recipient, text)
                    if self._emits_words and refusal is None:
                        self._emit("PrivateMessageSaid", guest, recipient, text)
                case Add(name):
                    refusal = room.join(member, name)
                    if refusal is None:
                        self._emit("MemberJoined", guest, len(room))
                case Quit():
                    refusal = room.quit(member)
                    if refusal is None:
                        self._let_go(guest, "quit")
                case Unclear(reason, fatal):
                    refusal = room.refuse(member, reason)
                    if fatal:
                        self._let_go(guest, reason)
            if refusal is not None and self._emits_words:
                self._emit("CommandRefused", guest, refusal)
        self._flush_soon()

    # Leaving

    def _let_go(self, guest: Guest, reason: str) -> None:
        """The member leaves; what it is still owed is sent, then its connection is closed."""
        if guest.reason is None:
            guest.reason = reason
            self._leaving.append(guest)
        self._depart(guest)

    def _depart(self, guest: Guest) -> None:
        member, room = guest.member, self._room
        room.depart(member)
        if member.name is not None and not guest.told:
            guest.told = True
            self._emit("MemberLeft", guest, len(room), guest.reason)
        self._flush_soon()

    # Sending

    def _flush_soon(self) -> None:
        if not self._flush_due and (self._room.has_news or self._leaving):
            self._flush_due = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        """Write everybody's share: one send a member, however much was said in this turn."""
        self._flush_due = False
        leaving, self._leaving = self._leaving, []
        for member, words in self._room.owed():
            connection: Line = member.owner
            connection.write(words)
            if connection.pending > MAX_OWED:
                connection.abort(OSError(f"holds more than {MAX_OWED // 1024} KiB unread"))
        for guest in leaving:
            if guest.held:
                guest.connection.resume()  # To see it close.
            guest.connection.close_gracefully()

    def _emit(self, kind: str, guest: Guest, *facts: Any) -> None:
        """Emit an event of the room: its class by name, so that nobody pays for it who has no audience."""
        if self._events:
            from pynetdb.events import chat

            connection = guest.connection
            event: Event = getattr(chat, kind)(
                guest.member.name, connection.number, format_address(connection.peer), *facts
            )
            self._events.emit(event)
