"""Where an HTTP connection stands: what was read, what waits for its response, what is not told yet."""

from collections import deque

from pynetdb.protocols.http.requests import Event, RequestParser
from pynetdb.servers.http.response import Stream
from pynetdb.servers.http.served import Served


class ConnectionState:
    """Where a connection stands."""

    __slots__ = (
        "arrived",
        "host",
        "parser",
        "peer",
        "peer_ended",
        "pending_events",
        "request_started",
        "response_is_final",
        "stream",
        "stream_ends",
        "unparsed",
        "untold",
    )

    def __init__(self, parser: RequestParser) -> None:
        self.parser = parser
        self.peer = ""
        """The address of the peer, in words, and its host; set where requests are told of."""
        self.host = "-"
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
        self.untold: list[tuple[Served, float | None]] = []
        """Requests whose responses the peer has not taken yet, and when they had come."""
