"""What servers do: requests answered, the time told."""

import time as clock
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pynetdb.events.event import Event
from pynetdb.wording import timestamp

Payload = bytes


@dataclass(frozen=True, repr=False, eq=False, init=False)
class RequestServed(Event):
    """A request was answered; one that could not be read has neither method nor target, but a `beginning`.

    `bytes` are those of the body that were really sent, `error` why it was refused or its answer was cut off.
    Its line for people is one of the common log format (https://httpd.apache.org/docs/current/logs.html#common),
    behind which stands the error.
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
    request_line: str
    """What the log says of the request, its quotes escaped; `-` if it could not be read."""
    seconds: float | None
    """From when the request was whole until all of its answer was on its way."""
    body: "Payload | None"
    """The beginning of the answer's body, where somebody wants to see it."""
    host: str
    """Of the peer, `-` if it has none."""
    error: str | None
    beginning: str | None
    """The line of a request that could not be read, as far as it came."""

    def __init__(
        self,
        connection: int,
        peer: str,
        method: str | None,
        target: str | None,
        status: int,
        bytes: int,  # noqa: A002 - the field's name
        request_line: str = "-",
        seconds: float | None = None,
        body: "Payload | None" = None,
        host: str = "-",
        error: str | None = None,
        beginning: str | None = None,
        *,
        time: float | None = None,
    ) -> None:
        # What the dataclass would do at four times the price: there is one of these for each request.
        values = self.__dict__
        values["connection"] = connection
        values["peer"] = peer
        values["method"] = method
        values["target"] = target
        values["status"] = status
        values["bytes"] = bytes
        values["request_line"] = request_line
        values["seconds"] = seconds
        values["body"] = body
        values["host"] = host
        values["error"] = error
        values["beginning"] = beginning
        values["time"] = clock.time() if time is None else time

    def to_json(self) -> dict[str, Any]:
        asked = {} if self.method is not None else {"line": self.beginning}
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
        moment = _format_moment(int(self.time))
        line = f'{self.host} - - [{moment}] "{self.request_line}" {self.status} {self.bytes or "-"}'
        return line if self.error is None else f"{line} ({self.error})"


@lru_cache(maxsize=1)  # It changes once a second, and is made no oftener.
def _format_moment(second: int) -> str:
    return clock.strftime("%d/%b/%Y:%H:%M:%S +0000", clock.gmtime(second))


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
