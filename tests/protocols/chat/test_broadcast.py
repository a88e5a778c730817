"""What a turn's words come to for each member."""

from pynetdb.protocols.chat.broadcast import Broadcast, Member


def inside(name: str) -> Member:
    member = Member()
    member.name = name
    return member


def test_what_all_hear_is_one_object_however_many_they_are() -> None:
    broadcast = Broadcast()
    members = [inside("a"), inside("b")]
    assert not broadcast.words
    broadcast.words.append("x\n")
    assert broadcast.words
    (_, first), (_, second) = broadcast.take(members)
    assert first == b"x\n"
    assert first is second
    assert not broadcast.words
    assert broadcast.take(members) == []


def test_who_begins_hears_what_follows_and_who_ends_what_came_before() -> None:
    broadcast = Broadcast()
    old, new, door = inside("old"), inside("new"), Member()
    broadcast.words.append("1\n")
    broadcast.begin(new)
    broadcast.words.append("2\n")
    broadcast.tell(new, "own\n")
    broadcast.tell(door, "refused\n")
    broadcast.end(old)
    broadcast.words.append("3\n")
    broadcast.tell(new, None)
    assert broadcast.take([new]) == [
        (new, b"2\nown\n3\n"),
        (new, None),
        (door, b"refused\n"),
        (old, b"1\n2\n"),
    ]
