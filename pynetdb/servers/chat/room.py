"""The chat server: a room on the loop."""

import time
from functools import partial
from typing import Any, Protocol

from pynetdb.net.addresses import written
from pynetdb.net.loop import Timer
from pynetdb.net.server.connection import Connection, Handler
from pynetdb.net.server.server import Server
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
    def finish(self) -> None: ...
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


class Chat(Handler):
    """Hears everybody, and once a turn writes to each what it is owed.

    `rate` is how many lines a second a member may say, 0 for as many as it likes; the others wait in the
    network. The operator hears of joins and leaves, with --verbose of every word.
    """

    def __init__(self, server: Server, room: Room, rate: float) -> None:
        self._server = server
        self._loop = server.loop
        self._room = room
        self._rate = rate
        self._flush_due = False
        self._leaving: list[Guest] = []
        self._tells_words = server.report.verbosity > 0

    def connected(self, connection: Connection) -> None:
        connection.state = self.welcome(connection)
        connection.keep_alive(_PROBE)

    def received(self, connection: Connection, data: memoryview) -> None:
        self.hear(connection.state, bytes(data))

    def ended(self, connection: Connection) -> None:
        guest: Guest = connection.state
        self._obey(guest, guest.reader.receive_eof())
        self._let_go(guest, "closed")

    def lost(self, connection: Connection, error: OSError | None) -> None:
        self.gone(connection.state, error)

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
                    if self._tells_words and refusal is None:
                        self._tell(guest, "message", f"{member.name}: {text}", text=text)
                case Private(recipient, text):
                    refusal = room.whisper(member, recipient, text)
                    if self._tells_words and refusal is None:
                        self._tell(
                            guest, "private", f"{member.name} to {recipient}: {text}", to=recipient, text=text
                        )
                case Add(name):
                    refusal = room.join(member, name)
                    if refusal is None:
                        self._tell(
                            guest, "joined", f"{name} joined, {len(room)} in the room", members=len(room)
                        )
                case Quit():
                    refusal = room.quit(member)
                    if refusal is None:
                        self._let_go(guest, "quit")
                case Unclear(reason, fatal):
                    refusal = room.refuse(member, reason)
                    if fatal:
                        self._let_go(guest, reason)
            if refusal is not None and self._tells_words:
                self._tell(guest, "refused", f"#{guest.connection.number} refused: {refusal}", text=refusal)
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
            line = f"{member.name} left ({guest.reason}), {len(room)} in the room"
            self._tell(guest, "left", line, members=len(room), reason=guest.reason)
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
            guest.connection.finish()

    def _tell(self, guest: Guest, event: str, line: str, **more: Any) -> None:
        """Tell the operator, as an event with --format jsonl and in words otherwise."""
        report = self._server.report
        if report.format == "jsonl":
            who = {"name": guest.member.name, "connection": guest.connection.number}
            place = {"from": written(guest.connection.peer)}
            self._server.tell({"event": event, **who, **place, **more}, line)
        else:
            report.talk(f"{self._server.name}: {line}")
