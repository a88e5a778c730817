"""Where an HTTP connection stands: what was read, what waits for its response, what is not told yet."""

from collections import deque

from pynetdb.protocols.http.requests import Event, RequestParser
from pynetdb.servers.http.response import Stream
from pynetdb.servers.http.served import Served


class ConnectionState:
    """Where a connection stands."""

    __slots__ = (
        "arrived",
        "parser",
        "peer_ended",
        "pending_events",
        "request_started",
        "response_is_final",
        "stream",
        "stream_ends",
        "unparsed",
        "untold",
        "written",
    )

    def __init__(self, parser: RequestParser) -> None:
        self.parser = parser
        self.pending_events: deque[Event] = deque()
        """Requests that wait for the responses before them to be taken."""
        self.unparsed = b""
        """What came behind them."""
        self.arrived = b""
        """The bytes that are being read, if a request begins them: they say by themselves what is asked."""
        self.request_started: float | None = None
        """Since when a request is incomplete."""
        self.peer_ended = False
        self.response_is_final = False
        """The last response is written."""
        self.stream: Stream | None = None
        """Who writes it, if it is written as time goes by."""
        self.stream_ends = False
        self.untold: list[tuple[Served, float | None, int]] = []
        """Requests whose responses have not left yet, when they had come, and where their responses end."""
        self.written = 0
        """How many bytes of responses were written, where somebody is told of them."""

    def owe(self, served: Served, started: float | None, size: int) -> None:
        """Note what is to be told of a response of so many bytes, before it is written.

        The peer may be gone already, and what is told of its connection then comes before we are back.
        """
        self.written += size
        self.untold.append((served, started, self.written))

    def grow_last(self, size: int) -> None:
        """The last response has so many bytes more."""
        served, started, end = self.untold[-1]
        self.untold[-1] = (served, started, end + size)

    def set_last(self, status: int, reason: str | None, size: int) -> None:
        """It is known what the last response is, and that its head has so many bytes."""
        served = self.untold[-1][0]
        served.status, served.reason = status, reason
        self.grow_last(size)
