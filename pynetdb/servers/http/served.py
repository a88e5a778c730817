"""What is told of a request that got a response."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pynetdb.net.addresses import format_address
from pynetdb.protocols.http.requests import Request
from pynetdb.servers.http.log import AccessLog, format_request_line

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
    def _request_line(self) -> str:
        return format_request_line(self.request)

    def to_event(
        self, number: int, peer: Any, started: float | None, log: AccessLog, *, bodies: bool
    ) -> "RequestServed":
        """Return the event, now that all is sent; `started` is the monotonic moment of the whole request."""
        from pynetdb.events.services import RequestServed

        request = self.request
        return RequestServed(
            number,
            format_address(peer),
            request.method if request else None,
            request.target if request else None,
            self.status,
            self.length,
            log.format_line(peer, self._request_line, self.status, self.length),
            None if started is None else time.monotonic() - started,
            self.body[:MAX_TOLD_BODY] if bodies else None,
        )
