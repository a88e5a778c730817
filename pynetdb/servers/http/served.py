"""What is told of a request that got a response."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from pynetdb.protocols.http.requests import Request
from pynetdb.servers.http.log import format_request_line

if TYPE_CHECKING:
    from pynetdb.events.services import RequestServed

MAX_TOLD_BODY = 64 * 1024
"""Of a response's body so many bytes are told to those who want to see it."""


class Served:
    """A request and its response, perhaps sent several times. `request` is None if it could not be read.

    `conceal` takes out of a target what is to be told to nobody.
    """

    def __init__(
        self,
        request: Request | None,
        status: int,
        body: bytes,
        conceal: Callable[[str], str] | None = None,
    ) -> None:
        if request is not None and conceal is not None:
            request = replace(request, target=conceal(request.target))
        self.request = request
        self.status = status
        self.body = body
        self.length = len(body)

    @cached_property
    def request_line(self) -> str:
        """What the access log says of the request."""
        return format_request_line(self.request)


class RequestTeller:
    """Makes events of what is served. With `bodies` they hold the beginnings of the responses' bodies."""

    def __init__(self, *, bodies: bool) -> None:
        from pynetdb.events.services import RequestServed

        self._event = RequestServed
        self._bodies = bodies

    def to_event(
        self, served: Served, number: int, peer: str, host: str, started: float | None
    ) -> "RequestServed":
        """Return the event, now that all is sent.

        `host` is that of the peer, `-` if it has none; `started` is when the request was whole (monotonic).
        """
        request = served.request
        return self._event(
            number,
            peer,
            request.method if request else None,
            request.target if request else None,
            served.status,
            served.length,
            served.request_line,
            None if started is None else time.monotonic() - started,
            served.body[:MAX_TOLD_BODY] if self._bodies else None,
            host,
        )
