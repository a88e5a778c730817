"""The access log (the common log format, https://httpd.apache.org/docs/current/logs.html#common)."""

import time

from pynetdb.protocols.http.requests import Request
from pynetdb.terminal import safe_line


def format_request_line(request: Request | None, beginning: str = "") -> str:
    """Return what stands between the quotes; of a request that could not be read its `beginning`, or `-`."""
    line = beginning
    if request is not None:
        line = f"{request.method} {request.target} HTTP/1.{request.minor_version}"
    if not line:
        return "-"
    # A backslash first: else nobody could tell what was escaped from what was asked for so.
    return safe_line(line.replace("\\", "\\\\")).replace('"', '\\"')


class AccessLog:
    """Makes lines; the moment in them changes once a second, and is made no oftener."""

    def __init__(self) -> None:
        self._second = 0
        self._moment = ""

    def format_line(
        self, peer: object, request_line: str, status: int, length: int, error: str | None = None
    ) -> str:
        """Return a line; `-` stands for a peer without an address and for a body of no bytes.

        Behind what all such logs have it says why a request was refused or its response cut off.
        """
        now = int(time.time())
        if now != self._second:
            self._second = now
            self._moment = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now))
        host = peer[0] if isinstance(peer, tuple) else "-"
        line = f'{host} - - [{self._moment}] "{request_line}" {status} {length or "-"}'
        return line if error is None else f"{line} ({safe_line(error)})"
