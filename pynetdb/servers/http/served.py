"""What is told of a request that got a response."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from pynetdb.events.stream import Events
from pynetdb.net.server.connection import Connection
from pynetdb.protocols.http.requests import Request
from pynetdb.servers.http.log import format_request_line

if TYPE_CHECKING:
    from pynetdb.events.services import RequestServed
    from pynetdb.servers.http.state import ConnectionState

MAX_TOLD_BODY = 64 * 1024
"""Of a response's body so many bytes are told to those who want to see it."""


class Served:
    """A request and its response, perhaps sent several times.

    `request` is None if it could not be read; `beginning` is then its line, as far as it came. `reason` says
    why it was refused. `conceal` takes out of a target what is to be told to nobody.
    """

    def __init__(
        self,
        request: Request | None,
        status: int,
        body: bytes,
        conceal: Callable[[str], str] | None = None,
        *,
        reason: str | None = None,
        beginning: bytes = b"",
    ) -> None:
        if conceal is not None:
            if request is not None:
                request = replace(request, target=conceal(request.target))
            else:
                # Where the secret stands in what could not be read, and how much of it, nobody knows; the
                # reason may quote it.
                beginning = beginning.partition(b" ")[0]
                reason = None if reason is None else reason.partition(":")[0]
        self.request = request
        self.status = status
        self.body = body
        self.length = len(body)
        self.reason = reason
        # What begins with a control character is no line at all but TLS or some other protocol.
        self.beginning = beginning.decode("latin-1") if beginning[:1] >= b" " else ""

    @cached_property
    def request_line(self) -> str:
        """What the access log says of the request."""
        return format_request_line(self.request, self.beginning)


class RequestTeller:
    """Makes events of what is served. With `bodies` they hold the beginnings of the responses' bodies."""

    def __init__(self, events: Events, *, bodies: bool) -> None:
        from pynetdb.events.services import RequestServed

        self._events = events
        self._event = RequestServed
        self._bodies = bodies

    def tell_once_sent(self, connection: Connection, state: "ConnectionState") -> None:
        """Tell of what was written, if all of it has left already; else it is told later, by `tell`."""
        owed = state.owed
        if owed is None:
            return  # The connection broke meanwhile, and all was told.
        state.owed = None
        if connection.pending or state.stream_ends:
            state.untold.append(owed)
            return
        if state.untold:
            self.tell(connection, state)
        self._emit(connection, state, *owed)

    def tell(self, connection: Connection, state: "ConnectionState") -> None:
        """Tell of what the peer has taken, or never will."""
        untold, state.untold = state.untold, []
        for owed in untold:
            self._emit(connection, state, *owed)

    def _emit(
        self,
        connection: Connection,
        state: "ConnectionState",
        served: Served,
        started: float | None,
        end: int,
    ) -> None:
        unsent = end - connection.taken
        self._events.emit(self.to_event(served, connection.number, state.peer, state.host, started, unsent))

    def to_event(
        self,
        served: Served,
        number: int,
        peer: str,
        host: str,
        started: float | None,
        unsent: int = 0,
    ) -> "RequestServed":
        """Return the event, now that all is sent, or will never be.

        `host` is that of the peer, `-` if it has none; `started` is when the request was whole (monotonic);
        `unsent` says how many bytes of the response did not leave.
        """
        request = served.request
        length, error = served.length, served.reason
        if unsent > 0:
            cut_off = f"cut off: {length} bytes were owed"
            error = cut_off if error is None else f"{error}; {cut_off}"
            length = max(length - unsent, 0)
        return self._event(
            number,
            peer,
            request.method if request else None,
            request.target if request else None,
            served.status,
            length,
            served.request_line,
            None if started is None else time.monotonic() - started,
            served.body[:MAX_TOLD_BODY] if self._bodies else None,
            host,
            error,
            None if request else served.beginning,
        )
