"""What a room that several servers share asks, tells its members, and reports."""

from typing import NamedTuple

from pynetdb.protocols.chat.broadcast import Member

AWAY = "the room's broker cannot be reached: what you say waits until it can"
BACK = "the room's broker is back: what you said is being said now"
MISSED = "some lines may be missing here: the room does not know any more what was said last"
EXPELLED = (
    "the others heard nothing from this server for so long that they were told you had left: join again"
)

# Whose private lines those are told who wait at the door: what the server says there is a refusal to clients.
DOOR = "*room*"

Word = str | int


class Limits(NamedTuple):
    """How long a room waits, and how much it keeps; times are in milliseconds."""

    lease: int = 10_000
    """After so long a silence a server is taken for dead."""
    ttl: int = 0
    """So long the room lives without any server; 0 is for ever."""
    entries: int = 100_000
    """How many of its last entries the log keeps, or some more."""


class Request(NamedTuple):
    """What is to be asked of the broker: a script by its name, and its arguments."""

    script: str
    arguments: list[Word]


class Fact(NamedTuple):
    """Something that has happened; `member` is None for somebody on another server.

    | kind | what |
    |---|---|
    | `joined`, `left` | somebody is in, or gone; of this server's members only those who join are told |
    | `said`, `whispered` | somebody said `text` to everybody, or to `to` alone |
    | `refused` | a member is not let in, because of `text` |
    | `unreached` | nobody is there to whom a member said a line |
    | `released` | a member that has departed has now heard all that is for it |
    | `expelled` | a member is gone because its server was taken for dead |
    """

    kind: str
    member: Member | None
    name: str = ""
    text: str = ""
    to: str = ""
    server: str = ""
