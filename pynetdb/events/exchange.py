"""What clients do: an exchange with a peer."""

from dataclasses import dataclass
from typing import Any

from pynetdb.events.event import Event
from pynetdb.wording import timestamp


@dataclass(frozen=True, repr=False, eq=False)
class ExchangeDone(Event):
    """A client is done with a peer. `summary` has its figures, by the names of its JSON output."""

    name = "exchange"

    protocol: str
    peer: str
    summary: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        told = {"event": self.name, "protocol": self.protocol, "peer": self.peer}
        return {**told, **self.summary, "time": timestamp(self.time)}
