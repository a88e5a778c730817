"""What happens in a chat room that several servers share, as one of them sees it."""

from dataclasses import dataclass
from typing import Any

from pynetdb.events.event import Event
from pynetdb.wording import timestamp


@dataclass(frozen=True, repr=False, eq=False)
class BrokerReached(Event):
    """The broker of the room is there: at the start, or again."""

    name = "broker"

    broker: str

    def to_json(self) -> dict[str, Any]:
        return {"event": self.name, "state": "reached", "broker": self.broker, "time": timestamp(self.time)}

    def line(self) -> str:
        return f"the room is at {self.broker}"


@dataclass(frozen=True, repr=False, eq=False)
class BrokerLost(Event):
    """The broker cannot be reached: what members say waits."""

    name = "broker"

    reason: str

    def to_json(self) -> dict[str, Any]:
        return {"event": self.name, "state": "lost", "reason": self.reason, "time": timestamp(self.time)}

    def line(self) -> str:
        return f"the room's broker is away ({self.reason}); what members say waits"


@dataclass(frozen=True, repr=False, eq=False)
class HappenedElsewhere(Event):
    """A member of another server `joined`, `left`, or `said` something."""

    name = "elsewhere"
    detail = True
    of_words = True

    kind: str
    member: str
    server: str
    text: str

    def to_json(self) -> dict[str, Any]:
        facts = {"name": self.member, "server": self.server, "what": self.kind}
        words = {"text": self.text} if self.kind == "said" else {}
        return {"event": self.name, **facts, **words, "time": timestamp(self.time)}

    def line(self) -> str:
        if self.kind == "said":
            return f"{self.member} at {self.server}: {self.text}"
        return f"{self.member} {self.kind} at {self.server}"
