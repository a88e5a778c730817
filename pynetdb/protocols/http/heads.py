"""Heads as they are written: of a client's request, of a server's response (RFC 9112 sections 3 and 4)."""

import re
from collections.abc import Iterable

from pynetdb.protocols.http.fields import TOKEN, FieldError, encode_fields

# The target is any visible ASCII but the fragment's sign, which never goes over the wire.
_REQUEST_LINE = TOKEN + rb" [!\"$-~]+ HTTP/1\.1"
_REASON = r"[\t\x20-\x7e\x80-\xff]*"

# RFC 9110 section 15.
REASONS = {
    100: "Continue",
    200: "OK",
    204: "No Content",
    206: "Partial Content",
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    304: "Not Modified",
    307: "Temporary Redirect",
    308: "Permanent Redirect",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    412: "Precondition Failed",
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    417: "Expectation Failed",
    421: "Misdirected Request",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
    505: "HTTP Version Not Supported",
}


def encode_request_head(method: str, target: str, fields: Iterable[tuple[str, str]]) -> bytes:
    """Write the head of an HTTP/1.1 request; raise FieldError for what would not read back the same."""
    try:
        line = f"{method} {target} HTTP/1.1".encode("ascii")
    except UnicodeEncodeError:
        raise FieldError(f"{method!r} {target!r} cannot be requested, expected ASCII") from None
    if re.fullmatch(_REQUEST_LINE, line) is None:
        raise FieldError(f"{method!r} {target!r} cannot be requested, expected a token and a target")
    return line + b"\r\n" + encode_fields(fields) + b"\r\n"


def encode_response_head(status: int, fields: Iterable[tuple[str, str]], reason: str | None = None) -> bytes:
    """Write the head of an HTTP/1.1 response; raise FieldError for what would not read back the same."""
    fits = reason is None or re.fullmatch(_REASON, reason) is not None  # Ours do.
    reason = REASONS.get(status, "") if reason is None else reason
    if not (100 <= status <= 999 and fits):
        raise FieldError(
            f"{status} {reason!r} cannot be a status line, expected three digits and Latin-1 text"
        )
    return f"HTTP/1.1 {status} {reason}\r\n".encode("latin-1") + encode_fields(fields) + b"\r\n"
