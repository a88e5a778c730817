"""A chat room: who is in it, and who hears what."""

from collections import deque
from typing import Any

from pynetdb.protocols.chat.events import Goodbye, Joined, Left, Whispered, encode
from pynetdb.protocols.chat.names import HISTORY, NOBODY, SERVER, name_key, objection
from pynetdb.terminal import safe_line


class Member:
    """Somebody at the door (`name` is None), in the room, or gone again.

    `owner` is the caller's: whoever carries the words to this member.
    """

    __slots__ = ("gone", "name", "owner")

    def __init__(self, owner: Any = None) -> None:
        self.owner = owner
        self.name: str | None = None
        self.gone = False


class _Share:
    """What one member hears in this turn that the others do not: parts of the talk, words of its own."""

    __slots__ = ("first", "last", "own")

    def __init__(self, first: int, last: int | None = None) -> None:
        self.first = first
        self.last = last
        self.own: list[tuple[int, str]] = []


class Room:
    """Members talking; nothing here sends.

    Methods that can refuse return the refusal, which the member is told too, or None. `owed` hands out
    what everybody is to hear, gathered since the last time. `motd` greets who joins; the last
    `history` public lines are repeated to them.
    """

    def __init__(self, motd: str = "", history: int = 0) -> None:
        self._motd = [safe_line(line) for line in motd.splitlines()]
        self._history: deque[tuple[str, str]] = deque(maxlen=history)
        self._members: dict[str, Member] = {}
        self._talk: list[str] = []
        self._shares: dict[Member, _Share] = {}

    def __len__(self) -> int:
        return len(self._members)

    @property
    def has_news(self) -> bool:
        """Whether `owed` has anything for anybody."""
        return bool(self._talk or self._shares)

    def join(self, member: Member, name: str) -> str | None:
        """Let somebody in under `name`; all are told, the new member first of all."""
        if member.name is not None:
            return self.refuse(member, f"you are {member.name} already")
        if (wrong := objection(name)) is not None:
            return self.refuse(member, wrong)
        key = name_key(name)
        if key in self._members:
            return self.refuse(member, f"the name {name} is taken")
        member.name = name
        self._members[key] = member
        share = self._shares.setdefault(member, _Share(0))
        share.first = len(self._talk)
        share.last = None
        self._talk.append(encode(Joined(name)))
        for line in self._motd:
            self._tell(member, encode(Whispered(SERVER, line)))
        for sender, text in self._history:
            self._tell(member, encode(Whispered(HISTORY, f"{sender}: {text}")))
        return None

    def say(self, member: Member, text: str) -> str | None:
        """Pass a line on to everybody, its sender too."""
        if member.name is None:
            return self.refuse(member, "join first: expected ADD and a name")
        self._talk.append(f"MESSAGE {member.name}\n{text}\n")
        if self._history.maxlen:
            self._history.append((member.name, text))
        return None

    def whisper(self, member: Member, recipient: str, text: str) -> str | None:
        """Pass a line on to one member alone."""
        if member.name is None:
            return self.refuse(member, "join first: expected ADD and a name")
        reached = self._members.get(name_key(recipient))
        if reached is None:
            return self.refuse(member, f"{NOBODY}{safe_line(recipient)}")
        self._tell(reached, encode(Whispered(member.name, text)))
        return None

    def quit(self, member: Member) -> str | None:
        """Let somebody go with a goodbye."""
        if member.name is None:
            return self.refuse(member, "join first: expected ADD and a name")
        self._tell(member, encode(Goodbye()))
        self.depart(member)
        return None

    def refuse(self, member: Member, reason: str) -> str:
        """Tell a member what is wrong, and return it."""
        self._tell(member, encode(Whispered(SERVER, reason)))
        return reason

    def depart(self, member: Member) -> bool:
        """Somebody is gone, for whatever reason; say whether the room was told, which happens once."""
        if member.gone:
            return False
        member.gone = True
        if member.name is None:
            return False
        del self._members[name_key(member.name)]
        share = self._shares.setdefault(member, _Share(0))
        share.last = len(self._talk)
        self._talk.append(encode(Left(member.name)))
        return True

    def owed(self) -> list[tuple[Member, bytes]]:
        """Return for each member what it is to hear, in the order in which it was said."""
        talk, shares = self._talk, self._shares
        self._talk, self._shares = [], {}
        told: list[tuple[Member, bytes]] = []
        if talk:
            everything = "".join(talk).encode("utf-8")
            told += [(member, everything) for member in self._members.values() if member not in shares]
        for member, share in shares.items():
            if words := _composed(talk, share).encode("utf-8"):
                told.append((member, words))
        return told

    def _tell(self, member: Member, words: str) -> None:
        share = self._shares.get(member)
        if share is None:
            # Who is not in the room hears nothing of the talk.
            inside = member.name is not None and not member.gone
            share = self._shares[member] = _Share(0, None if inside else 0)
        share.own.append((len(self._talk), words))


def _composed(talk: list[str], share: _Share) -> str:
    """What a member hears: its part of the talk, and between the lines what is for it alone."""
    parts: list[str] = []
    at = share.first
    end = len(talk) if share.last is None else share.last
    for position, words in share.own:
        parts += talk[at : min(position, end)]
        parts.append(words)
        at = max(at, position)
    parts += talk[at:end]
    return "".join(parts)
