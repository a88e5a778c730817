"""The room: who is in, who hears what, LEFT exactly once for each NEW."""

import re
from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from pynetdb.protocols.chat.broadcast import Member
from pynetdb.protocols.chat.events import Event, EventReader, Goodbye, Joined, Left, Said
from pynetdb.protocols.chat.names import fold_name, read_members
from pynetdb.protocols.chat.room import Room


def heard(room: Room) -> dict[str, str]:
    """What each member is to hear now, by the name that the test gave it."""
    told: dict[str, str] = {}
    for member, words in room.take_outgoing():
        if words is None:
            words = b"".join(iter(lambda member=member: room.take_replay(member, 1), b""))
        told[member.owner] = told.get(member.owner, "") + words.decode()
    return told


def inside(room: Room, *names: str) -> list[Member]:
    members = [Member(name) for name in names]
    for member in members:
        assert room.join(member, member.owner) is None
    room.take_outgoing()
    return members


def test_everybody_hears_of_a_join_the_newcomer_too() -> None:
    room = Room()
    inside(room, "alice")
    assert room.join(Member("bob"), "bob") is None
    assert heard(room) == {"alice": "NEW bob\n", "bob": "NEW bob\n"}
    assert heard(room) == {}
    assert len(room) == 2
    assert len(list(room.listeners)) == 2
    assert not room.is_waiting(Member())


def test_everybody_hears_a_line_its_sender_too() -> None:
    room = Room()
    alice, _ = inside(room, "alice", "bob")
    room.say(alice, "hi")
    assert heard(room) == {"alice": "MESSAGE alice\nhi\n", "bob": "MESSAGE alice\nhi\n"}


def test_a_private_line_is_for_one_and_keeps_its_place() -> None:
    room = Room()
    alice, _bob, _carol = inside(room, "alice", "bob", "carol")
    room.say(alice, "one")
    assert room.whisper(alice, "BOB", "psst") is None
    room.say(alice, "two")
    public = "MESSAGE alice\none\nMESSAGE alice\ntwo\n"
    assert heard(room) == {
        "alice": public,
        "bob": "MESSAGE alice\none\nPRIVATE alice\npsst\nMESSAGE alice\ntwo\n",
        "carol": public,
    }


def test_a_newcomer_hears_what_comes_after_it() -> None:
    room = Room()
    (alice,) = inside(room, "alice")
    guest = Member("guest")
    assert room.join(guest, "a b") is not None
    room.say(alice, "before")
    room.join(guest, "bob")
    room.say(guest, "after")
    assert heard(room)["guest"] == (
        "PRIVATE *server*\nthe name holds white space, control or invisible characters\n"
        "NEW bob\nMESSAGE bob\nafter\n"
    )


def test_who_quits_hears_goodbye_and_nothing_after_it() -> None:
    room = Room()
    alice, bob = inside(room, "alice", "bob")
    room.say(alice, "one")
    assert room.quit(bob) is None
    room.say(alice, "two")
    assert heard(room) == {
        "alice": "MESSAGE alice\none\nLEFT bob\nMESSAGE alice\ntwo\n",
        "bob": "MESSAGE alice\none\nGOODBYE\n",
    }
    assert not room.depart(bob, "closed")
    assert room.join(Member("bob2"), "bob") is None


def test_left_is_told_once() -> None:
    room = Room()
    _alice, bob = inside(room, "alice", "bob")
    assert room.depart(bob, "closed")
    assert not room.depart(bob, "quit")
    assert bob.departure == "closed"
    assert heard(room) == {"alice": "LEFT bob\n"}
    room.refuse(bob, "too late")
    assert heard(room) == {"bob": "PRIVATE *server*\ntoo late\n"}


def test_who_quits_has_departed_and_who_was_never_in_leaves_nobody() -> None:
    room = Room()
    alice, guest = inside(room, "alice")[0], Member("guest")
    assert room.quit(alice) is None
    assert not room.depart(alice, "closed")
    assert alice.departure == "quit"
    room.take_outgoing()
    assert guest.departure is None
    assert room.depart(guest, "closed")
    assert not room.depart(guest, "closed")
    assert not room.take_outgoing()


def test_who_quits_before_joining_is_let_go() -> None:
    room = Room()
    guest = Member("guest")
    inside(room, "alice")
    assert room.quit(guest) is None
    assert guest.departure == "quit"
    assert heard(room) == {"guest": "GOODBYE\n"}


def test_refusals_are_told_to_one_alone() -> None:
    room = Room()
    alice, _ = inside(room, "alice", "bob")
    guest = Member("guest")
    refusals = [
        room.say(guest, "hi"),
        room.whisper(guest, "alice", "hi"),
        room.join(guest, "ALICE"),
    ]
    again = room.join(alice, "alice2")
    unknown = room.whisper(alice, "no\x1bbody", "hi")
    said = heard(room)
    assert said == {
        "guest": "".join(f"PRIVATE *server*\n{refusal}\n" for refusal in refusals),
        "alice": f"PRIVATE *server*\n{again}\nPRIVATE *server*\n{unknown}\n",
    }
    assert "taken" in said["guest"] and "join first" in said["guest"]
    assert "you are alice already" in said["alice"]
    assert "nobody here is called no\\ebody" in said["alice"]


def test_nobody_comes_in_who_would_be_taken_for_somebody_else() -> None:
    room = Room()
    (joe,) = inside(room, "joe")
    double = Member("double")
    assert room.join(double, "jое") == "the name jое looks like joe, who is here"
    assert room.whisper(joe, "jое", "hi") == "nobody here is called jое"
    assert room.join(double, "J0E") is not None
    room.depart(joe, "closed")
    assert room.join(double, "jое") is None
    assert room.join(Member(), "joe") is not None


def test_motd_and_history_greet_a_newcomer() -> None:
    room = Room("Welcome\nBe \x1bkind", history=2)
    (alice,) = inside(room, "alice")
    for text in ("one", "two", "three"):
        room.say(alice, text)
    room.take_outgoing()
    room.join(Member("bob"), "bob")
    assert heard(room)["bob"] == (
        "NEW bob\nPRIVATE *server*\nWelcome\nPRIVATE *server*\nBe \\ekind\n"
        "PRIVATE *history*\nalice: two\nPRIVATE *history*\nalice: three\n"
    )


def test_the_history_is_repeated_piece_by_piece_between_what_comes_before_and_after() -> None:
    room = Room("Welcome", history=3)
    (alice,) = inside(room, "alice")
    for text in ("one", "two", "three"):
        room.say(alice, text)
    room.take_outgoing()
    bob = Member("bob")
    room.join(bob, "bob")
    room.say(bob, "after")  # Not repeated: it is heard as it is said.
    said = [words for member, words in room.take_outgoing() if member is bob]
    assert said == [b"NEW bob\nPRIVATE *server*\nWelcome\n", None, b"MESSAGE bob\nafter\n"]
    # Alice's first line made room for Bob's.
    assert room.take_replay(bob, 1) == b"PRIVATE *history*\nalice: two\n"
    room.say(alice, "four")
    room.say(alice, "five")
    room.say(alice, "six")
    assert room.take_replay(bob, 1) == b""


def test_who_is_here_is_told_to_who_asks_and_in_a_room_that_introduces() -> None:
    room = Room("Welcome", introduces=True)
    (alice,) = inside(room, "alice")
    room.take_outgoing()
    assert room.names == ["alice"]
    room.join(Member("bob"), "bob")
    said = heard(room)
    assert said["alice"] == "NEW bob\n"  # Nobody came anew but Bob.
    assert said["bob"] == "NEW bob\nPRIVATE *server*\nWelcome\nPRIVATE *server*\nhere now: alice\n"
    assert room.whisper(alice, "*server*", "who") is None
    assert heard(room) == {"alice": "PRIVATE *server*\nhere now: alice, bob\n"}
    assert room.whisper(alice, "*server*", "why") == "nobody here is called *server*"
    assert Room().join(Member(), "first") is None


def test_a_full_room_is_named_in_one_short_line() -> None:
    room = Room()
    members = inside(room, *(f"member{number:014}" for number in range(35)))
    room.take_outgoing()
    room.whisper(members[0], "*server*", "who")
    _, line = heard(room)[members[0].owner].splitlines()
    names = read_members(line)
    assert names is not None and len(names) == 30 and line.endswith(", and 5 more") and len(line) < 1000
    assert read_members("nobody here is called x") is None


def test_who_comes_back_hears_what_it_has_missed_and_no_greeting() -> None:
    room = Room("Welcome", history=1, kept=3, introduces=True)
    (alice,) = inside(room, "alice")
    for number in range(5):
        room.say(alice, str(number))
    room.take_outgoing()
    assert room.kept == range(2, 5)
    for name, last, repeated in [
        ("new", None, ["4"]),
        ("all", 0, ["2", "3", "4"]),
        ("some", 3, ["3", "4"]),
        ("none", 5, []),
        ("ahead", 50, []),
    ]:
        back = Member(name)
        back.heard = last
        room.join(back, name)
        said = heard(room)[name]
        assert ("Welcome" in said) is (last is None)
        assert re.findall("alice: (.)", said) == repeated


steps = st.tuples(
    st.sampled_from(["join", "say", "whisper", "quit", "depart", "refuse", "flush"]),
    st.integers(0, 4),
    st.sampled_from(["ann", "ANN", "аnn", "bob", "cleo", "a b"]),
)


@given(st.lists(steps, max_size=60))
def test_whatever_happens_everybody_sees_one_and_the_same_room(script: list[tuple[str, int, str]]) -> None:
    """All hear the same lines in the same order, each NEW has its LEFT, and names are unique."""
    room = Room()
    members = [Member(number) for number in range(5)]
    readers: dict[object, EventReader] = defaultdict(EventReader)
    logs: dict[object, list[Event]] = defaultdict(list)
    everybody = list(members)

    def flush() -> None:
        for member, words in room.take_outgoing():
            assert words is not None  # This room has no history.
            logs[member.owner] += readers[member.owner].receive_data(words)

    room.join(Member("watcher"), "watcher")
    for number, (what, who, name) in enumerate(script):
        member = members[who]
        if what == "flush":
            flush()
        elif member.departure is not None:
            members[who] = Member(100 + number)
            everybody.append(members[who])
        elif what == "join":
            room.join(member, name)
        elif what == "say":
            room.say(member, f"line {number}")
        elif what == "whisper":
            room.whisper(member, name, f"line {number}")
        elif what == "refuse":
            room.refuse(member, "no")
        elif what == "quit":
            room.quit(member)
        else:
            room.depart(member, "closed")
    flush()
    inside: dict[str, str] = {}
    for event in logs["watcher"]:
        match event:
            case Joined(name):
                assert fold_name(name) not in inside
                inside[fold_name(name)] = name
            case Left(name):
                assert inside.pop(fold_name(name)) == name
            case Said(sender):
                assert inside[fold_name(sender)] == sender
            case _:
                raise AssertionError(f"{event} is not for the watcher")
    assert len(inside) == len(room)
    for member in everybody:
        log = logs[member.owner]
        public = [event for event in log if isinstance(event, Joined | Left | Said)]
        starts = range(len(logs["watcher"]) - len(public) + 1)
        assert any(logs["watcher"][start : start + len(public)] == public for start in starts)
        if public:
            assert public[0] == Joined(member.name or "")
        if Goodbye() in log:
            assert log.index(Goodbye()) == len(log) - 1 and member.departure is not None
