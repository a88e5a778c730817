"""Connections and datagrams: made, refused, over, received."""

from dataclasses import dataclass
from typing import Any

from pynetdb.events.event import Event
from pynetdb.wording import timestamp

Payload = bytes


@dataclass(frozen=True, repr=False, eq=False)
class Connected(Event):
    """A connection is made. A server numbers its connections from 1; a client's is None.

    `peer` is the other side: for a client the server, as it was named on the command line.
    """

    name = "connected"
    detail = True

    connection: int | None
    peer: str

    def to_json(self) -> dict[str, Any]:
        return {
            "event": self.name,
            "connection": self.connection,
            "from": self.peer,
            "time": timestamp(self.time),
        }

    def line(self) -> str:
        return (
            f"#{self.connection} connected: {self.peer}" if self.connection else f"connected to {self.peer}"
        )


@dataclass(frozen=True, repr=False, eq=False)
class Refused(Event):
    """A connection is one too many, and was told so; `reason` says by which bound."""

    name = "refused"
    detail = True

    connection: int
    peer: str
    reason: str

    def to_json(self) -> dict[str, Any]:
        return {
            "event": self.name,
            "connection": self.connection,
            "from": self.peer,
            "error": self.reason,
            "time": timestamp(self.time),
        }

    def line(self) -> str:
        return f"#{self.connection} refused: {self.peer} ({self.reason})"


@dataclass(frozen=True, repr=False, eq=False)
class Closed(Event):
    """A connection is over; `error` says what broke it, None that both sides ended it.

    `connection` and `peer` are those of Connected, the bytes those that the socket moved.
    """

    name = "closed"
    detail = True

    connection: int | None
    peer: str
    bytes_received: int
    bytes_sent: int
    seconds: float
    error: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "event": self.name,
            "connection": self.connection,
            "from": self.peer,
            "bytes_received": self.bytes_received,
            "bytes_sent": self.bytes_sent,
            "seconds": round(self.seconds, 3),
            "error": self.error,
            "time": timestamp(self.time),
        }

    def line(self) -> str:
        who = f"#{self.connection}" if self.connection else self.peer
        moved = f"{who} closed: {self.bytes_received} bytes in, {self.bytes_sent} out"
        return moved + (f" ({self.error})" if self.error else "")


@dataclass(frozen=True, repr=False, eq=False)
class DatagramReceived(Event):
    """A datagram arrived, perhaps an empty one.

    `payload` and, as it is shown, `text` or `hex` are there where somebody wants to see it; `sequence` is
    its number under `udp-send --sequence`.
    """

    name = "datagram"
    detail = True

    peer: str
    bytes: int
    payload: "Payload | None" = None
    text: str | None = None
    hex: str | None = None
    sequence: int | None = None

    def to_json(self) -> dict[str, Any]:
        more = {"text": self.text, "hex": self.hex, "sequence": self.sequence}
        shown = {key: value for key, value in more.items() if value is not None}
        return {
            "event": self.name,
            "from": self.peer,
            "bytes": self.bytes,
            **shown,
            "time": timestamp(self.time),
        }

    def line(self) -> str:
        return f"{self.peer}: a datagram of {self.bytes} bytes"


@dataclass(frozen=True, repr=False, eq=False)
class DatagramSent(Event):
    """A client sent a datagram, perhaps an empty one. `peer` is whom it was sent to."""

    name = "sent"
    detail = True

    peer: str
    bytes: int
    payload: "Payload | None" = None

    def to_json(self) -> dict[str, Any]:
        return {"event": self.name, "to": self.peer, "bytes": self.bytes, "time": timestamp(self.time)}

    def line(self) -> str:
        return f"to {self.peer}: a datagram of {self.bytes} bytes"


@dataclass(frozen=True, repr=False, eq=False)
class DatagramIgnored(Event):
    """A datagram arrived that is no question, and got no answer."""

    name = "ignored"
    detail = True

    peer: str
    bytes: int

    def to_json(self) -> dict[str, Any]:
        return {"event": self.name, "from": self.peer, "bytes": self.bytes, "time": timestamp(self.time)}

    def line(self) -> str:
        return f"a datagram of {self.bytes} bytes that is no question: not answered"
