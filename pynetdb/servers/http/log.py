"""What the access log says of a request (the common log format)."""

from pynetdb.protocols.http.requests import Request


def format_request_line(request: Request | None) -> str:
    """Return what stands between the quotes; `-` for a request that could not be read.

    What a terminal would obey is still in it: that is escaped where the line is shown.
    """
    if request is None:
        return "-"
    line = f"{request.method} {request.target} HTTP/1.{request.minor_version}"
    # A backslash first: else nobody could tell what was escaped from what was asked for so.
    return line.replace("\\", "\\\\").replace('"', '\\"')
