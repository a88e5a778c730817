"""A chat room: who is in it, and who hears what."""

from collections.abc import Iterable

from pynetdb.protocols.chat.broadcast import Broadcast, Member
from pynetdb.protocols.chat.events import Goodbye, Joined, Left, Whispered, encode, encode_said
from pynetdb.protocols.chat.history import History
from pynetdb.protocols.chat.members import Members
from pynetdb.protocols.chat.names import HERE, HISTORY, SERVER, WHO, describe_nobody
from pynetdb.terminal import safe_line

# Names in one line of who is here: a client that frames by its recv(1024), as the textbook's does, gets it
# whole.
_MAX_NAMES = 30


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

    is_shared = False
    """Whether what is said is decided on elsewhere: then `join` returns before it is known who is in."""
    accepts = True
    """Whether members may say something now; otherwise their words wait at their own end."""
    has_room = True
    """Whether those who wait so can go on."""

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
        self.history = History(max(history, kept), earlier)
        self._members = Members()
        self._broadcast = Broadcast()

    def __len__(self) -> int:
        return len(self._members)

    @property
    def names(self) -> list[str]:
        """Who is here, in the order in which they came."""
        return [member.name for member in self._members if member.name is not None]

    @property
    def kept(self) -> range:
        """The numbers of the public lines that can be repeated; its end is that of the next line."""
        return self.history.numbers

    @property
    def listeners(self) -> Iterable[Member]:
        """Those who hear what is said."""
        return self._members

    def join(self, member: Member, name: str) -> str | None:
        """Let somebody in under `name`; all are told, the new member first of all."""
        if (wrong := self._members.check(member, name)) is not None:
            return self.refuse(member, wrong)
        self._admit(member, name)
        return None

    def _admit(self, member: Member, name: str) -> None:
        others = self._describe_members() if self._introduces and member.heard is None else ""
        self._members.add(member, name)
        self._broadcast.begin(member)
        # Its own NEW is the first that it hears of the broadcast: by that it knows that it is in.
        self._broadcast.words.append(encode(Joined(name)))
        if member.heard is None:
            for line in [*self._motd, *([others] if others else [])]:
                self._broadcast.tell(member, encode(Whispered(SERVER, line)))
        kept = self.history.numbers
        first = kept.stop - self._repeated if member.heard is None else min(member.heard, kept.stop)
        member.replay = range(max(first, kept.start), kept.stop)
        if member.replay:
            self._broadcast.tell(member, None)

    def say(self, member: Member, text: str) -> str | None:
        """Pass a line on to everybody, its sender too."""
        if member.name is None:
            return self.refuse(member, "join first: expected ADD and a name")
        self._broadcast.words.append(encode_said(member.name, text))
        if self.history.size:
            self.history.append(member.name, text)
        return None

    def whisper(self, member: Member, recipient: str, text: str) -> str | None:
        """Pass a line on to one member alone."""
        if member.name is None:
            return self.refuse(member, "join first: expected ADD and a name")
        reached = self._members.find(recipient)
        if reached is None:
            if recipient == SERVER and text.strip() == WHO:
                self._broadcast.tell(member, encode(Whispered(SERVER, self._describe_members())))
                return None
            return self.refuse(member, describe_nobody(recipient))
        self._broadcast.tell(reached, encode(Whispered(member.name, text)))
        return None

    def quit(self, member: Member) -> str | None:
        """Let somebody go with a goodbye; it has departed then, as by `depart`."""
        self._broadcast.tell(member, encode(Goodbye()))
        self.depart(member, "quit")
        return None

    def refuse(self, member: Member, reason: str) -> str:
        """Tell a member what is wrong, and return it."""
        self._broadcast.tell(member, encode(Whispered(SERVER, reason)))
        return reason

    def depart(self, member: Member, reason: str) -> bool:
        """Somebody is gone for `reason`; False for one who was gone already: LEFT is said once."""
        if member.departure is not None:
            return False
        member.departure = reason
        if member.name is not None:
            self._members.remove(member)
            # Nothing that is said from here on is for who has gone, LEFT included.
            self._broadcast.end(member)
            self._broadcast.words.append(encode(Left(member.name)))
        return True

    def is_waiting(self, member: Member) -> bool:
        """Whether it is not decided yet if a member is in; or it has quit, and is still to hear something."""
        return False

    def take_replay(self, member: Member, most: int) -> bytes:
        """Return the next lines of the history for a member, some more than `most` bytes; `b""` is its end.

        Lines that the history has let go meanwhile, for later ones, are passed over.
        """
        lines: list[str] = []
        size = 0
        first = max(member.replay.start, self.history.numbers.start)
        for number in range(first, member.replay.stop):
            if size >= most:
                break
            sender, text = self.history[number]
            lines.append(encode(Whispered(HISTORY, f"{sender}: {text}")))
            size += len(lines[-1])
        member.replay = range(first + len(lines), member.replay.stop)
        return "".join(lines).encode("utf-8")

    def take_outgoing(self) -> list[tuple[Member, bytes | None]]:
        """Return for each member what it is to hear, in the order in which it was said.

        None stands where the history is to be repeated to the member, before what follows.
        """
        return self._broadcast.take(self._members.everybody)

    def _describe_members(self) -> str:
        """Say who is here, `""` if nobody is. Names hold no blanks, so that a client can tell them apart."""
        everybody = self.names
        names = everybody[:_MAX_NAMES]
        more = len(everybody) - len(names)
        return HERE + ", ".join([*names, *([f"and {more} more"] if more else [])]) if names else ""
