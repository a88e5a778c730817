"""Where an HTTP connection stands: what was read, what waits for its response, what is not told yet."""

from pynetdb.protocols.http.requests import Event, RequestParser
from pynetdb.servers.http.response import Stream
from pynetdb.servers.http.served import Served

Owed = tuple[Served, float | None, int]
"""What is to be told of a request, when it had come, and where in all that is written its response ends."""


class ConnectionState:
    """Where a connection stands."""

    __slots__ = (
        "arrived",
        "host",
        "owed",
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
        "written",
    )

    def __init__(self, parser: RequestParser) -> None:
        self.parser = parser
        self.peer = ""
        """The address of the peer, in words, and its host; set where requests are told of."""
        self.host = "-"
        # A list, since an empty deque takes 600 bytes, and most connections of a crowd wait for nothing.
        self.pending_events: list[Event] = []
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
        self.owed: Owed | None = None
        """The request whose response is being written."""
        self.untold: list[Owed] = []
        """Requests whose responses have not left yet."""
        self.written = 0
        """How many bytes of responses were written, where somebody is told of them."""

    def owe(self, served: Served, started: float | None, size: int) -> None:
        """Note what is to be told of a response of so many bytes, before it is written.

        The peer may be gone already, and what is told of its connection then comes before we are back.
        """
        self.written = end = self.written + size
        self.owed = (served, started, end)

    def end_last(self, length: int) -> None:
        """The body of the last response has come to its end after so many bytes."""
        self.untold[-1][0].length = length
        self._grow_last(length)

    def _grow_last(self, size: int) -> None:
        served, started, end = self.untold[-1]
        self.untold[-1] = (served, started, end + size)

    def set_last(self, status: int, reason: str | None, size: int) -> None:
        """It is known what the last response is, and that its head has so many bytes."""
        served = self.untold[-1][0]
        served.status, served.reason = status, reason
        self._grow_last(size)
