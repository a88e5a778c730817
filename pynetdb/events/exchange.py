"""What clients do: an exchange with a peer."""

from dataclasses import dataclass
from typing import Any

from pynetdb.events.event import Event
from pynetdb.wording import timestamp


@dataclass(frozen=True, repr=False, eq=False)
class ExchangeDone(Event):
    """A client is done with a peer. `summary` has its figures, by the names of its JSON output.

    `error` says what ended the exchange early, None that it went its way.
    """

    name = "exchange"

    protocol: str
    """`echo` or `udp`."""
    peer: str
    summary: dict[str, Any]
    error: str | None = None

    def to_json(self) -> dict[str, Any]:
        told = {"event": self.name, "protocol": self.protocol, "peer": self.peer}
        return {**told, **self.summary, "error": self.error, "time": timestamp(self.time)}
