"""What a chat client hears, as the events that the whole house knows."""

from pynetdb.events.stream import Events
from pynetdb.protocols.chat import events as chat
from pynetdb.protocols.chat.names import is_reserved


def emit_heard(events: Events, heard: chat.Event, name: str, server: str) -> None:
    """Tell of what `name` heard from `server`, whose own notices are no member's words."""
    if not events:
        return
    from pynetdb.events.chat import MemberJoined, MemberLeft, MessageSaid, PrivateMessageSaid

    match heard:
        case chat.Joined(member):
            events.emit(MemberJoined(member, None, server, None))
        case chat.Left(member):
            events.emit(MemberLeft(member, None, server, None, None))
        case chat.Said(member, text) if events.wants_words:
            events.emit(MessageSaid(member, None, server, text))
        case chat.Whispered(member, text) if events.wants_words and not is_reserved(member):
            events.emit(PrivateMessageSaid(member, None, server, name, text))


def emit_private(events: Events, name: str, server: str, to: str, text: str) -> None:
    """Tell of what `name` said to one member alone, which does not come back from the server."""
    if events.wants_words:
        from pynetdb.events.chat import PrivateMessageSaid

        events.emit(PrivateMessageSaid(name, None, server, to, text))
