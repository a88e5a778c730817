"""Requests as a server reads them: heads, their framing, the stream of them (RFC 9112)."""

import re
from dataclasses import dataclass, replace

from pynetdb.errors import ProtocolError
from pynetdb.protocols.http.authority import is_absolute_form, is_authority, split_absolute_form
from pynetdb.protocols.http.body import Body, BodyByLength, BodyInChunks
from pynetdb.protocols.http.fields import (
    FIELD_LINE,
    TOKEN,
    Fields,
    parse_field_line,
    parse_length,
    shorten,
)
from pynetdb.protocols.record import Record

# RFC 9112 section 3 asks for at least 8000; a longer one only makes us hold it.
MAX_REQUEST_LINE = 8 * 1024
# Longer than any registered method (UPDATEREDIRECTREF, 17); beyond it a long line is the method's fault.
MAX_METHOD = 32
# What browsers send with many cookies fits; a peer that never ends its head cannot fill memory.
MAX_HEAD = 32 * 1024
MAX_FIELDS = 100
# Nobody who GETs a file has much to say; what is longer is not worth reading to keep a connection.
MAX_DISCARDED = 64 * 1024
# RFC 9112 section 2.2 wants an empty line before a request ignored: old browsers ended a POST with one.
MAX_EMPTY_LINES = 2

# What RFC 9110 and RFC 5789 define: refused with 405 and not 501 where it is not allowed.
KNOWN_METHODS = frozenset(["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"])

_TOKEN_BYTES = frozenset(b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
# The target is any visible ASCII but the fragment's sign, which never goes over the wire.
_METHOD_AND_TARGET = rb"(" + TOKEN + rb") ([!\"$-~]+)"
_REQUEST_LINE = re.compile(_METHOD_AND_TARGET + rb" HTTP/([0-9])\.([0-9])")
# No part goes on with what the part before it can hold, and none is given back: a match takes linear time.
_HEAD = re.compile(_METHOD_AND_TARGET + rb" HTTP/1\.([0-9])\r\n((?:" + FIELD_LINE + rb"\r\n)*+)\r\n")
_NAMES_AND_VALUES = re.compile(r"([^:]+):(.*)\r\n")


class RequestRefusedError(ProtocolError):
    """A request that must not be served; `status` answers it, and the connection closes after that."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Request(Record):
    """The head of one request, its framing judged already."""

    method: str
    target: str
    minor_version: int  # of HTTP/1: 0 or 1
    fields: Fields
    content_length: int  # 0 where there is no body, and where `chunked`
    chunked: bool
    keep_alive: bool  # False: answer with `Connection: close`, and nothing after it is read
    body_unread: bool  # it has a body that is not worth reading: too long, or held back until we say 100
    body: bytes = b""  # what it said, where the parser was asked to keep it

    @property
    def has_body(self) -> bool:
        """Whether bytes that belong to this request follow its head."""
        return self.chunked or self.content_length > 0

    @property
    def authority(self) -> str | None:
        """Whom it asks: its target if that says so, and Host is then ignored (RFC 9112 section 3.2.2)."""
        if self.target.startswith("/"):
            return self.fields.get("host")
        authority = self.target if self.method == "CONNECT" else split_absolute_form(self.target)[0]
        return self.fields.get("host") if authority is None else authority


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class BodyDiscarded(Record):
    """The body of the request before it was read to its end, and thrown away."""

    size: int


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Refused(Record):
    """Not to be understood: answer `status`, say `Connection: close`, and close. Nothing follows."""

    status: int
    reason: str


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class HeadReceived(Record):
    """The bytes of a whole head as they came; a Request or a Refused says what became of it."""

    head: bytes


Event = Request | BodyDiscarded | Refused | HeadReceived


def parse_request_head(head: bytes) -> Request:
    """Read a whole head, from the method to the empty line (both included).

    Raises ProtocolError: RequestRefusedError says with which status, any other is 400.
    """
    match = _HEAD.fullmatch(head)
    if match is not None and match.start(4) <= MAX_REQUEST_LINE and len(head) <= MAX_HEAD:
        method, target, minor, lines = match.groups()
        pairs = _NAMES_AND_VALUES.findall(lines.decode("latin-1"))
        if len(pairs) <= MAX_FIELDS:
            return _judge_head(method, target, 0 if minor == b"0" else 1, pairs)
    # Line by line, because the first thing that is wrong decides the status.
    start, judged = 0, _HeadLines()
    while judged.add(head, start, head.find(b"\n", start)):
        start = judged.end
    return judged.finish()


# So much of a request is kept to say of which one something is told.
_MAX_BEGINNING = 200


class _HeadLines:
    """The lines of one head, judged in the order in which they come, however they are cut."""

    # By position in the parser's buffer, where a LineReader would copy each line once more: a whole head
    # is found by one search for its empty line, and what is wrong with a line decides the status.

    def __init__(self) -> None:
        self.end = 0  # behind the last line that was judged
        self._method = b""
        self._target = b""
        self._minor_version = 0
        self._pairs: list[tuple[str, str]] = []

    def add(self, buffer: bytes | bytearray, start: int, newline: int) -> bool:
        """Judge the line from `start` to `newline` (-1: none); False at the empty line that ends a head."""
        self.check_limits(buffer, start, newline)
        if newline < 0:
            raise RequestRefusedError(400, "the head has no empty line at its end")
        self.end = newline + 1
        if newline == start or buffer[newline - 1] != 13:
            raise RequestRefusedError(400, "a line ends in a bare LF, expected CR LF")
        line = bytes(buffer[start : newline - 1])
        if not self._method:
            self._add_request_line(line)
            return True
        if not line:
            return False
        if len(self._pairs) == MAX_FIELDS:
            raise RequestRefusedError(431, f"more than {MAX_FIELDS} fields")
        self._pairs.append(parse_field_line(line))
        return True

    def check_limits(self, buffer: bytes | bytearray, start: int, newline: int) -> None:
        """Refuse a line that is too long already, also while its end is not here yet."""
        end = len(buffer) if newline < 0 else newline
        if not self._method:
            if end > start and (first := buffer[start]) not in _TOKEN_BYTES:
                told = f"a request begins with {shorten(bytes((first,)))}, expected a method"
                tls = "a TLS hello: this is http, not https"  # No line end of it is waited for.
                raise RequestRefusedError(400, tls if first == 0x16 else told)
            if end - start > MAX_REQUEST_LINE:
                if buffer.find(b" ", start, start + MAX_METHOD + 1) < 0:
                    raise RequestRefusedError(501, f"a method of more than {MAX_METHOD} characters")
                raise RequestRefusedError(414, f"a request line of more than {MAX_REQUEST_LINE} bytes")
        elif end > MAX_HEAD:
            raise RequestRefusedError(431, f"a head of more than {MAX_HEAD} bytes")

    def _add_request_line(self, line: bytes) -> None:
        match = _REQUEST_LINE.fullmatch(line)
        if match is None:
            wrong = f"a bad request line: {shorten(line)}, expected METHOD TARGET HTTP/1.1"
            raise RequestRefusedError(400, wrong)
        self._method, self._target, major, minor = match.groups()
        if major != b"1":
            version = f"HTTP/{major.decode()}.{minor.decode()}"
            # RFC 9110 section 15.6.6. How that version frames what follows we do not know: it closes.
            raise RequestRefusedError(505, f"the request is {version}, expected HTTP/1.0 or HTTP/1.1")
        # RFC 9110 section 2.5: a higher minor version is read as the highest that we know.
        self._minor_version = 0 if minor == b"0" else 1

    def finish(self) -> Request:
        """Judge what no single line can tell."""
        return _judge_head(self._method, self._target, self._minor_version, self._pairs)


def _judge_head(method: bytes, target: bytes, minor_version: int, pairs: list[tuple[str, str]]) -> Request:
    """Judge what no single line can tell: framing first, then Host, the target and the method."""
    # Framing first: where a proxy reads another end of the message than we do, whatever follows is
    # somebody else's request, and no other answer may come before that refusal.
    fields = Fields(tuple([(name, value.strip(" \t")) for name, value in pairs]))
    present = fields.by_name
    framed = "content-length" in present or "transfer-encoding" in present
    content_length, chunked = _judge_framing(fields, minor_version) if framed else (0, False)
    _judge_host(present.get("host", ()), minor_version)
    if len(present.get("content-type", ())) > 1:
        # One body is of one type; proxies that scan uploads were passed by naming two.
        raise RequestRefusedError(400, "more than one Content-Type field, expected one")
    if target[:1] != b"/" or method == b"CONNECT":
        _judge_target(method, target)
    if (name := method.decode("ascii")) not in KNOWN_METHODS:
        raise RequestRefusedError(501, f"unknown method {shorten(method)}")
    connection = fields.tokens("connection") if "connection" in present else []
    # RFC 9110 section 10.1.1: an expectation of an HTTP/1.0 client is ignored.
    expects = minor_version == 1 and "expect" in present and "100-continue" in fields.tokens("expect")
    unread = content_length > MAX_DISCARDED or (expects and (chunked or content_length > 0))
    stays = minor_version == 1 or "keep-alive" in connection
    return Request(
        method=name,
        target=target.decode("ascii"),
        minor_version=minor_version,
        fields=fields,
        content_length=content_length,
        chunked=chunked,
        keep_alive=stays and "close" not in connection and not unread,
        body_unread=unread,
    )


def _judge_framing(fields: Fields, minor_version: int) -> tuple[int, bool]:
    """Return (length, chunked); RFC 9112 section 6.3, and wherever it leaves a choice we refuse.

    A request that two programs can frame in two ways is how requests are smuggled past a proxy.
    """
    lengths = fields.get_all("content-length")
    codings = fields.get_all("transfer-encoding")
    if codings:
        if minor_version == 0:
            raise RequestRefusedError(400, "Transfer-Encoding in HTTP/1.0, expected Content-Length")
        if lengths:
            raise RequestRefusedError(400, "both Transfer-Encoding and Content-Length, expected one")
        if len(codings) == 1 and codings[0].lower() == "chunked":
            return 0, True
        names = fields.tokens("transfer-encoding")
        # Section 6.1: a coding that we do not know is 501; 6.3: a body whose last is not chunked is 400.
        status = 501 if names[-1:] == ["chunked"] and names.count("chunked") == 1 else 400
        raise RequestRefusedError(status, f"Transfer-Encoding {', '.join(codings)!r}, expected chunked")
    if len(lengths) > 1:
        raise RequestRefusedError(400, f"{len(lengths)} Content-Length fields, expected one")
    return parse_length(lengths[0]), False


def _judge_host(hosts: tuple[str, ...], minor_version: int) -> None:
    """Refuse as RFC 9112 section 3.2 demands: a Host that is missing in HTTP/1.1, twice there, or no host."""
    if len(hosts) > 1:
        raise RequestRefusedError(400, f"{len(hosts)} Host fields, expected one")
    if not hosts:
        if minor_version == 1:
            raise RequestRefusedError(400, "no Host field, expected one in HTTP/1.1")
    elif not is_authority(hosts[0].encode("latin-1")):
        raise RequestRefusedError(400, f"Host {hosts[0]!r}, expected a host and perhaps a port")


def _judge_target(method: bytes, target: bytes) -> None:
    """Refuse a target that is no path in a form that its method does not have (RFC 9112 section 3.2)."""
    fits = is_authority(target) if method == b"CONNECT" else is_absolute_form(target)
    if not fits and (method, target) != (b"OPTIONS", b"*"):
        raise RequestRefusedError(400, f"a bad request target: {shorten(target)}, expected a path")


class RequestParser:
    """The requests of one connection: bytes in, events out.

    A Request comes out when its body has been read too, so that a body that breaks the grammar is refused in
    place of its request; a BodyDiscarded follows it then. Where the body is not worth reading (`Expect:
    100-continue`, or longer than MAX_DISCARDED) the Request comes out at its head, and is the last.
    With `keep_bodies` a Request brings its body, of MAX_DISCARDED bytes at most, and no BodyDiscarded
    follows. With `show_heads` a HeadReceived comes out for each head that is whole, before it is judged.
    """

    def __init__(self, keep_bodies: bool = False, show_heads: bool = False) -> None:
        # Nothing that follows is read: the last event was Refused, or a request that closes.
        self.closed = False
        # The stream stands between two requests, with no byte of the next one here.
        self.idle = True
        self._show_heads = show_heads
        self._buffer = b""
        self._beginning = b""
        self._empty_lines = 0
        self._lines: _HeadLines | None = None
        self._pending: tuple[Request, Body] | None = None  # whose body is being read
        self._discarded = 0
        self._kept: list[bytes] | None = [] if keep_bodies else None

    @property
    def request_line(self) -> bytes:
        """The first line of the request that is being read or was refused, as far as it came and was kept."""
        return self._beginning.partition(b"\n")[0].removesuffix(b"\r")

    def receive_data(self, data: bytes | bytearray | memoryview) -> list[Event]:
        """Take what arrived; return what it completes. After `closed` everything is ignored."""
        events: list[Event] = []
        if self.closed:
            return events
        self._buffer = self._buffer + data if self._buffer else bytes(data)
        try:
            while self._buffer and not self.closed and self._advance(events):
                pass
        except RequestRefusedError as error:
            self._refuse(events, error.status, error)
        except ProtocolError as error:
            self._refuse(events, 400, error)
        self.idle = not self._buffer and self._pending is None and not self.closed
        return events

    def receive_eof(self) -> list[Event]:
        """Take the end of the stream; a request that it cuts off is refused."""
        events: list[Event] = []
        if not self.closed and not self.idle:
            self._refuse(events, 400, ProtocolError("the stream ended within a request"))
        self.closed = True
        self.idle = False
        return events

    def _refuse(self, events: list[Event], status: int, error: ProtocolError) -> None:
        events.append(Refused(status, str(error)))
        self.closed = True
        self._buffer = b""

    def _advance(self, events: list[Event]) -> bool:
        """Take one head or one piece of a body; False when that needs more bytes."""
        if self._pending is not None:
            return self._discard(*self._pending, events)
        if self._lines is None and self._buffer[0] == 13 and not self._skip_empty_lines():
            return False
        self._beginning = self._buffer[:_MAX_BEGINNING]
        end = self._buffer.find(b"\r\n\r\n") if self._lines is None else self._judge_lines(self._lines)
        if end < 0:
            if self._lines is None:
                self._lines = _HeadLines()
                # It cannot be complete: this judges the lines that are there.
                self._judge_lines(self._lines)
            return False
        head, self._buffer = self._buffer[: end + 4], self._buffer[end + 4 :]
        self._lines = None
        if self._show_heads:
            events.append(HeadReceived(head))
        request = parse_request_head(head)
        self._empty_lines = 0
        if request.has_body and not request.body_unread:
            body = BodyInChunks() if request.chunked else BodyByLength(request.content_length)
            self._pending = request, body
            self._discarded = 0
        else:
            self._finish(request, events)
        return True

    def _skip_empty_lines(self) -> bool:
        while self._buffer[:1] == b"\r":
            self._beginning = b""  # What is refused now is not the request before.
            if len(self._buffer) == 1:
                return False
            if self._buffer[1:2] != b"\n" or self._empty_lines == MAX_EMPTY_LINES:
                raise RequestRefusedError(400, "a request begins with white space, expected a method")
            self._empty_lines += 1
            self._buffer = self._buffer[2:]
        return bool(self._buffer)

    def _judge_lines(self, lines: _HeadLines) -> int:
        """Judge the lines of a head that comes in pieces; return where its last CR LF CR LF begins, or -1."""
        while (newline := self._buffer.find(b"\n", lines.end)) >= 0:
            if not lines.add(self._buffer, lines.end, newline):
                return lines.end - 4
        lines.check_limits(self._buffer, lines.end, -1)
        return -1

    def _discard(self, request: Request, body: Body, events: list[Event]) -> bool:
        content, self._buffer = body.receive_data(self._buffer)
        self._discarded += len(content)
        if self._kept is not None:
            self._kept.append(content)
        if self._discarded > MAX_DISCARDED:
            raise RequestRefusedError(413, f"a body of more than {MAX_DISCARDED} bytes")
        if not body.complete:
            return False
        self._pending = None
        if self._kept is None:
            self._finish(request, events)
            events.append(BodyDiscarded(self._discarded))
        else:
            self._finish(replace(request, body=b"".join(self._kept)), events)
            self._kept.clear()
        return True

    def _finish(self, request: Request, events: list[Event]) -> None:
        events.append(request)
        if not request.keep_alive:
            self.closed = True
            self._buffer = b""
