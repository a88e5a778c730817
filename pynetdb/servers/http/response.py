"""What an application answers to a request, before it is written to the wire."""

from typing import NamedTuple, Protocol

from pynetdb.net.server.connection import Connection
from pynetdb.net.server.file_range import FileRange

Pairs = list[tuple[str, str]]


class Answer(NamedTuple):
    """One response. Date, Connection and the head's form are added by the connection."""

    status: int
    fields: Pairs
    body: bytes = b""
    part: FileRange | None = None
    """A part of a file, in place of `body`."""
    good_until: float = 0.0
    """Until when (Unix seconds) the same request may get the same answer without asking again."""
    close: bool = False
    """Whether the connection ends with it."""
    stream: "Stream | None" = None
    """Who goes on writing behind the head, for as long as it likes."""


class Stream(Protocol):
    """A response without an end of its own."""

    def begin(self, connection: Connection) -> None:
        """The head is written; the connection is yours."""
        ...

    def lost(self, error: OSError | None) -> None:
        """The connection is over."""
        ...


def plain(status: int, text: str, fields: Pairs | None = None, close: bool = False) -> Answer:
    """Return a short answer for people."""
    body = f"{text}\n".encode()
    own = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    return Answer(status, [*own, *(fields or [])], body, close=close)
