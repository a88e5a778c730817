"""What a server has to tell the others' room, in its order: joins, lines, leaves."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from pynetdb.protocols.chat.broadcast import Member
from pynetdb.protocols.chat.confusables import make_skeleton
from pynetdb.protocols.chat.names import fold_name
from pynetdb.protocols.chat.shared_facts import Word

# Bytes of lines that may wait for the broker: some seconds of a busy room, or minutes of an outage.
MAX_WAITING = 1024 * 1024

# So much goes in one step, in which the broker does nothing else; and a way there that breaks now and then
# carries it too.
_MAX_LINES = 1000
_MAX_BATCH = 64 * 1024

# Of a line, what stands around its words.
_OVERHEAD = 64


class Ticket:
    """One try of a member to be in the room under a name, by which the broker knows it."""

    __slots__ = (
        "expelled",
        "folded",
        "heard",
        "leaves",
        "listens",
        "member",
        "name",
        "number",
        "sent",
        "server",
        "skeleton",
    )

    def __init__(self, member: Member, name: str, server: str, number: int) -> None:
        self.member = member
        self.name = name
        self.number = number
        self.server = server
        self.folded = fold_name(name)
        self.skeleton = make_skeleton(name)
        self.sent = False
        """Whether the broker may know of it."""
        self.heard = False
        """Whether its NEW was in the log."""
        self.listens = False
        """Whether it hears what is said: from its NEW on, and after QUIT until its LEFT."""
        self.leaves = False
        """Whether the broker may know that it is gone."""
        self.expelled = False
        """Whether the room has let it go: nothing of its is said any more."""

    @property
    def value(self) -> str:
        """What stands in the broker's hash of names."""
        return f"{self.server}\n{self.number}\n{self.folded}\n{self.name}"


class Line(NamedTuple):
    """A line that somebody says; `recipient` is "" for everybody."""

    ticket: Ticket
    words: str
    recipient: str = ""
    skeleton: str = ""
    folded: str = ""


@dataclass(eq=False)
class Join:
    """Somebody wants to come in."""

    script = "join"

    ticket: Ticket

    def take_arguments(self) -> list[Word]:
        """Return what the script is to be told, which the broker may know from now on."""
        ticket = self.ticket
        ticket.sent = True
        return [ticket.skeleton, ticket.value, ticket.folded, ticket.name, ticket.number]


@dataclass(eq=False)
class Say:
    """Lines that are said in one step."""

    script = "say"

    lines: list[Line] = field(default_factory=list)
    size: int = 0
    number: int = 0
    """Of the batch, once it was sent: so that it is not said twice."""

    def begin(self, number: int) -> None:
        """From here on it is the same, however often it is sent; nothing is said for who was expelled."""
        self.number = number
        self.lines = [line for line in self.lines if not line.ticket.expelled]

    def take_arguments(self) -> list[Word]:
        """Return what the script is to be told."""
        words: list[Word] = [self.number]
        for ticket, text, recipient, skeleton, folded in self.lines:
            if recipient:
                words += ("PRIVATE", text, ticket.number, skeleton, folded)
            else:
                words += ("MESSAGE", text, ticket.number)
        return words


@dataclass(eq=False)
class Leave:
    """Somebody has gone."""

    script = "leave"

    ticket: Ticket
    tries: int = 0

    def take_arguments(self) -> list[Word]:
        """Return what the script is to be told, which the broker may know from now on."""
        self.tries += 1
        self.ticket.leaves = True
        return [self.ticket.skeleton, self.ticket.value]


@dataclass(eq=False)
class Close:
    """The server ends: everybody on it leaves."""

    script = "leave"

    def take_arguments(self) -> list[Word]:
        """Return what the script is to be told."""
        return ["*"]


Operation = Join | Say | Leave | Close


class Outbox:
    """Operations in their order; the first of them may be on its way."""

    def __init__(self) -> None:
        self._queue: deque[Operation] = deque()
        self._under_way: Operation | None = None
        self._size = 0

    def __bool__(self) -> bool:
        return bool(self._queue) or self._under_way is not None

    def __iter__(self) -> Iterator[Operation]:
        if self._under_way is not None:
            yield self._under_way
        yield from self._queue

    @property
    def is_full(self) -> bool:
        """Whether so much waits that nobody should say more."""
        return self._size > MAX_WAITING

    @property
    def has_room(self) -> bool:
        """Whether those who were held back can go on: not for a single line each time."""
        return self._size <= MAX_WAITING // 2

    def put(self, operation: Operation) -> None:
        """Add an operation."""
        self._queue.append(operation)

    def say(self, line: Line) -> None:
        """Add a line, to the last batch if that one still grows."""
        words = line.words
        size = _OVERHEAD + (len(words) if words.isascii() else len(words.encode("utf-8")))
        last = self._queue[-1] if self._queue else None
        if (
            not isinstance(last, Say)
            or len(last.lines) >= _MAX_LINES
            or last.size > _MAX_BATCH
            or last.number
        ):
            last = Say()
            self._queue.append(last)
        last.lines.append(line)
        last.size += size
        self._size += size

    def withdraw(self, ticket: Ticket) -> None:
        """Somebody goes whose join nobody has been told of."""
        self._queue = deque(op for op in self._queue if not (isinstance(op, Join) and op.ticket is ticket))

    def begin(self) -> Operation | None:
        """Return the next operation, which is on its way then; None if one is, or if there is none."""
        if self._under_way is not None or not self._queue:
            return None
        self._under_way = self._queue.popleft()
        return self._under_way

    def end(self) -> None:
        """What was on its way is done."""
        if isinstance(self._under_way, Say):
            self._size -= self._under_way.size
        self._under_way = None

    def restart(self) -> None:
        """Nobody knows whether what was on its way has arrived: it is to be sent again."""
        if self._under_way is not None:
            self._queue.appendleft(self._under_way)
            self._under_way = None

    def clear(self) -> None:
        """Forget everything."""
        self._queue.clear()
        self._under_way = None
        self._size = 0
