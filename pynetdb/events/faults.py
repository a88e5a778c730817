"""Faults of our own making."""

from dataclasses import dataclass
from typing import Any

from pynetdb.events.event import Event
from pynetdb.wording import timestamp


@dataclass(frozen=True, repr=False, eq=False)
class FaultInjected(Event):
    """We did to ourselves what bad networks do, because the user asked for it."""

    name = "fault"
    detail = True

    connection: int | None
    """None for a datagram."""
    peer: str
    fault: str
    """`delay`, `drop`, `corrupt`..."""
    direction: str
    """Of the bytes: `received` or `sent`."""
    bytes: int | None = None
    """The size of a datagram; for a connection, how many bytes had been sent on it before."""
    seconds: float | None = None
    """How long something was held back."""

    def to_json(self) -> dict[str, Any]:
        return {
            "event": self.name,
            "connection": self.connection,
            "peer": self.peer,
            "fault": self.fault,
            "direction": self.direction,
            "bytes": self.bytes,
            "seconds": None if self.seconds is None else round(self.seconds, 6),
            "time": timestamp(self.time),
        }

    def line(self) -> str:
        who = self.peer if self.connection is None else f"#{self.connection}"
        held = "" if self.seconds is None else f" of {self.seconds * 1000:.1f} ms"
        if self.connection is None:
            return (
                f"{who}: fault of ours: {self.fault}{held}, a datagram of {self.bytes} bytes {self.direction}"
            )
        return f"{who} fault of ours: {self.fault}{held}, after {self.bytes} bytes"
