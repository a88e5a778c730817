"""A chat room: who is in it, and who hears what."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from pynetdb.protocols.chat.confusables import make_skeleton
from pynetdb.protocols.chat.events import Goodbye, Joined, Left, Whispered, encode, encode_said
from pynetdb.protocols.chat.history import History
from pynetdb.protocols.chat.names import HERE, HISTORY, NOBODY, SERVER, WHO, check_name, fold_name
from pynetdb.terminal import safe_line

# Names in one line of who is here: a client that frames by its recv(1024), as the textbook's does, gets it
# whole.
_MAX_NAMES = 30


class Member:
    """Somebody at the door (`name` is None), in the room, or gone again.

    `owner` is the caller's: whoever carries the words to this member.
    """

    __slots__ = ("departure", "heard", "name", "owner", "replay")

    def __init__(self, owner: Any = None) -> None:
        self.owner = owner
        self.name: str | None = None
        self.departure: str | None = None
        """Why it is gone (`quit`, `closed`...); None while it is here. Only the room sets it, once."""
        self.heard: int | None = None
        """The number of the first public line that it has not heard, if it was here; None for a newcomer."""
        self.replay = range(0)
        """What of the history it is still to hear, by number."""


class _Delta:
    """Where one member's part of this turn differs: what of the broadcast is its own, words for it alone."""

    __slots__ = ("first", "last", "own")

    def __init__(self, first: int, last: int | None = None) -> None:
        self.first = first
        self.last = last
        self.own: list[tuple[int, str | None]] = []
        """Words and their places in the broadcast; None is where the history is repeated."""


class Room:
    """Members talking; nothing here sends.

    Methods that can refuse return the refusal, which the member is told too, or None. `take_outgoing`
    hands out what everybody is to hear, gathered since the last time. `motd` greets who joins; the last
    `history` public lines are repeated to them. Who comes back (`Member.heard`) is not greeted again, and
    hears what it has missed of the last `kept` lines.

    | a member is | and then | all hear | it alone hears | and is |
    |---|---|---|---|---|
    | at the door | `join` | NEW, it first | motd, history | in the room |
    | at the door | `quit` | | GOODBYE | gone |
    | at the door | anything else | | the refusal | at the door |
    | in the room | `say` | MESSAGE, it too | | in the room |
    | in the room | `whisper` | | (the recipient) PRIVATE | in the room |
    | in the room | `whisper` WHO to SERVER | | who is here | in the room |
    | in the room | `quit` | LEFT | GOODBYE | gone |
    | in the room | `depart` | LEFT | | gone |
    | at the door | `depart` | | | gone |
    | gone | `depart` | | | gone: it happens once |

    The history is not handed out with the rest: `take_replay` gives it piece by piece, as a member takes it.
    """

    def __init__(
        self,
        motd: str = "",
        history: int = 0,
        earlier: Iterable[tuple[str, str]] = (),
        *,
        kept: int = 0,
        introduces: bool = False,
    ) -> None:
        """`earlier` are sender and text of public lines that were said before this room was made.

        With `introduces` who joins is told who is here. Not by NEW, which would say that they came just now;
        and only where it is asked for, because programs of a class may count on the textbook's lines alone.
        """
        self._motd = [safe_line(line) for line in motd.splitlines()]
        self._introduces = introduces
        self._repeated = history
        self._history = History(max(history, kept), earlier)
        self._members: dict[str, Member] = {}
        # Of the names that are here: nobody may come in who would be taken for somebody else.
        self._skeletons: dict[str, str] = {}
        self._broadcast: list[str] = []
        self._deltas: dict[Member, _Delta] = {}

    def __len__(self) -> int:
        return len(self._members)

    @property
    def names(self) -> list[str]:
        """Who is here, in the order in which they came."""
        return [member.name for member in self._members.values() if member.name is not None]

    @property
    def kept(self) -> range:
        """The numbers of the public lines that can be repeated; its end is that of the next line."""
        return self._history.numbers

    @property
    def has_news(self) -> bool:
        """Whether `take_outgoing` has anything for anybody."""
        return bool(self._broadcast or self._deltas)

    def join(self, member: Member, name: str) -> str | None:
        """Let somebody in under `name`; all are told, the new member first of all."""
        if member.name is not None:
            return self.refuse(member, f"you are {member.name} already")
        if (wrong := check_name(name)) is not None:
            return self.refuse(member, wrong)
        key = fold_name(name)
        if key in self._members:
            return self.refuse(member, f"the name {name} is taken")
        skeleton = make_skeleton(name)
        if (double := self._skeletons.get(skeleton)) is not None:
            return self.refuse(member, f"the name {name} looks like {double}, who is here")
        others = self._describe_members()
        member.name = name
        self._members[key] = member
        self._skeletons[skeleton] = name
        delta = self._deltas.setdefault(member, _Delta(0))
        delta.first = len(self._broadcast)
        delta.last = None
        # Its own NEW is the first that it hears of the broadcast: by that it knows that it is in.
        self._broadcast.append(encode(Joined(name)))
        if member.heard is None:
            for line in [*self._motd, *([others] if self._introduces and others else [])]:
                self._tell(member, encode(Whispered(SERVER, line)))
        kept = self._history.numbers
        first = kept.stop - self._repeated if member.heard is None else min(member.heard, kept.stop)
        member.replay = range(max(first, kept.start), kept.stop)
        if member.replay:
            self._tell(member, None)
        return None

    def say(self, member: Member, text: str) -> str | None:
        """Pass a line on to everybody, its sender too."""
        if member.name is None:
            return self.refuse(member, "join first: expected ADD and a name")
        self._broadcast.append(encode_said(member.name, text))
        self._history.append(member.name, text)
        return None

    def whisper(self, member: Member, recipient: str, text: str) -> str | None:
        """Pass a line on to one member alone."""
        if member.name is None:
            return self.refuse(member, "join first: expected ADD and a name")
        reached = self._members.get(fold_name(recipient))
        if reached is None:
            if recipient == SERVER and text.strip() == WHO:
                self._tell(member, encode(Whispered(SERVER, self._describe_members())))
                return None
            return self.refuse(member, f"{NOBODY}{safe_line(recipient)}")
        self._tell(reached, encode(Whispered(member.name, text)))
        return None

    def quit(self, member: Member) -> str | None:
        """Let somebody go with a goodbye; it has departed then, as by `depart`."""
        self._tell(member, encode(Goodbye()))
        self.depart(member, "quit")
        return None

    def refuse(self, member: Member, reason: str) -> str:
        """Tell a member what is wrong, and return it."""
        self._tell(member, encode(Whispered(SERVER, reason)))
        return reason

    def depart(self, member: Member, reason: str) -> bool:
        """Somebody is gone for `reason`; False for one who was gone already: LEFT is said once."""
        if member.departure is not None:
            return False
        member.departure = reason
        if member.name is not None:
            del self._members[fold_name(member.name)]
            del self._skeletons[make_skeleton(member.name)]
            delta = self._deltas.setdefault(member, _Delta(0))
            # Nothing that is said from here on is for who has gone, LEFT included.
            delta.last = len(self._broadcast)
            self._broadcast.append(encode(Left(member.name)))
        return True

    def take_replay(self, member: Member, most: int) -> bytes:
        """Return the next lines of the history for a member, some more than `most` bytes; `b""` is its end.

        Lines that the history has let go meanwhile, for later ones, are passed over.
        """
        lines: list[str] = []
        size = 0
        first = max(member.replay.start, self._history.numbers.start)
        for number in range(first, member.replay.stop):
            if size >= most:
                break
            sender, text = self._history[number]
            lines.append(encode(Whispered(HISTORY, f"{sender}: {text}")))
            size += len(lines[-1])
        member.replay = range(first + len(lines), member.replay.stop)
        return "".join(lines).encode("utf-8")

    def take_outgoing(self) -> list[tuple[Member, bytes | None]]:
        """Return for each member what it is to hear, in the order in which it was said.

        None stands where the history is to be repeated to the member, before what follows.
        """
        # What most hear is put together once, and is one object however many they are; only who heard
        # something else in this turn costs more.
        broadcast, deltas = self._broadcast, self._deltas
        self._broadcast, self._deltas = [], {}
        told: list[tuple[Member, bytes | None]] = []
        if broadcast:
            everything = "".join(broadcast).encode("utf-8")
            told += [(member, everything) for member in self._members.values() if member not in deltas]
        for member, delta in deltas.items():
            told += [(member, words) for words in _composed(broadcast, delta)]
        return told

    def _describe_members(self) -> str:
        """Say who is here, `""` if nobody is. Names hold no blanks, so that a client can tell them apart."""
        names = [member.name or "" for member in islice(self._members.values(), _MAX_NAMES)]
        more = len(self._members) - len(names)
        return HERE + ", ".join([*names, *([f"and {more} more"] if more else [])]) if names else ""

    def _tell(self, member: Member, words: str | None) -> None:
        delta = self._deltas.get(member)
        if delta is None:
            # Who is not in the room hears nothing of the broadcast.
            inside = member.name is not None and member.departure is None
            delta = self._deltas[member] = _Delta(0, None if inside else 0)
        delta.own.append((len(self._broadcast), words))


def _composed(broadcast: list[str], delta: _Delta) -> list[bytes | None]:
    """What a member hears: its part of the broadcast, and between the lines what is for it alone."""
    pieces: list[bytes | None] = []
    parts: list[str] = []
    at = delta.first
    end = len(broadcast) if delta.last is None else delta.last
    for position, words in delta.own:
        parts += broadcast[at : min(position, end)]
        at = max(at, position)
        if words is not None:
            parts.append(words)
            continue
        pieces += ["".join(parts).encode("utf-8"), None]
        parts = []
    parts += broadcast[at:end]
    if parts:
        pieces.append("".join(parts).encode("utf-8"))
    return pieces
