"""The access log (the common log format, https://httpd.apache.org/docs/current/logs.html#common)."""

import time

from pynetdb.protocols.http.requests import Request


def format_log_line(peer: object, request: Request | None, status: int, length: int) -> str:
    """Return a line; `-` stands for a request that could not be read and for a body of no bytes."""
    host = peer[0] if isinstance(peer, tuple) else "-"
    moment = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime())
    line = "-"
    if request is not None:
        # Whoever shows the line makes it safe; here only our own quotes must stay what they are.
        line = f"{request.method} {request.target} HTTP/1.{request.minor_version}".replace('"', '\\"')
    return f'{host} - - [{moment}] "{line}" {status} {length or "-"}'
