"""A chat room that several servers share: who is in it, and what is heard, is decided by a broker."""

from collections.abc import Callable, Iterable
from typing import Any

from pynetdb.protocols.chat.broadcast import Member
from pynetdb.protocols.chat.confusables import make_skeleton
from pynetdb.protocols.chat.events import Goodbye, Joined, Left, Whispered, encode, encode_said
from pynetdb.protocols.chat.names import SERVER, check_name, describe_nobody, describe_taken, fold_name
from pynetdb.protocols.chat.room import Room
from pynetdb.protocols.chat.shared_facts import AWAY, DOOR, EXPELLED, Fact, Limits, Request, Word
from pynetdb.protocols.chat.shared_log import Entry, read_entry, read_id
from pynetdb.protocols.chat.shared_outbox import Close, Join, Leave, Line, Operation, Outbox, Say, Ticket
from pynetdb.protocols.chat.shared_replies import read_reply
from pynetdb.terminal import safe_line


class SharedRoom(Room):
    """One server's part of a room. Nothing here sends, and nothing is heard that is not in the log.

    What members want goes to the broker as requests, one at a time: `next_request`, then `receive_reply`, or
    `restart` if there is none. What is heard comes by `receive_entries`. Whoever has asked to join is at the
    door until its NEW is in the log (`is_joining`), or until it was refused.
    """

    is_shared = True

    def __init__(
        self,
        new_server: Callable[[], str],
        limits: Limits,
        motd: str = "",
        history: int = 0,
        *,
        kept: int = 0,
        introduces: bool = False,
    ) -> None:
        super().__init__(motd, history, kept=kept, introduces=introduces)
        self.position = "0-0"
        """The last entry of the log that was heard."""
        self.must_enter = True
        """Whether the broker has to be told of this server before anything else."""
        self.away = False
        """Whether the broker cannot be reached."""
        self._new_server = new_server
        self._server = new_server()
        self._limits = limits
        self._outbox = Outbox()
        self._numbers = 0
        self._batches = 0
        self._conversations = 0
        # Those who have asked to come in and are not gone for the broker, by number.
        self._tickets: dict[str, Ticket] = {}
        # The names of everybody, by owner, as far as the log has been heard.
        self._present: dict[str, str] = {}
        # How many of them are gone for us, and not yet for the others.
        self._parting = 0
        self._is_new = True
        self._closed = False

    def __len__(self) -> int:
        return max(len(self._present) - self._parting, 0)

    @property
    def names(self) -> list[str]:
        return list(self._present.values())

    @property
    def accepts(self) -> bool:  # type: ignore[override]
        return not self._outbox.is_full

    @property
    def has_room(self) -> bool:  # type: ignore[override]
        """Whether those who were held back because it did not accept more can go on."""
        return self._outbox.has_room

    @property
    def is_closed(self) -> bool:
        """Whether the broker knows that everybody has left."""
        return self._closed

    def is_waiting(self, member: Member) -> bool:
        ticket: Ticket | None = member.ticket
        return (
            ticket is not None
            and ((member.name is None) == (member.departure is None))
            and (member.departure is None or ticket.listens)
        )

    # What members do

    def join(self, member: Member, name: str) -> str | None:
        """Ask for a name. None is no refusal, and no yes either."""
        wrong = self._members.check(member, name)
        if wrong is not None:
            return self.refuse(member, wrong)
        self._numbers += 1
        ticket = member.ticket = Ticket(member, name, self._server, self._numbers)
        self._tickets[str(ticket.number)] = ticket
        self._outbox.put(Join(ticket))
        if self.away:
            self._broadcast.tell(member, encode(Whispered(DOOR, AWAY)))
        return None

    def say(self, member: Member, text: str) -> str | None:
        if member.name is None:
            return self.refuse(member, "join first: expected ADD and a name")
        self._outbox.say(Line(member.ticket, f"{member.name}\n{text}"))
        return None

    def whisper(self, member: Member, recipient: str, text: str) -> str | None:
        if member.name is None:
            return self.refuse(member, "join first: expected ADD and a name")
        if check_name(recipient) is not None:  # Nobody can have it: it is the server's, or a mistake.
            return super().whisper(member, recipient, text)
        words = f"{member.name}\n{text}"
        line = Line(member.ticket, words, recipient, make_skeleton(recipient), fold_name(recipient))
        self._outbox.say(line)
        return None

    def quit(self, member: Member) -> str | None:
        """Let somebody go. It hears what it said, and then its goodbye, unless that would take long."""
        if member.ticket is not None and member.ticket.listens and not self.away:
            member.departure = "quit"
            self._parting += 1
            self._outbox.put(Leave(member.ticket))
            return None
        return super().quit(member)

    def depart(self, member: Member, reason: str) -> bool:
        if member.departure is not None:
            return False
        member.departure = reason
        ticket: Ticket | None = member.ticket
        if ticket is None:
            return True
        self._let_go(ticket)
        if not ticket.sent:
            self._outbox.withdraw(ticket)
            self._forget(ticket)
        elif not ticket.expelled:
            self._parting += ticket.heard
            self._outbox.put(Leave(ticket))
        return True

    def close(self) -> None:
        """The server ends: everybody leaves, once what they said is said."""
        self._outbox.put(Close())

    def lose_broker(self) -> list[Fact]:
        """The broker cannot be reached: who only waits for its goodbye has it now."""
        self.away = True
        facts: list[Fact] = []
        for ticket in self._tickets.values():
            if ticket.listens and ticket.member.departure is not None:
                self._let_go(ticket)
                self._broadcast.tell(ticket.member, encode(Goodbye()))
                facts.append(Fact("released", ticket.member, ticket.name))
        return facts

    def notify(self, text: str) -> None:
        """Tell everybody on this server something that is for them alone."""
        self._broadcast.words.append(encode(Whispered(SERVER, text)))
        for ticket in self._tickets.values():
            if ticket.member.name is None and ticket.member.departure is None:
                self._broadcast.tell(ticket.member, encode(Whispered(DOOR, text)))

    # What is asked of the broker

    def next_request(self) -> Request | None:
        """Return what is to be asked now; None if a reply is waited for, or there is nothing."""
        if self._closed:
            return None
        if self.must_enter:
            return self._enter()
        operation = self._outbox.begin()
        return None if operation is None else self._make_request(operation)

    def beat(self) -> Request:
        """Return what keeps this server alive."""
        return self._request("beat")

    def restart(self) -> None:
        """The conversation is over, or begins anew: what has no reply is to be asked again."""
        self._outbox.restart()
        self.must_enter = True

    def receive_reply(self, request: Request, reply: list[Any]) -> list[Fact]:
        """Take the reply to a request, and return what has come of it. Raises ValueError for nonsense."""
        status, rest = read_reply(request.script, reply)
        if self._closed:
            return []
        if status in (b"unknown", b"stale"):
            operation = next(iter(self._outbox), None)
            if isinstance(operation, Leave) and operation.tries == 1:
                # It is not gone for the broker, for sure: it is to be known again, so that it can leave.
                operation.ticket.leaves = False
            self.restart()
            return []
        if status == b"reaped":
            return self._expel_everybody()
        if request.script == "enter":
            return self._entered(rest)
        if request.script == "beat":
            return []
        operation = next(iter(self._outbox), None)
        self._outbox.end()
        match operation:
            case Join(ticket) if status != b"ok":
                return self._refuse_join(ticket, status == b"like", rest)
            case Say(lines):
                return self._refuse_lines(lines, rest)
            case Leave(ticket) if not ticket.heard:
                # Its LEFT is in the log, if ever it was in.
                self._tickets.pop(str(ticket.number), None)
            case Close():
                self._closed = True
        return []

    def _request(self, script: str, *arguments: Word) -> Request:
        lease, ttl, entries = self._limits
        return Request(script, [self._server, lease, ttl, entries, self._conversations, *arguments])

    def _enter(self) -> Request:
        self._conversations += 1
        ours: list[Word] = []
        perhaps: list[Word] = []
        for ticket in self._tickets.values():
            if ticket.sent and not ticket.expelled:
                # Whose reply is missing may be in or not: asked again, the broker knows.
                sure = ticket.heard and not ticket.leaves
                (ours if sure else perhaps).extend((ticket.skeleton, ticket.value))
        return self._request("enter", len(ours) // 2, *ours, *perhaps)

    def _make_request(self, operation: Operation) -> Request:
        if isinstance(operation, Say) and not operation.number:
            self._batches += 1
            operation.begin(self._batches)
        return self._request(operation.script, *operation.take_arguments())

    # What comes of it

    def _entered(self, rest: list[Any]) -> list[Fact]:
        last, lost, values = rest
        self.must_enter = False
        if self._is_new or read_id(last) < read_id(self.position.encode()):
            # The first time; or the broker's clock or memory went back, and no entry would ever follow ours.
            self.position = last.decode()
            self._is_new = False
        self._present = {}
        for value in values:
            server, number, _, name = value.decode("utf-8", "replace").split("\n", 3)
            self._present[f"{server}/{number}"] = name
        facts: list[Fact] = []
        for value in lost:
            ticket = self._tickets.get(value.decode("utf-8", "replace").split("\n", 3)[1])
            if ticket is not None:
                facts += self._expel(ticket)
        return facts

    def _refuse_join(self, ticket: Ticket, is_like: bool, rest: list[Any]) -> list[Fact]:
        self._forget(ticket)
        member = ticket.member
        if member.departure is not None:
            return []
        double = rest[0].decode("utf-8", "replace")
        reason = describe_taken(ticket.name, safe_line(double) if is_like else None)
        self.refuse(member, reason)
        return [Fact("refused", member, ticket.name, reason)]

    def _refuse_lines(self, lines: list[Line], rest: list[Any]) -> list[Fact]:
        facts: list[Fact] = []
        for number in map(int, rest[0].split()):
            ticket = lines[number].ticket
            reason = describe_nobody(lines[number].recipient)
            if ticket.listens:
                self.refuse(ticket.member, reason)
                facts.append(Fact("unreached", ticket.member, ticket.name, reason))
        return facts

    def _forget(self, ticket: Ticket) -> None:
        self._tickets.pop(str(ticket.number), None)
        ticket.member.ticket = None

    def _let_go(self, ticket: Ticket) -> None:
        """A member hears nothing any more."""
        if ticket.listens:
            ticket.listens = False
            self._members.remove(ticket.member)
            self._broadcast.end(ticket.member)

    def _expel(self, ticket: Ticket) -> list[Fact]:
        """The room has let a member go, which knows it, has quit and waits for that, or is surprised."""
        ticket.expelled = True
        self._tickets.pop(str(ticket.number), None)
        member = ticket.member
        if member.departure is not None:
            if not ticket.listens:
                return []
            self._let_go(ticket)
            self._broadcast.tell(member, encode(Goodbye()))
            return [Fact("released", member, ticket.name)]
        self.refuse(member, EXPELLED)
        self._broadcast.tell(member, encode(Goodbye()))
        self.depart(member, "this server was taken for dead")
        return [Fact("expelled", member, ticket.name)]

    def _expel_everybody(self) -> list[Fact]:
        """This server was taken for dead: its members were said to have left, and it says nothing of theirs.

        Only who waits at the door has lost nothing.
        """
        waiting = [ticket for ticket in self._tickets.values() if not ticket.sent]
        facts = [
            fact for ticket in list(self._tickets.values()) if ticket.sent for fact in self._expel(ticket)
        ]
        self._outbox.clear()
        self._batches = 0
        self._parting = 0
        self._server = self._new_server()
        self.must_enter = True
        for ticket in waiting:
            ticket.server = self._server
            self._outbox.put(Join(ticket))
        return facts

    # What was said before

    def recall(self, lines: Iterable[tuple[str, str]]) -> None:
        """Keep lines that were said before this server came, the oldest first."""
        for sender, text in lines:
            self.history.append(sender, text)

    # What is heard

    def receive_entries(self, entries: Iterable[Any], watch: bool = False) -> list[Fact]:
        """Take the log's next entries, and return what has happened to members of this server.

        With `watch` also what was said, and what happened to those of other servers.
        """
        facts, entry_id = list[Fact](), b""
        for entry_id, fields in entries:  # noqa: B007 - of the last one
            entry = read_entry(fields)
            if entry is None:
                continue
            if entry.kind == "MESSAGE":
                self._broadcast.words.append(encode_said(entry.name, entry.text))
                self.history.append(entry.name, entry.text)
                if watch:
                    ticket = self._find_ticket(entry.owner)
                    member = ticket.member if ticket else None
                    facts.append(Fact("said", member, entry.name, entry.text, "", entry.server))
            else:
                self._hear(entry, facts, watch)
        if entry_id:
            self.position = entry_id.decode()
        return facts

    def _find_ticket(self, owner: str) -> Ticket | None:
        server, _, number = owner.rpartition("/")
        return self._tickets.get(number) if server == self._server else None

    def _hear(self, entry: Entry, facts: list[Fact], watch: bool) -> None:
        name, owner, server = entry.name, entry.owner, entry.server
        ticket = self._find_ticket(owner)
        match entry.kind:
            case "PRIVATE":
                self._hear_private(entry, ticket, facts, watch)
            case "NEW":
                self._present[owner] = name
                if ticket is not None and not ticket.heard:
                    ticket.heard = True
                    if ticket.member.departure is None:
                        ticket.listens = True
                        del self._present[owner]  # Who is introduced to others is none of them.
                        self._admit(ticket.member, ticket.name)
                        self._present[owner] = name
                        facts.append(Fact("joined", ticket.member, name, "", "", server))
                        return
                    self._parting += 1
                self._broadcast.words.append(encode(Joined(name)))
                if watch and ticket is None:
                    facts.append(Fact("joined", None, name, "", "", server))
            case _:
                self._present.pop(owner, None)
                if ticket is not None:
                    self._parting -= ticket.heard and ticket.member.departure is not None
                    facts += self._expel(ticket)
                self._broadcast.words.append(encode(Left(name)))
                if watch and ticket is None:
                    facts.append(Fact("left", None, name, "", "", server))

    def _hear_private(self, entry: Entry, sender: Ticket | None, facts: list[Fact], watch: bool) -> None:
        ticket = self._find_ticket(entry.to)
        if ticket is not None and ticket.listens:
            self._broadcast.tell(ticket.member, encode(Whispered(entry.name, entry.text)))
        if watch and sender is not None:
            to = self._present.get(entry.to, "")
            facts.append(Fact("whispered", sender.member, entry.name, entry.text, to, entry.server))
