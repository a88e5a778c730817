"""What an application responds to a request, before it is written to the wire."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from pynetdb.net.server.connection import Connection
from pynetdb.net.server.file_range import FileRange

if TYPE_CHECKING:
    from pynetdb.protocols.http.requests import Request
    from pynetdb.servers.http.cache import SmallFileCache
    from pynetdb.servers.http.lookups import Lookups

Pairs = list[tuple[str, str]]


class Response(NamedTuple):
    """One response. Date, Connection and the head's form are added by the connection."""

    status: int
    fields: Pairs
    body: bytes = b""
    file_range: FileRange | None = None
    """A part of a file, in place of `body`."""
    basis: "Lookups | None" = None
    """What it was made of: while that is so, the same request may get the same response again."""
    close: bool = False
    """Whether the connection ends with it."""
    stream: "Stream | None" = None
    """Who goes on writing behind the head, for as long as it likes."""
    stream_ends: bool = False
    """Whether it comes to an end by itself, and is owed to a peer that has sent its FIN."""
    late: bool = False
    """Whether what it is will only be known to the stream, a LateStream, which then writes the head too."""
    reason: str | None = None
    """Why the request is refused, for the operator; None for one that is not."""


class Stream(Protocol):
    """A response that is written as time goes by."""

    length: int
    """How many bytes of the body it has written."""

    def drained(self) -> None:
        """The peer has taken what it was sent, after some of it had to wait."""

    def begin(self, connection: Connection) -> None:
        """The head is written; the connection is yours."""
        ...

    def lost(self, error: OSError | None) -> None:
        """The connection is over."""
        ...


class LateStream(Stream, Protocol):
    """A stream that finds out what the response is."""

    promised: Response
    """What the application said, with all the fields that are known; set before `begin`."""
    encode_head: Callable[[Response], bytes]
    """Makes the head of a response, once; set before `begin`."""


class Application(Protocol):
    """What responds to requests."""

    @property
    def cache(self) -> "SmallFileCache | None":
        """Where whole responses are kept; None keeps none."""

    def respond(self, request: "Request") -> Response:
        """Return the response to a request."""
        ...


def as_late_stream(stream: Stream) -> LateStream:
    """Return the stream of a response that is late."""
    return cast(LateStream, stream)


def text_response(status: int, text: str, fields: Pairs | None = None, close: bool = False) -> Response:
    """Return a short response for people."""
    body = f"{text}\n".encode()
    own = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    reason = text if status >= 400 else None
    return Response(status, [*own, *(fields or [])], body, close=close, reason=reason)
