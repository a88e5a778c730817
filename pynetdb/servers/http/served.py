"""What is told of a request that got a response."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pynetdb.net.addresses import format_address
from pynetdb.protocols.http.requests import Request
from pynetdb.servers.http.log import format_log_line

if TYPE_CHECKING:
    from pynetdb.events.services import RequestServed

MAX_TOLD_BODY = 64 * 1024
"""Of a response's body so many bytes are told to those who want to see it."""


class Served:
    """A response on its way.

    `request` is None if it could not be read, `started` the monotonic moment when it was complete.
    """

    __slots__ = ("body", "length", "request", "started", "status")

    def __init__(self, request: Request | None, status: int, body: bytes, started: float | None) -> None:
        self.request = request
        self.status = status
        self.body = body
        self.length = len(body)
        self.started = started

    def to_event(
        self, number: int, peer: Any, conceal: Callable[[str], str] | None, *, bodies: bool
    ) -> "RequestServed":
        """Return the event, now that all is sent. `conceal` takes out of the target what nobody is told."""
        from pynetdb.events.services import RequestServed

        request = self.request
        if request is not None and conceal is not None:
            request = replace(request, target=conceal(request.target))
        return RequestServed(
            number,
            format_address(peer),
            request.method if request else None,
            request.target if request else None,
            self.status,
            self.length,
            format_log_line(peer, request, self.status, self.length),
            None if self.started is None else time.monotonic() - self.started,
            self.body[:MAX_TOLD_BODY] if bodies else None,
        )
