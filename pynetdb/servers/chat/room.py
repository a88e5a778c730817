"""The chat server: a room on the loop."""

import time
from functools import partial
from typing import TYPE_CHECKING, Any

from pynetdb.events.stream import preload
from pynetdb.net.addresses import format_address
from pynetdb.net.server.connection import Connection, ConnectionHandler
from pynetdb.net.server.server import Server
from pynetdb.net.server.service import Service
from pynetdb.protocols.chat.commands import (
    SILENCE,
    Add,
    Command,
    Foreign,
    Message,
    Private,
    Quit,
    Unclear,
)
from pynetdb.protocols.chat.events import Whispered, encode
from pynetdb.protocols.chat.names import SERVER
from pynetdb.protocols.chat.rate_limit import AddressBuckets
from pynetdb.protocols.chat.room import Room
from pynetdb.servers.chat.session import MAX_OWED, Line, Session

if TYPE_CHECKING:
    from pynetdb.events.event import Event
    from pynetdb.servers.chat.broker_link import BrokerLink

# Of the history so much is written at a time, and no more before the member has taken it.
_REPLAY_PIECE = 64 * 1024

# Seconds for a client to join: who only holds a place would keep others out of a full room.
JOIN_TIMEOUT = 30.0

# Lines of one member in one turn: then what they cause is sent, and the others are heard.
_MAX_LINES = 1024

# After so long a silence the kernel asks whether the peer's machine is still there.
_PROBE = 60.0


class ChatService(Service, ConnectionHandler):
    """Hears everybody, and once a turn writes to each what it is owed.

    `rate` is how many lines a second a member may say, 0 for as many as it likes; the others wait in the
    network. Who has not joined `join_timeout` seconds after connecting is sent away. The
    operator hears of joins and leaves, with --verbose of every word. A room that is shared with other
    servers has a `link` to them: then who is in is known later.
    """

    name = "chat-server"
    client = "chat-client"

    def __init__(
        self, room: Room, rate: float, join_timeout: float = JOIN_TIMEOUT, link: "BrokerLink | None" = None
    ) -> None:
        self.streams = self
        self._link = link
        self._room = room
        self.told = room.history.next_number
        """The number of the first public line that nobody has been sent yet."""
        self._buckets = AddressBuckets(rate) if rate else None
        self._join_timeout = join_timeout
        self._flush_due = False
        self._leaving: list[Session] = []
        # Those whose words wait because the room accepts no more.
        self.stalled: list[Session] = []

    def attached(self, server: Server) -> None:
        self._loop = server.loop
        self._events = server.events
        # Of a shared room what was said is known when it is heard.
        self.emits_words = server.events.wants_words
        self._emits_said = self.emits_words and not self._room.is_shared
        if self._events:
            preload("chat")
        if self._link is not None:
            from pynetdb.servers.chat.audience import Audience

            self._link.attach(Audience(self, self._room, server.events), server)
            self._is_stopping = lambda: server.stopping is not None

    def prepare(self) -> None:
        if self._link is not None:
            self._link.open(self._is_stopping)

    def stopping(self) -> None:
        if self._link is not None:
            self._link.stop()

    @property
    def is_busy(self) -> bool:
        return self._link is not None and self._link.is_busy

    def close(self) -> None:
        if self._link is not None:
            self._link.close()

    def connected(self, connection: Connection) -> None:
        connection.context = self.open_session(connection)
        connection.keep_alive(_PROBE)

    def received(self, connection: Connection, data: memoryview) -> None:
        self.receive(connection.context, bytes(data))

    def ended(self, connection: Connection) -> None:
        self._end_session(connection.context)

    def drained(self, connection: Connection) -> None:
        self.repeat_history(connection.context)

    def lost(self, connection: Connection, error: OSError | None) -> None:
        self.connection_lost(connection.context, error)

    def open_session(self, line: Line) -> Session:
        """Let somebody come to the door."""
        buckets = self._buckets
        limit = None if buckets is None else buckets.arrive(_address_of(line.peer), time.monotonic())
        session = Session(line, limit)
        session.door = self._loop.call_later(self._join_timeout, partial(self._send_away, session))
        return session

    def connection_lost(self, session: Session, error: OSError | None) -> None:
        """Somebody's line is dead."""
        for timer in (session.timer, session.door):
            if timer is not None:
                timer.cancel()
        if self._buckets is not None and session.limit is not None:
            self._buckets.leave(_address_of(session.connection.peer), session.limit, time.monotonic())
        reason = "closed" if error is None else error.strerror or str(error)
        if self._room.depart(session.member, reason):
            self._tell_departure(session)

    def refused(self, connection: Connection) -> None:
        connection.write(encode(Whispered(SERVER, "the room is full: try again later")).encode())

    # Hearing

    def receive(self, session: Session, data: bytes) -> None:
        """Obey what arrived, as much of it as the member may say now; the rest has its time later."""
        if session.timer is not None:
            session.timer.cancel()
            session.timer = None
        if session.deferred is not None or not self._room.accepts:
            self._set_aside(session, data)
            return
        limit = session.limit
        reader = session.reader
        most = _MAX_LINES
        if limit is not None:
            most = min(most, limit.available(time.monotonic()))
        texts = reader.receive_messages(data, most)
        commands = reader.receive_data(data, most) if texts is None else []
        if limit is not None:
            limit.take(len(commands) if texts is None else len(texts))
        if texts is None:
            self._execute(session, commands)
        else:
            self._say(session, texts)
        if session.member.departure is not None:
            return
        if session.deferred is not None:
            if session.deferred or reader.has_lines:
                self._hold(session)
            return
        if reader.has_lines:
            self._hold(session)
            wait = limit.time_until_next if limit is not None else 0.0
            session.timer = self._loop.call_later(wait, partial(self._process_held, session))
            return
        if session.held:
            session.held = False
            session.connection.resume()
        if texts is None and reader.may_be_whole:
            session.timer = self._loop.call_later(SILENCE, partial(self._silent, session))

    @staticmethod
    def _hold(session: Session) -> None:
        """Read no more of a member: its words pile up at its own end."""
        if not session.held:
            session.held = True
            session.connection.pause()

    def _set_aside(self, session: Session, data: bytes) -> None:
        """Keep what arrived until it can be obeyed."""
        if session.deferred is None:
            self.stalled.append(session)
        self._hold(session)
        self._execute(session, session.reader.receive_data(data, 0))

    def _end_session(self, session: Session) -> None:
        """Somebody has said all."""
        if session.deferred is not None and (session.deferred or session.reader.has_lines):
            session.ended = True
            return
        self._execute(session, session.reader.receive_eof())
        if self._room.depart(session.member, "closed"):
            self.disconnect(session)

    def _process_held(self, session: Session) -> None:
        session.timer = None
        if not session.connection.closed:
            self.receive(session, b"")

    def _silent(self, session: Session) -> None:
        session.timer = None
        commands = session.reader.receive_silence()
        if session.limit is not None:
            session.limit.take(len(commands))
        self._execute(session, commands)

    def _execute(self, session: Session, commands: list[Command]) -> None:
        room, member = self._room, session.member
        if session.deferred is not None:
            session.deferred += commands
            return
        for at, command in enumerate(commands):
            if member.departure is not None:
                break
            match command:
                case Message(text):
                    self._say(session, [text])
                    refusal = None
                case Private(recipient, text):
                    refusal = room.whisper(member, recipient, text)
                    if self._emits_said and refusal is None:
                        self.emit("PrivateMessageSaid", session, recipient, text)
                case Add(name):
                    refusal = room.join(member, name)
                    if refusal is None:
                        if room.is_waiting(member):
                            session.deferred = commands[at + 1 :]
                            break
                        self.admitted(session)
                case Quit():
                    refusal = room.quit(member)
                    if refusal is None and not room.is_waiting(member):
                        self.disconnect(session)
                case Unclear(reason, fatal):
                    refusal = room.refuse(member, reason)
                    if fatal and room.depart(member, reason):
                        self.disconnect(session)
                case Foreign(protocol):
                    refusal = None
                    self.emit("StrangerTurnedAway", session, protocol)
                    room.refuse(member, f"this is a chat room, which does not speak {protocol}")
                    if room.depart(member, f"speaks {protocol}"):
                        self.disconnect(session)
            session.refusal = refusal
            if refusal is not None and self.emits_words:
                self.emit("CommandRefused", session, refusal)
        self.flush_soon()

    def admitted(self, session: Session) -> None:
        """Somebody is in the room."""
        if session.door is not None:
            session.door.cancel()
        self.emit("MemberJoined", session, len(self._room))

    def _say(self, session: Session, texts: list[str]) -> None:
        """Pass lines on to everybody."""
        room, member = self._room, session.member
        for text in texts:
            refusal = room.say(member, text)
            if self.emits_words:
                if refusal is not None:
                    self.emit("CommandRefused", session, refusal)
                elif self._emits_said:
                    self.emit("MessageSaid", session, text)
        self.flush_soon()

    def _send_away(self, session: Session) -> None:
        """Nobody holds a place for ever without taking it."""
        session.door = None
        if session.member.name is not None or session.connection.closed:
            return
        if session.deferred is not None:
            # It has done its part.
            session.door = self._loop.call_later(self._join_timeout, partial(self._send_away, session))
            return
        reason = f"nobody joined within {self._join_timeout:g} s: expected ADD, a name and a newline"
        refusal = self._room.refuse(session.member, reason)
        if self.emits_words:
            self.emit("CommandRefused", session, refusal)
        if self._room.depart(session.member, "did not join"):
            self.disconnect(session)

    def decided(self, session: Session) -> None:
        """It is known whether somebody is in: obey what it said meanwhile."""
        commands, session.deferred = session.deferred, None
        if commands:
            self._execute(session, commands)
        if session.deferred is None and session.member.departure is None:
            self.receive(session, b"")
        if session.ended and session.deferred is None and not session.connection.closed:
            self._end_session(session)

    # Leaving

    def disconnect(self, session: Session) -> None:
        """The member has departed; what it is still owed is sent, then its connection is closed."""
        self._leaving.append(session)
        self._tell_departure(session)

    def _tell_departure(self, session: Session) -> None:
        member, room = session.member, self._room
        if member.name is not None:
            self.emit("MemberLeft", session, len(room), member.departure)
        self.flush_soon()

    # Sending

    def flush_soon(self) -> None:
        if not self._flush_due:
            self._flush_due = True
            self._loop.call_soon(self._flush)
        if self._link is not None:
            self._link.pump()

    def _flush(self) -> None:
        """Write everybody's share: one send a member, however much was said in this turn."""
        self._flush_due = False
        self.told = self._room.history.next_number
        leaving, self._leaving = self._leaving, []
        begun: list[Session] = []
        for member, words in self._room.take_outgoing():
            session: Session = member.owner
            if words is None:
                session.waiting = bytearray()
                begun.append(session)
                continue
            connection = session.connection
            if session.waiting is None:
                connection.write(words)
                owed = connection.pending
            else:
                session.waiting += words
                owed = len(session.waiting)
            if owed > MAX_OWED:
                connection.abort(OSError(f"holds more than {MAX_OWED // 1024} KiB unread"))
        for session in leaving:
            session.leaving = True
            if session.waiting is None:
                self._hang_up(session)
        for session in begun:
            self.repeat_history(session)

    def repeat_history(self, session: Session) -> None:
        """Go on repeating the history to a newcomer, as fast as it takes it, then what was said meanwhile.

        So its size is no matter of memory: only what is said while somebody is here can be too much unread.
        """
        if session.waiting is None or session.connection.closed:
            return
        connection = session.connection
        if connection.pending:
            return  # We are called again once that is taken.
        if piece := self._room.take_replay(session.member, _REPLAY_PIECE):
            connection.write(piece)
            if not connection.pending:
                # The others have their turn first, however much the network takes.
                self._loop.call_soon(partial(self.repeat_history, session))
            return
        waiting, session.waiting = session.waiting, None
        if waiting:
            connection.write(bytes(waiting))
        if session.leaving:
            self._hang_up(session)

    @staticmethod
    def _hang_up(session: Session) -> None:
        if session.held:
            session.connection.resume()  # To see it close.
        session.connection.close_gracefully()

    def emit(self, kind: str, session: Session, *facts: Any) -> None:
        """Emit an event of the room: its class by name, so that nobody pays for it who has no audience."""
        if self._events:
            from pynetdb.events import chat

            connection = session.connection
            event: Event = getattr(chat, kind)(
                session.member.name, connection.number, format_address(connection.peer), *facts
            )
            self._events.emit(event)


def _address_of(peer: Any) -> Any:
    """Return what of a peer's address stays the same when it comes back; None over Unix-domain sockets."""
    return peer[0] if isinstance(peer, tuple) else None
