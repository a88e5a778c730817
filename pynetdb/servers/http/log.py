"""What the access log says of a request (the common log format)."""

from pynetdb.protocols.http.requests import Request


def format_request_line(request: Request | None, beginning: str = "") -> str:
    """Return what stands between the quotes; of a request that could not be read its `beginning`, or `-`.

    What a terminal would obey is still in it: that is escaped where the line is shown.
    """
    line = beginning
    if request is not None:
        line = f"{request.method} {request.target} HTTP/1.{request.minor_version}"
    if not line:
        return "-"
    # A backslash first: else nobody could tell what was escaped from what was asked for so.
    return line.replace("\\", "\\\\").replace('"', '\\"')
