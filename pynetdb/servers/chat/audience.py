"""What becomes of the members of a shared room, told to the chat service and to its operator."""

from typing import TYPE_CHECKING, Any

from pynetdb.events.stream import Events
from pynetdb.protocols.chat.room import Room
from pynetdb.protocols.chat.shared_facts import Fact
from pynetdb.servers.chat.session import MAX_OWED, Session

if TYPE_CHECKING:
    from pynetdb.servers.chat.room import ChatService


class Audience:
    """Hears the facts of a shared room on behalf of a chat service."""

    def __init__(self, service: "ChatService", room: Room, events: Events) -> None:
        self._service, self._room, self._events = service, room, events

    def take_facts(self, facts: list[Fact]) -> None:
        """Hear what has become of members, and go on with those who waited for it."""
        service = self._service
        for fact in facts:
            if fact.member is None:
                self._tell_elsewhere(fact)
                continue
            session: Session = fact.member.owner
            match fact.kind:
                case "joined":
                    service.admitted(session)
                    service.decided(session)
                case "refused":
                    self._tell_refusal(session, fact)
                    service.decided(session)
                case "said":
                    service.emit("MessageSaid", session, fact.text)
                case "whispered":
                    service.emit("PrivateMessageSaid", session, fact.to, fact.text)
                case "unreached":
                    self._tell_refusal(session, fact)
                case _:
                    service.disconnect(session)
        if service.stalled and self._room.has_room:
            stalled, service.stalled = service.stalled, []
            for session in stalled:
                if not session.connection.closed:
                    service.receive(session, b"")
        service.flush_soon()

    def owes(self, size: int) -> bool:
        """Say whether so much more could be too much for a member to hold."""
        most = MAX_OWED - size
        return any(
            session.connection.pending > most or (session.waiting is not None and len(session.waiting) > most)
            for session in (member.owner for member in self._room.listeners)
        )

    def tell_broker(self, kind: str, *values: Any) -> None:
        """Tell the operator what became of the broker."""
        if self._events:
            from pynetdb.events import rooms

            self._events.emit(getattr(rooms, kind)(*values))

    def _tell_refusal(self, session: Session, fact: Fact) -> None:
        if self._service.emits_words:
            self._service.emit("CommandRefused", session, fact.text)

    def _tell_elsewhere(self, fact: Fact) -> None:
        from pynetdb.events.rooms import HappenedElsewhere

        self._events.emit(HappenedElsewhere(fact.kind, fact.name, fact.server, fact.text))
