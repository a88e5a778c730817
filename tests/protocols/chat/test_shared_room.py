"""A shared room as arithmetic: what it asks of the broker, and what comes of the replies and of the log.

The scripts themselves are run by real brokers in servers/chat/test_broker_link.py; here is a model of them.
"""

from collections import defaultdict
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pynetdb.protocols.chat.broadcast import Member
from pynetdb.protocols.chat.shared_facts import AWAY, EXPELLED, Fact, Limits, Request
from pynetdb.protocols.chat.shared_log import read_public_lines
from pynetdb.protocols.chat.shared_room import SharedRoom


class Model:
    """A broker, as far as rooms that behave can tell."""

    def __init__(self) -> None:
        self.log: list[list[Any]] = []
        self.names: dict[str, str] = {}
        self.servers: set[str] = set()
        self.reaped: set[str] = set()
        self.batches: dict[str, tuple[int, str]] = {}

    def append(self, *fields: str | int) -> None:
        entry_id = f"{len(self.log) + 1}-0".encode()
        self.log.append([entry_id, [str(word).encode() for word in fields]])

    def reap(self, server: str) -> None:
        self.servers.discard(server)
        self.reaped.add(server)
        self.expel(server)

    def expel(self, server: str) -> None:
        for skeleton, value in list(self.names.items()):
            owner, number, _, name = value.split("\n")
            if owner == server:
                del self.names[skeleton]
                self.append("LEFT", name, "of", f"{owner}/{number}")

    def reply(self, request: Request) -> list[Any]:
        server, _, _, _, _, *rest = map(str, request.arguments)
        if server in self.reaped:
            return [b"reaped"]
        if request.script != "enter" and server not in self.servers:
            return [b"unknown"]
        return getattr(self, request.script)(server, *rest)

    def enter(self, server: str, number: str, *names: str) -> list[Any]:
        self.servers.add(server)
        pairs = list(zip(names[::2], names[1::2], strict=True))
        lost = []
        for at, (skeleton, value) in enumerate(pairs):
            if self.names.get(skeleton, value) != value:
                lost.append(value.encode())
            elif at < int(number):
                self.names[skeleton] = value
        last = self.log[-1][0] if self.log else b"0-0"
        return [b"ok", last, lost, [value.encode() for value in self.names.values()]]

    def join(self, server: str, skeleton: str, value: str, folded: str, name: str, number: str) -> list[Any]:
        held = self.names.get(skeleton)
        if held == value:
            return [b"ok"]
        if held is not None:
            _, _, theirs, double = held.split("\n")
            return [b"taken" if theirs == folded else b"like", double.encode()]
        self.names[skeleton] = value
        self.append("NEW", name, "of", f"{server}/{number}")
        return [b"ok"]

    def say(self, server: str, number: str, *words: str) -> list[Any]:
        done, told = self.batches.get(server, (0, ""))
        if done < int(number):
            refused = []
            rest = list(words)
            for at in count():
                if not rest:
                    break
                kind, text, member = rest[:3]
                del rest[:3]
                if kind == "MESSAGE":
                    self.append(kind, text, "of", f"{server}/{member}")
                    continue
                skeleton, folded = rest[:2]
                del rest[:2]
                held = self.names.get(skeleton)
                to = held.split("\n") if held else None
                if to and to[2] == folded:
                    self.append(kind, text, "of", f"{server}/{member}", "to", f"{to[0]}/{to[1]}")
                else:
                    refused.append(str(at))
            told = " ".join(refused)
            self.batches[server] = (int(number), told)
        return [b"ok", told.encode()]

    def leave(self, server: str, *names: str) -> list[Any]:
        if names == ("*",):
            self.expel(server)
            self.reaped.add(server)
            return [b"ok"]
        skeleton, value = names
        if self.names.get(skeleton) == value:
            _, number, _, name = value.split("\n")
            del self.names[skeleton]
            self.append("LEFT", name, "of", f"{server}/{number}")
        return [b"ok"]

    def beat(self, server: str) -> list[Any]:
        return [b"ok"]


class Server:
    """A room at the model, whose members hear all by `hear`."""

    def __init__(self, model: Model, name: str, motd: str = "", history: int = 0, **more: Any) -> None:
        self.model = model
        serial = count()
        self.room = SharedRoom(lambda: f"{name}{next(serial)}", Limits(), motd, history, **more)
        self.heard: dict[Any, str] = defaultdict(str)
        self.facts: list[Fact] = []

    def ask(self, limit: int = 1000) -> None:
        """Let the broker do what is wanted."""
        for _ in range(limit):
            request = self.room.next_request()
            if request is None:
                return
            self.facts += self.room.receive_reply(request, self.model.reply(request))

    def lose_reply(self) -> None:
        """The broker does the next thing, and the conversation breaks before it can say so."""
        request = self.room.next_request()
        assert request is not None
        self.model.reply(request)
        self.room.restart()

    def hear(self, watch: bool = True) -> None:
        """Hear what is new in the log."""
        position = int(self.room.position.split("-")[0])
        self.facts += self.room.receive_entries(self.model.log[position:], watch)
        for member, words in self.room.take_outgoing():
            if words is None:
                words = b"".join(iter(lambda member=member: self.room.take_replay(member, 1), b""))
            self.heard[member.owner] += words.decode()

    def turn(self) -> None:
        self.ask()
        self.hear()

    def member(self, name: str) -> Member:
        member = Member(name)
        assert self.room.join(member, name) is None
        return member

    def kinds(self) -> list[str]:
        kinds = [fact.kind for fact in self.facts]
        self.facts.clear()
        return kinds


@pytest.fixture
def model() -> Model:
    return Model()


def two(model: Model) -> tuple[Server, Server]:
    here, there = Server(model, "here"), Server(model, "there")
    here.turn()
    there.turn()
    return here, there


def test_nobody_is_in_before_the_log_says_so(model: Model) -> None:
    here, there = two(model)
    ann = here.member("ann")
    assert here.room.is_waiting(ann)
    assert here.room.say(Member(), "x") is not None
    here.ask()
    assert ann.name is None
    here.hear()
    assert (ann.name, here.heard["ann"]) == ("ann", "NEW ann\n")
    assert not here.room.is_waiting(ann)
    bob = there.member("bob")
    there.turn()
    here.turn()
    assert here.heard["ann"] == "NEW ann\nNEW bob\n"
    assert (len(here.room), len(there.room)) == (2, 2)
    assert here.kinds() == ["joined", "joined"]
    assert bob.name == "bob"


def test_a_name_is_unique_over_all_servers(model: Model) -> None:
    here, there = two(model)
    here.member("ann")
    here.turn()
    for name, wrong in (
        ("Ann", "the name Ann is taken"),
        ("аnn", "the name аnn looks like ann, who is here"),
    ):
        other = there.member(name)
        there.turn()
        assert there.heard[name] == f"PRIVATE *server*\n{wrong}\n"
        assert (other.name, other.ticket) == (None, None)
        assert not there.room.is_waiting(other)
    assert there.room.join(other, "*x") is not None
    assert here.room.join(Member(), "ann") == "the name ann is taken"
    # Two at the same server, neither of whom is in yet.
    first, second = here.member("carl"), here.member("carl")
    here.turn()
    assert (first.name, second.name) == ("carl", None)


def test_everybody_hears_one_order_and_the_motd_and_the_history_alone(model: Model) -> None:
    here = Server(model, "here")
    there = Server(model, "there", "welcome", 2)
    here.turn()
    ann = here.member("ann")
    here.turn()
    for text in ("1", "2", "3"):
        here.room.say(ann, text)
    here.room.whisper(ann, "ann", "secret")
    here.turn()
    there.ask()
    there.room.recall(reversed(read_public_lines(reversed(model.log))[:2]))
    there.member("bob")
    there.turn()
    assert there.heard["bob"] == (
        "NEW bob\nPRIVATE *server*\nwelcome\nPRIVATE *history*\nann: 2\nPRIVATE *history*\nann: 3\n"
    )
    here.room.say(ann, "4")
    here.turn()
    there.turn()
    assert here.heard["ann"].endswith("MESSAGE ann\n3\nPRIVATE ann\nsecret\nNEW bob\nMESSAGE ann\n4\n")
    assert there.heard["bob"].endswith("MESSAGE ann\n4\n")
    assert [fact for fact in there.facts if fact.kind == "said"] == [
        Fact("said", None, "ann", "4", "", "here0")
    ]


def test_a_private_line_reaches_one_member_wherever_it_is(model: Model) -> None:
    here, there = two(model)
    ann, bob = here.member("ann"), there.member("bob")
    here.turn()
    there.turn()
    here.kinds()
    assert here.room.whisper(Member(), "bob", "x") is not None
    assert here.room.whisper(ann, "no such", "x") == "nobody here is called no such"
    assert here.room.whisper(ann, "BOB", "psst") is None
    assert here.room.whisper(ann, "carl", "psst") is None
    here.turn()
    there.turn()
    assert there.heard["bob"] == "NEW bob\nPRIVATE ann\npsst\n"
    assert "PRIVATE *server*\nnobody here is called carl\n" in here.heard["ann"]
    assert [(fact.kind, fact.to) for fact in here.facts if fact.member] == [
        ("unreached", ""),
        ("whispered", "bob"),
    ]
    # To somebody who has gone meanwhile, and to one who has come under the same name.
    here.room.whisper(ann, "bob", "late")
    here.ask()
    assert here.room.is_waiting(bob) is False
    there.room.depart(bob, "closed")
    there.ask()
    there.member("bob")
    there.turn()
    assert "late" not in there.heard["bob"]


def test_who_is_here_is_told_of_all_servers(model: Model) -> None:
    here = Server(model, "here")
    there = Server(model, "there", introduces=True)
    here.turn()
    there.turn()
    ann = here.member("ann")
    here.turn()
    there.hear()
    there.member("bob")
    there.turn()
    here.turn()
    assert there.heard["bob"] == "NEW bob\nPRIVATE *server*\nhere now: ann\n"
    assert here.room.whisper(ann, "*server*", "who") is None
    assert here.room.names == there.room.names == ["ann", "bob"]
    here.hear()
    assert here.heard["ann"].endswith("PRIVATE *server*\nhere now: ann, bob\n")


def test_who_quits_hears_its_own_words_and_then_its_goodbye(model: Model) -> None:
    here, there = two(model)
    ann, _ = here.member("ann"), there.member("bob")
    here.turn()
    there.turn()
    here.turn()
    here.room.say(ann, "last")
    assert here.room.quit(ann) is None
    assert here.room.is_waiting(ann)
    assert not here.room.depart(ann, "closed")
    assert len(here.room) == 1
    here.turn()
    there.turn()
    assert here.heard["ann"].endswith("MESSAGE ann\nlast\nGOODBYE\n")
    assert there.heard["bob"].endswith("MESSAGE ann\nlast\nLEFT ann\n")
    assert here.kinds()[-1] == "released"
    assert (len(here.room), len(there.room)) == (1, 1)
    assert not here.room.is_waiting(ann)


def test_who_quits_while_the_broker_is_away_is_let_go(model: Model) -> None:
    here, there = two(model)
    ann, bob, carl = (here.member(name) for name in ("ann", "bob", "carl"))
    here.turn()
    here.room.quit(ann)
    assert [fact.kind for fact in here.room.lose_broker()] == ["released"]
    here.room.quit(bob)
    assert not here.room.is_waiting(bob)
    here.room.notify(AWAY)
    late = here.member("late")
    here.room.notify("still away")
    here.hear()
    assert here.heard["ann"].endswith("GOODBYE\n")
    assert here.heard["bob"].endswith("GOODBYE\n")
    assert here.heard["carl"].endswith(f"PRIVATE *server*\n{AWAY}\nPRIVATE *server*\nstill away\n")
    assert here.heard["late"] == f"PRIVATE *room*\n{AWAY}\nPRIVATE *room*\nstill away\n"
    here.room.away = False
    here.turn()
    there.turn()
    assert sorted(value.split("\n")[3] for value in model.names.values()) == ["carl", "late"]
    assert (carl.name, late.name, len(here.room)) == ("carl", "late", 2)


@pytest.mark.parametrize(
    "moment", ["before it was asked", "before the yes", "before the log", "with the log", "after the log"]
)
def test_a_client_that_goes_at_any_moment_keeps_no_name(model: Model, moment: str) -> None:
    here, there = two(model)
    there.member("bob")
    there.turn()
    guest = here.member("ann")
    request = None
    if moment != "before it was asked":
        request = here.room.next_request()
        assert request is not None
        reply = model.reply(request)
        if moment != "before the yes":
            here.room.receive_reply(request, reply)
        if moment == "after the log":
            here.hear()
    assert here.room.depart(guest, "closed")
    assert not here.room.depart(guest, "closed")
    if moment == "before the yes":
        assert request is not None
        here.room.receive_reply(request, reply)
    if moment == "with the log":
        here.hear()
    here.turn()
    here.turn()
    there.turn()
    assert list(model.names) == ["bob"]
    assert (
        there.heard["bob"].count("NEW ann") == there.heard["bob"].count("LEFT ann") == (request is not None)
    )
    assert here.heard["ann"].count("NEW") == (moment == "after the log")
    assert (len(here.room), len(there.room)) == (1, 1)
    assert here.room._parting == 0
    assert here.room._tickets == {}


def test_a_refused_client_that_has_gone_is_told_nothing(model: Model) -> None:
    here, there = two(model)
    assert here.room.depart(Member(), "closed")
    there.member("ann")
    there.turn()
    guest = here.member("ann")
    request = here.room.next_request()
    assert request is not None
    here.room.depart(guest, "closed")
    assert here.room.receive_reply(request, model.reply(request)) == []
    here.turn()
    assert here.heard["ann"] == ""
    assert there.heard["ann"] == "NEW ann\n"


def test_a_reply_that_was_lost_changes_nothing(model: Model) -> None:
    here, there = two(model)
    ann = here.member("ann")
    there.member("bob")
    there.turn()
    here.lose_reply()
    here.turn()
    assert ann.name == "ann"
    here.room.say(ann, "once")
    here.room.whisper(ann, "nobody", "x")
    here.lose_reply()
    here.room.say(ann, "more")
    here.turn()
    here.room.depart(ann, "closed")
    here.lose_reply()
    here.turn()
    there.turn()
    assert there.heard["bob"] == "NEW bob\nNEW ann\nMESSAGE ann\nonce\nMESSAGE ann\nmore\nLEFT ann\n"
    assert here.heard["ann"].count("nobody here is called nobody") == 1


def test_a_broker_that_has_lost_its_memory_is_told_who_is_here(model: Model) -> None:
    here, there = two(model)
    ann, bob, gone = here.member("ann"), there.member("bob"), here.member("gone")
    here.turn()
    there.turn()
    here.turn()
    model.names.clear()
    model.servers.clear()
    here.room.depart(gone, "closed")
    here.room.say(ann, "still here")
    here.turn()
    there.room.say(bob, "so am I")
    there.turn()
    here.turn()
    assert sorted(model.names) == ["ann", "bob"]
    words = "MESSAGE ann\nstill here\nMESSAGE bob\nso am I\n"
    assert here.heard["ann"].endswith("LEFT gone\n" + words)
    assert there.heard["bob"].endswith("LEFT gone\n" + words)
    # A log that is shorter than what was heard is heard from its end on.
    model.log = model.log[:1]
    here.room.restart()
    here.ask()
    assert here.room.position == "1-0"


def test_who_lost_its_name_to_somebody_else_meanwhile_is_told(model: Model) -> None:
    here, _ = two(model)
    ann = here.member("ann")
    here.turn()
    here.room.say(ann, "never said")
    model.names["ann"] = "there0\n9\nann\nann"
    here.room.restart()
    here.turn()
    assert ann.departure is not None
    assert here.heard["ann"].endswith(f"PRIVATE *server*\n{EXPELLED}\nGOODBYE\n")
    assert here.kinds()[-1] == "expelled"
    assert not any(b"never said" in fields[1] for _, fields in model.log)


@pytest.mark.parametrize("log_first", [True, False])
def test_a_server_that_was_taken_for_dead_says_nothing_more(model: Model, log_first: bool) -> None:
    """Both sockets may have something in the same turn, in either order."""
    here, there = two(model)
    ann, quits = here.member("ann"), here.member("quits")
    there.member("bob")
    here.turn()
    there.turn()
    model.reap("here0")
    there.turn()
    here.room.say(ann, "zombie")
    here.room.quit(quits)
    waiting = here.member("waiting")
    if log_first:
        here.hear()
    here.ask()
    here.turn()
    there.turn()
    assert "zombie" not in there.heard["bob"]
    for name in ("ann", "quits"):
        assert there.heard["bob"].count(f"LEFT {name}") == 1
    assert here.heard["ann"].endswith(f"PRIVATE *server*\n{EXPELLED}\nGOODBYE\n")
    assert here.heard["quits"].endswith("GOODBYE\n")
    # Who waited at the door has lost nothing, and the server goes on.
    assert waiting.name == "waiting"
    assert there.heard["bob"].endswith("NEW waiting\n")
    assert len(here.room) == len(there.room) == 2
    assert here.room.receive_reply(here.room.beat(), [b"ok"]) == []


def test_a_server_that_ends_lets_everybody_leave(model: Model) -> None:
    here, there = two(model)
    ann = here.member("ann")
    there.member("bob")
    here.turn()
    there.turn()
    here.room.say(ann, "bye")
    here.room.close()
    assert not here.room.is_closed
    here.ask()
    assert here.room.is_closed
    here.room.depart(ann, "closed")
    assert here.room.next_request() is None
    assert here.room.receive_reply(here.room.beat(), [b"reaped"]) == []
    there.turn()
    assert there.heard["bob"].endswith("MESSAGE ann\nbye\nLEFT ann\n")


def test_what_waits_is_bounded(model: Model) -> None:
    here, _ = two(model)
    ann = here.member("ann")
    here.turn()
    assert here.room.accepts
    while here.room.accepts:
        here.room.say(ann, "x" * 4000)
    assert not here.room.has_room
    here.ask()
    assert here.room.has_room


def test_entries_that_are_none_are_passed_over(model: Model) -> None:
    here, _ = two(model)
    here.member("ann")
    here.turn()
    model.append("GARBAGE", "x")
    model.append("LEFT", "nobody", "of", "elsewhere/1")
    model.append("PRIVATE", "x\ny", "of", "elsewhere/1", "to", "elsewhere/2")
    here.turn()
    assert here.heard["ann"] == "NEW ann\nLEFT nobody\n"
    assert here.kinds() == ["joined", "left"]
    ann = here.member("dan")
    here.ask()
    here.room.say(next(iter(here.room.listeners)), "hi")
    here.ask()
    here.hear(watch=False)
    model.append("NEW", "far", "of", "elsewhere/3")
    model.append("LEFT", "far", "of", "elsewhere/3")
    here.hear(watch=False)
    assert here.heard["ann"].endswith("NEW dan\nMESSAGE ann\nhi\nNEW far\nLEFT far\n")
    assert here.kinds() == ["joined"]
    assert ann.name == "dan"


def test_a_reply_about_somebody_who_has_gone_meanwhile_changes_nothing(model: Model) -> None:
    here, _ = two(model)
    ann = here.member("ann")
    here.turn()
    lost = [b"here0\n99\nx\nx"]
    assert here.room.receive_reply(Request("enter", []), [b"ok", b"1-0", lost, []]) == []
    here.room.whisper(ann, "nobody", "x")
    request = here.room.next_request()
    assert request is not None
    here.room.depart(ann, "closed")
    assert here.room.receive_reply(request, model.reply(request)) == []


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["join", "say", "quit", "depart", "ask", "lose", "hear", "reap", "forget"]),
        st.integers(0, 1),
        st.integers(0, 2),
    ),
    max_size=60,
)


@settings(max_examples=200)
@given(STEPS)
def test_whatever_happens_all_hear_one_order_and_left_once(steps: list[tuple[str, int, int]]) -> None:
    """A witness on a third server hears NEW and LEFT in turn for each name, whatever replies are lost."""
    model = Model()
    servers = [*two(model), Server(model, "witness")]
    witness = servers[2]
    witness.turn()
    witness.member("witness")
    witness.turn()
    people: dict[tuple[int, int], Member] = {}
    said = 0
    for what, which, who in steps:
        server = servers[which]
        member = people.get((which, who))
        match what:
            case "join" if member is None or member.departure is not None:
                people[which, who] = Member((which, who, said))
                server.room.join(people[which, who], f"p{who}")
            case "say" if member is not None and member.departure is None and member.name is not None:
                said += 1
                server.room.say(member, str(said))
            case "quit" if (
                member is not None and member.departure is None and not server.room.is_waiting(member)
            ):
                server.room.quit(member)
            case "depart" if member is not None:
                server.room.depart(member, "closed")
            case "ask":
                server.ask(who + 1)
            case "lose" if server.room.next_request() is not None:
                server.room.restart()
                server.lose_reply()
            case "hear":
                server.hear()
            case "reap":
                model.reap(server.room._server)
    for _ in range(4):
        for server in servers:
            server.turn()
    present: set[str] = set()
    for line in witness.heard["witness"].splitlines():
        word, _, name = line.partition(" ")
        if word == "NEW":
            assert name not in present
            present.add(name)
        elif word == "LEFT":
            assert name in present
            present.remove(name)
    assert present == {value.split("\n")[3] for value in model.names.values()}
    texts = [line for line in witness.heard["witness"].splitlines() if line.isdigit()]
    assert len(texts) == len(set(texts))
    assert [len(server.room) for server in servers] == [len(present)] * 3
    inside = [m for m in people.values() if m.name is not None and m.departure is None]
    assert len(inside) + 1 == len(present)
