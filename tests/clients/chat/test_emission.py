"""What a chat client hears, told to whoever wants to know."""

from fakes import Recorder

from pynetdb.clients.chat.emission import emit_heard, emit_private
from pynetdb.events import Events, MemberJoined, MemberLeft, MessageSaid, PrivateMessageSaid
from pynetdb.protocols.chat.events import Event, Goodbye, Joined, Left, Said, Whispered

HEARD: list[Event] = [
    Joined("Ann"),
    Said("Ann", "a"),
    Whispered("Ann", "b"),
    Whispered("*server*", "a notice"),
    Left("Ann"),
    Goodbye(),
]


def test_members_and_their_words() -> None:
    recorder = Recorder()
    for heard in HEARD:
        emit_heard(Events([recorder]), heard, "Bob", "room:9000")
    emit_private(Events([recorder]), "Bob", "room:9000", "Ann", "c")
    joined, said, whispered, left, whispered_back = recorder.events
    assert isinstance(joined, MemberJoined) and isinstance(left, MemberLeft)
    assert (joined.member, joined.connection, joined.peer, joined.members) == ("Ann", None, "room:9000", None)
    assert isinstance(said, MessageSaid) and said.text == "a"
    for private, sender, to in ((whispered, "Ann", "Bob"), (whispered_back, "Bob", "Ann")):
        assert isinstance(private, PrivateMessageSaid)
        assert (private.member, private.to) == (sender, to)


def test_words_are_for_those_who_want_them() -> None:
    recorder = Recorder()
    recorder.wants_words = False
    for heard in HEARD:
        emit_heard(Events([recorder]), heard, "Bob", "room:9000")
    emit_private(Events([recorder]), "Bob", "room:9000", "Ann", "c")
    assert [type(event) for event in recorder.events] == [MemberJoined, MemberLeft]
