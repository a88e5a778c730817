"""One connection to the chat room: who is behind it, and what carries words to it."""

from typing import Any, Protocol

from pynetdb.net.loop import Timer
from pynetdb.protocols.chat.broadcast import Member
from pynetdb.protocols.chat.commands import Command, CommandReader
from pynetdb.protocols.chat.rate_limit import TokenBucket

# What a member that does not read may make us hold: beyond it that member goes, and nobody waits.
MAX_OWED = 256 * 1024


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

    __slots__ = (
        "connection",
        "deferred",
        "door",
        "ended",
        "held",
        "leaving",
        "limit",
        "member",
        "reader",
        "refusal",
        "timer",
        "waiting",
    )

    def __init__(self, connection: Line, limit: TokenBucket | None) -> None:
        self.connection = connection
        self.limit = limit
        self.reader = CommandReader()
        self.member = Member(self)
        self.held = False
        self.timer: Timer | None = None
        self.door: Timer | None = None
        """How long it may take to join."""
        self.waiting: bytearray | None = None
        """What was said while the history is being repeated; None while it is not."""
        self.deferred: list[Command] | None = None
        """What it said while nobody knew whether it is in; None while that is known."""
        self.ended = False
        """Whether it has said all while nobody knew."""
        self.refusal: str | None = None
        """Why the last of its commands was refused; None if it was not."""
        self.leaving = False
        """Once it has all that it is owed, the connection is closed."""
