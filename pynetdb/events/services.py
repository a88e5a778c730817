"""What servers do: requests answered, the time told."""

from dataclasses import dataclass
from typing import Any

from pynetdb.events.event import Event
from pynetdb.wording import timestamp

Payload = bytes


@dataclass(frozen=True, repr=False, eq=False)
class RequestServed(Event):
    """A request was answered; one that could not be read has neither method nor target, but a `request_line`.

    `bytes` are those of the body that were really sent, `error` why it was refused or its answer was cut off.
    `log_line` is made by the server, which knows the log's format.
    """

    name = "request"
    detail = True
    prefixed = False

    connection: int
    peer: str
    method: str | None
    target: str | None
    status: int
    bytes: int
    log_line: str = ""
    seconds: float | None = None
    """From when the request was whole until all of its answer was on its way."""
    body: "Payload | None" = None
    """The beginning of the answer's body, where somebody wants to see it."""
    error: str | None = None
    request_line: str | None = None

    def to_json(self) -> dict[str, Any]:
        asked = {} if self.method is not None else {"line": self.request_line}
        return {
            "event": self.name,
            "connection": self.connection,
            "from": self.peer,
            "method": self.method,
            "target": self.target,
            **asked,
            "status": self.status,
            "bytes": self.bytes,
            "error": self.error,
            "time": timestamp(self.time),
        }

    def line(self) -> str:
        return self.log_line


@dataclass(frozen=True, repr=False, eq=False)
class TimeAnswered(Event):
    """A time server told somebody the time."""

    name = "answer"
    detail = True

    protocol: str
    peer: str

    def to_json(self) -> dict[str, Any]:
        return {
            "event": self.name,
            "protocol": self.protocol,
            "from": self.peer,
            "time": timestamp(self.time),
        }

    def line(self) -> str:
        return f"told {self.peer} the time ({self.protocol})"
