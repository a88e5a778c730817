"""The chat server: a room on the loop."""

import time
from functools import partial
from typing import Any, Protocol

from pynetdb.events.event import Event
from pynetdb.events.stream import preload
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
from pynetdb.protocols.chat.rate_limit import TokenBucket
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


class Session:
    """One connection: who is behind it, and what of its words is not obeyed yet."""

    __slots__ = ("connection", "held", "limit", "member", "reader", "timer")

    def __init__(self, connection: Line, limit: TokenBucket | None) -> None:
        self.connection = connection
        self.limit = limit
        self.reader = CommandReader()
        self.member = Member(connection)
        self.held = False
        self.timer: Timer | None = None


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
        self._leaving: list[Session] = []

    def attached(self, server: Server) -> None:
        self._loop = server.loop
        self._events = server.events
        self._emits_words = server.events.wants_words
        if self._events:
            preload("chat")

    def connected(self, connection: Connection) -> None:
        connection.context = self.open_session(connection)
        connection.keep_alive(_PROBE)

    def received(self, connection: Connection, data: memoryview) -> None:
        self.receive(connection.context, bytes(data))

    def ended(self, connection: Connection) -> None:
        session: Session = connection.context
        self._execute(session, session.reader.receive_eof())
        if self._room.depart(session.member, "closed"):
            self._disconnect(session)

    def lost(self, connection: Connection, error: OSError | None) -> None:
        self.connection_lost(connection.context, error)

    def open_session(self, line: Line) -> Session:
        """Let somebody come to the door."""
        return Session(line, TokenBucket(self._rate, time.monotonic()) if self._rate else None)

    def receive(self, session: Session, data: bytes) -> None:
        """Bytes of somebody's commands arrived."""
        if session.timer is not None:
            session.timer.cancel()
            session.timer = None
        self._process(session, data)

    def connection_lost(self, session: Session, error: OSError | None) -> None:
        """Somebody's line is dead."""
        if session.timer is not None:
            session.timer.cancel()
        reason = "closed" if error is None else error.strerror or str(error)
        if self._room.depart(session.member, reason):
            self._tell_departure(session)

    def refused(self, connection: Connection) -> None:
        connection.write(encode(Whispered(SERVER, "the room is full: try again later")).encode())

    # Hearing

    def _process(self, session: Session, data: bytes) -> None:
        """Obey what arrived, as much of it as the member may say now; the rest has its time later."""
        limit = session.limit
        reader = session.reader
        most = _MAX_LINES
        if limit is not None:
            most = min(most, limit.available(time.monotonic()))
        commands = reader.receive_data(data, most)
        if limit is not None:
            limit.take(len(commands))
        self._execute(session, commands)
        if session.member.departure is not None:
            return
        if reader.has_lines:
            # Not reading is what holds the member back: its words pile up at its own end.
            if not session.held:
                session.held = True
                session.connection.pause()
            wait = limit.time_until_next if limit is not None else 0.0
            session.timer = self._loop.call_later(wait, partial(self._process_held, session))
            return
        if session.held:
            session.held = False
            session.connection.resume()
        if reader.may_be_whole:
            session.timer = self._loop.call_later(SILENCE, partial(self._silent, session))

    def _process_held(self, session: Session) -> None:
        session.timer = None
        if not session.connection.closed:
            self._process(session, b"")

    def _silent(self, session: Session) -> None:
        session.timer = None
        commands = session.reader.receive_silence()
        if session.limit is not None:
            session.limit.take(len(commands))
        self._execute(session, commands)

    def _execute(self, session: Session, commands: list[Command]) -> None:
        room, member = self._room, session.member
        for command in commands:
            if member.departure is not None:
                break
            match command:
                case Message(text):
                    refusal = room.say(member, text)
                    if self._emits_words and refusal is None:
                        self._emit("MessageSaid", session, text)
                case Private(recipient, text):
                    refusal = room.whisper(member, recipient, text)
                    if self._emits_words and refusal is None:
                        self._emit("PrivateMessageSaid", session, recipient, text)
                case Add(name):
                    refusal = room.join(member, name)
                    if refusal is None:
                        self._emit("MemberJoined", session, len(room))
                case Quit():
                    refusal = room.quit(member)
                    if refusal is None:
                        self._disconnect(session)
                case Unclear(reason, fatal):
                    refusal = room.refuse(member, reason)
                    if fatal and room.depart(member, reason):
                        self._disconnect(session)
            if refusal is not None and self._emits_words:
                self._emit("CommandRefused", session, refusal)
        self._flush_soon()

    # Leaving

    def _disconnect(self, session: Session) -> None:
        """The member has departed; what it is still owed is sent, then its connection is closed."""
        self._leaving.append(session)
        self._tell_departure(session)

    def _tell_departure(self, session: Session) -> None:
        member, room = session.member, self._room
        if member.name is not None:
            self._emit("MemberLeft", session, len(room), member.departure)
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
        for member, words in self._room.take_outgoing():
            connection: Line = member.owner
            connection.write(words)
            if connection.pending > MAX_OWED:
                connection.abort(OSError(f"holds more than {MAX_OWED // 1024} KiB unread"))
        for session in leaving:
            if session.held:
                session.connection.resume()  # To see it close.
            session.connection.close_gracefully()

    def _emit(self, kind: str, session: Session, *facts: Any) -> None:
        """Emit an event of the room: its class by name, so that nobody pays for it who has no audience."""
        if self._events:
            from pynetdb.events import chat

            connection = session.connection
            event: Event = getattr(chat, kind)(
                session.member.name, connection.number, format_address(connection.peer), *facts
            )
            self._events.emit(event)
