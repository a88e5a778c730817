"""A chat room: who is in it, and who hears what."""

from collections import deque
from collections.abc import Iterable
from typing import Any

from pynetdb.protocols.chat.confusables import make_skeleton
from pynetdb.protocols.chat.events import Goodbye, Joined, Left, Whispered, encode, encode_said
from pynetdb.protocols.chat.names import HISTORY, NOBODY, SERVER, check_name, fold_name
from pynetdb.terminal import safe_line


class Member:
    """Somebody at the door (`name` is None), in the room, or gone again.

    `owner` is the caller's: whoever carries the words to this member.
    """

    __slots__ = ("departure", "name", "owner")

    def __init__(self, owner: Any = None) -> None:
        self.owner = owner
        self.name: str | None = None
        self.departure: str | None = None
        """Why it is gone (`quit`, `closed`...); None while it is here. Only the room sets it, once."""


class _Delta:
    """Where one member's part of this turn differs: what of the broadcast is its own, words for it alone."""

    __slots__ = ("first", "last", "own")

    def __init__(self, first: int, last: int | None = None) -> None:
        self.first = first
        self.last = last
        self.own: list[tuple[int, str]] = []


class Room:
    """Members talking; nothing here sends.

    Methods that can refuse return the refusal, which the member is told too, or None. `take_outgoing`
    hands out what everybody is to hear, gathered since the last time. `motd` greets who joins; the last
    `history` public lines are repeated to them.

    | a member is | and then | all hear | it alone hears | and is |
    |---|---|---|---|---|
    | at the door | `join` | NEW, it first | motd, history | in the room |
    | at the door | anything else | | the refusal | at the door |
    | in the room | `say` | MESSAGE, it too | | in the room |
    | in the room | `whisper` | | (the recipient) PRIVATE | in the room |
    | in the room | `quit` | LEFT | GOODBYE | gone |
    | in the room | `depart` | LEFT | | gone |
    | at the door | `depart` | | | gone |
    | gone | `depart` | | | gone: it happens once |
    """

    def __init__(self, motd: str = "", history: int = 0, earlier: Iterable[tuple[str, str]] = ()) -> None:
        """`earlier` are sender and text of public lines that were said before this room was made."""
        self._motd = [safe_line(line) for line in motd.splitlines()]
        self._history: deque[tuple[str, str]] = deque(earlier, history)
        self._members: dict[str, Member] = {}
        # Of the names that are here: nobody may come in who would be taken for somebody else.
        self._skeletons: dict[str, str] = {}
        self._broadcast: list[str] = []
        self._deltas: dict[Member, _Delta] = {}

    def __len__(self) -> int:
        return len(self._members)

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
        member.name = name
        self._members[key] = member
        self._skeletons[skeleton] = name
        delta = self._deltas.setdefault(member, _Delta(0))
        delta.first = len(self._broadcast)
        delta.last = None
        # Its own NEW is the first that it hears of the broadcast: by that it knows that it is in.
        self._broadcast.append(encode(Joined(name)))
        for line in self._motd:
            self._tell(member, encode(Whispered(SERVER, line)))
        for sender, text in self._history:
            self._tell(member, encode(Whispered(HISTORY, f"{sender}: {text}")))
        return None

    def say(self, member: Member, text: str) -> str | None:
        """Pass a line on to everybody, its sender too."""
        if member.name is None:
            return self.refuse(member, "join first: expected ADD and a name")
        self._broadcast.append(encode_said(member.name, text))
        if self._history.maxlen:
            self._history.append((member.name, text))
        return None

    def whisper(self, member: Member, recipient: str, text: str) -> str | None:
        """Pass a line on to one member alone."""
        if member.name is None:
            return self.refuse(member, "join first: expected ADD and a name")
        reached = self._members.get(fold_name(recipient))
        if reached is None:
            return self.refuse(member, f"{NOBODY}{safe_line(recipient)}")
        self._tell(reached, encode(Whispered(member.name, text)))
        return None

    def quit(self, member: Member) -> str | None:
        """Let somebody go with a goodbye; it has departed then, as by `depart`."""
        if member.name is None:
            return self.refuse(member, "join first: expected ADD and a name")
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

    def take_outgoing(self) -> list[tuple[Member, bytes]]:
        """Return for each member what it is to hear, in the order in which it was said."""
        # What most hear is put together once, and is one object however many they are; only who heard
        # something else in this turn costs more.
        broadcast, deltas = self._broadcast, self._deltas
        self._broadcast, self._deltas = [], {}
        told: list[tuple[Member, bytes]] = []
        if broadcast:
            everything = "".join(broadcast).encode("utf-8")
            told += [(member, everything) for member in self._members.values() if member not in deltas]
        for member, delta in deltas.items():
            if words := _composed(broadcast, delta).encode("utf-8"):
                told.append((member, words))
        return told

    def _tell(self, member: Member, words: str) -> None:
        delta = self._deltas.get(member)
        if delta is None:
            # Who is not in the room hears nothing of the broadcast.
            inside = member.name is not None and member.departure is None
            delta = self._deltas[member] = _Delta(0, None if inside else 0)
        delta.own.append((len(self._broadcast), words))


def _composed(broadcast: list[str], delta: _Delta) -> str:
    """What a member hears: its part of the broadcast, and between the lines what is for it alone."""
    parts: list[str] = []
    at = delta.first
    end = len(broadcast) if delta.last is None else delta.last
    for position, words in delta.own:
        parts += broadcast[at : min(position, end)]
        parts.append(words)
        at = max(at, position)
    parts += broadcast[at:end]
    return "".join(parts)
