"""What clients do: an answer of a web server."""

from dataclasses import dataclass
from typing import Any

from pynetdb.events.event import Event
from pynetdb.wording import timestamp

Payload = bytes


@dataclass(frozen=True, repr=False, eq=False)
class ResponseReceived(Event):
    """An HTTP client asked once: each redirect and each try is an event of its own.

    `url` is without credentials. `status` is None if no whole head came; `error` says what went wrong,
    after a head too. A refused or cut answer has both.
    """

    name = "response"
    detail = True

    method: str
    url: str
    status: int | None
    bytes: int
    """Of the body, decoded; 0 for a redirect that was followed, whose body nobody reads."""
    dns: float
    """Seconds that each phase took; `tls` is None for http."""
    connect: float
    tls: float | None
    first_byte: float
    """Seconds from the request sent to the head received."""
    seconds: float
    """From the start to the end of the body."""
    error: str | None = None
    body: "Payload | None" = None
    """The beginning of the body, as it came, where somebody wants to see it."""

    def to_json(self) -> dict[str, Any]:
        return {
            "event": self.name,
            "method": self.method,
            "url": self.url,
            "status": self.status,
            "bytes": self.bytes,
            "dns": round(self.dns, 6),
            "connect": round(self.connect, 6),
            "tls": None if self.tls is None else round(self.tls, 6),
            "first_byte": round(self.first_byte, 6),
            "seconds": round(self.seconds, 6),
            "error": self.error,
            "time": timestamp(self.time),
        }
