"""What members are to hear: a turn's words, put together once for all, and what differs for one."""

from collections.abc import Iterable
from typing import Any


class Member:
    """Somebody at the door (`name` is None), in the room, or gone again.

    `owner` is the caller's: whoever carries the words to this member.
    """

    __slots__ = ("departure", "heard", "name", "owner", "replay", "ticket")

    def __init__(self, owner: Any = None) -> None:
        self.owner = owner
        self.name: str | None = None
        self.departure: str | None = None
        """Why it is gone (`quit`, `closed`...); None while it is here. Only the room sets it, once."""
        self.heard: int | None = None
        """The number of the first public line that it has not heard, if it was here; None for a newcomer."""
        self.replay = range(0)
        """What of the history it is still to hear, by number."""
        self.ticket: Any = None
        """The room's own: what it remembers of a member whose name others decide on."""


class _Delta:
    """Where one member's part of this turn differs: what of the broadcast is its own, words for it alone."""

    __slots__ = ("first", "last", "own")

    def __init__(self, first: int, last: int | None = None) -> None:
        self.first = first
        self.last = last
        self.own: list[tuple[int, str | None]] = []
        """Words and their places in the broadcast; None is where the history is repeated."""


class Broadcast:
    """The words of one turn."""

    def __init__(self) -> None:
        self.words: list[str] = []
        """What everybody hears, in its order."""
        self._deltas: dict[Member, _Delta] = {}

    def begin(self, member: Member) -> None:
        """From here on a member hears what everybody does."""
        delta = self._deltas.setdefault(member, _Delta(0))
        delta.first = len(self.words)
        delta.last = None

    def end(self, member: Member) -> None:
        """Nothing that is said from here on is for a member any more."""
        self._deltas.setdefault(member, _Delta(0)).last = len(self.words)

    def tell(self, member: Member, words: str | None) -> None:
        """Say something to one member alone; None has the history repeated."""
        delta = self._deltas.get(member)
        if delta is None:
            # Who is not in the room hears nothing of the broadcast.
            inside = member.name is not None and member.departure is None
            delta = self._deltas[member] = _Delta(0, None if inside else 0)
        delta.own.append((len(self.words), words))

    def take(self, members: Iterable[Member]) -> list[tuple[Member, bytes | None]]:
        """Return for each of those who are in the room, and who were, what it is to hear, and begin anew.

        None stands where the history is to be repeated to the member, before what follows.
        """
        # What most hear is put together once, and is one object however many they are; only who heard
        # something else in this turn costs more.
        words, deltas = self.words, self._deltas
        self.words, self._deltas = [], {}
        told: list[tuple[Member, bytes | None]] = []
        if words:
            everything = "".join(words).encode("utf-8")
            told += [(member, everything) for member in members if member not in deltas]
        for member, delta in deltas.items():
            told += [(member, piece) for piece in _compose(words, delta)]
        return told


def _compose(broadcast: list[str], delta: _Delta) -> list[bytes | None]:
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
