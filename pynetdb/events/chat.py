"""What happens in a chat room."""

from dataclasses import dataclass
from typing import Any

from pynetdb.events.event import Event
from pynetdb.wording import timestamp


@dataclass(frozen=True, repr=False, eq=False)
class MemberEvent(Event):
    """Something in a chat room, and who caused it. `member` is None for somebody who has not joined.

    A server tells of its members: `connection` is the number and `peer` the address of the member's
    connection. A client tells of the room as it sees it: `connection` is None, and `peer` is the server.
    """

    member: str | None
    connection: int | None
    peer: str

    def to_json(self) -> dict[str, Any]:
        return {
            "event": self.name,
            "name": self.member,
            "connection": self.connection,
            "from": self.peer,
            **self._more(),
            "time": timestamp(self.time),
        }

    def _more(self) -> dict[str, Any]:
        raise NotImplementedError


@dataclass(frozen=True, repr=False, eq=False)
class MemberJoined(MemberEvent):
    """Somebody is in the room, which has so many `members` now; None where a client cannot know."""

    name = "joined"
    once = True

    members: int | None

    def _more(self) -> dict[str, Any]:
        return {"members": self.members}

    def line(self) -> str:
        return f"{self.member} joined, {self.members} in the room"


@dataclass(frozen=True, repr=False, eq=False)
class MemberLeft(MemberEvent):
    """Somebody is gone: `reason` is `quit`, `closed`, or what broke the connection.

    A client knows neither the reason nor how many are left, and says None.
    """

    name = "left"
    once = True

    members: int | None
    reason: str | None

    def _more(self) -> dict[str, Any]:
        return {"members": self.members, "reason": self.reason}

    def line(self) -> str:
        return f"{self.member} left ({self.reason}), {self.members} in the room"


@dataclass(frozen=True, repr=False, eq=False)
class MessageSaid(MemberEvent):
    """A line for everybody."""

    name = "message"
    detail = True
    of_words = True

    text: str

    def _more(self) -> dict[str, Any]:
        return {"text": self.text}

    def line(self) -> str:
        return f"{self.member}: {self.text}"


@dataclass(frozen=True, repr=False, eq=False)
class PrivateMessageSaid(MemberEvent):
    """A line for one member alone."""

    name = "private"
    detail = True
    of_words = True

    to: str
    text: str

    def _more(self) -> dict[str, Any]:
        return {"to": self.to, "text": self.text}

    def line(self) -> str:
        return f"{self.member} to {self.to}: {self.text}"


@dataclass(frozen=True, repr=False, eq=False)
class StrangerTurnedAway(MemberEvent):
    """Somebody spoke another protocol, as a web page makes a browser do, and was sent away."""

    name = "stranger"
    once = True

    protocol: str

    def _more(self) -> dict[str, Any]:
        return {"protocol": self.protocol}

    def line(self) -> str:
        return (
            f"#{self.connection} from {self.peer} sent away: it speaks {self.protocol}, this is a chat room"
        )


@dataclass(frozen=True, repr=False, eq=False)
class CommandRefused(MemberEvent):
    """The room refused what somebody wanted, and told them why."""

    name = "refused"
    detail = True
    of_words = True

    reason: str

    def _more(self) -> dict[str, Any]:
        return {"text": self.reason}

    def line(self) -> str:
        return f"#{self.connection} refused: {self.reason}"

    def discreet_line(self) -> str:
        """Return the line without what the member said, where the reason quotes it and can do without."""
        return f"#{self.connection} refused: {getattr(self.reason, 'discreet', self.reason)}"
