"""What clients do: a sample of a clock."""

from dataclasses import dataclass
from typing import Any

from pynetdb.events.event import Event
from pynetdb.wording import timestamp


@dataclass(frozen=True, repr=False, eq=False)
class TimeSampled(Event):
    """A time server was asked once. What its protocol does not know, or no answer told, is None."""

    name = "sample"
    detail = True

    server: str
    protocol: str
    """`ntp`, `daytime` or `time`."""
    offset: float | None = None
    """Seconds by which the local clock is behind the server's."""
    delay: float | None = None
    """Seconds that the exchange took on the way."""
    stratum: int | None = None
    leap: int | None = None
    reference: str | None = None
    error: str | None = None
    """Why there is no answer, or why it is not to be relied on."""

    def to_json(self) -> dict[str, Any]:
        return {
            "event": self.name,
            "server": self.server,
            "protocol": self.protocol,
            "offset_s": self.offset,
            "delay_s": self.delay,
            "stratum": self.stratum,
            "leap": self.leap,
            "reference": self.reference,
            "error": self.error,
            "time": timestamp(self.time),
        }
