"""Responses as a client reads them (RFC 9112 sections 4 and 6.3).

Stricter than the standard library's http.client: what two programs could read in two ways is refused. Two
habits of old servers are taken, for no program reads them otherwise: folded lines and blanks in the line of
a chunk's size; `ResponseParser.tolerated` tells.
"""

import re
from dataclasses import dataclass

from pynetdb.errors import ProtocolError
from pynetdb.protocols.http.body import FOLDED, Body, BodyByLength, BodyInChunks, BodyUntilClose
from pynetdb.protocols.http.fields import (
    Fields,
    UnfoldedFields,
    parse_length,
    shorten,
)
from pynetdb.protocols.record import Record

# No reason is that long; a server that sends one endless line cannot fill memory.
MAX_STATUS_LINE = 8 * 1024
# Policies and cookies make long heads; what browsers take, and no more.
MAX_HEAD = 256 * 1024
MAX_FIELDS = 200
# 100, 102 and some 103s come before an answer; a server that only ever sends these would keep us for ever.
MAX_INTERIM = 16

_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?")
_VERSION = re.compile(rb"HTTP/[0-9]\.[0-9](?= |\Z)")


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Response(Record):
    """The head of a response; one with a `status` below 200 is interim: no body, and not the answer."""

    status: int
    reason: str
    minor_version: int  # of HTTP/1: 0 or 1
    fields: Fields
    content_length: int | None  # of the body that follows; None where only its end will tell
    keep_alive: bool  # whether another request may be sent after this one's end


def head_lines(response: Response) -> list[str]:
    """Return a head's lines as they came, without their ends and the empty line."""
    first = f"HTTP/1.{response.minor_version} {response.status} {response.reason}"
    return [first, *(f"{name}: {value}" for name, value in response.fields.pairs)]


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class BodyReceived(Record):
    """A piece of the body, never empty; transfer codings are undone, content codings are not."""

    data: bytes


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class ResponseEnded(Record):
    """The response is complete, with the fields that came after its body."""

    trailers: Fields


Event = Response | BodyReceived | ResponseEnded


class ResponseParser:
    """The response to one request: bytes in, events out; every method raises ProtocolError.

    `method` is the request's: the answer to HEAD has no body. Bytes after the end are not read.
    """

    # Of a message: what the grammar does not have and we took nevertheless, a sentence each, once.
    tolerated: tuple[str, ...]

    def __init__(self, method: str = "GET") -> None:
        self.complete = False
        self.tolerated = ()
        self._method = method
        self._buffer = b""
        self._body: Body | None = None
        self._interim = 0
        self._start_head()

    def _start_head(self) -> None:
        self._position = 0  # where the first line that was not judged yet begins
        self._status_line: tuple[int, int, str] | None = None
        self._fields = UnfoldedFields()

    def receive_data(self, data: bytes | bytearray | memoryview) -> list[Event]:
        """Take what arrived; return what it completes."""
        events: list[Event] = []
        if self.complete:
            return events
        if self._body is None:
            self._buffer = self._buffer + data if self._buffer else bytes(data)
            while self._body is None and self._read_line(events):
                pass
            if self._body is not None:
                rest, self._buffer = self._buffer[self._position :], b""
                self._read_body(self._body, rest, events)
        else:
            self._read_body(self._body, bytes(data), events)
        return events

    def receive_eof(self) -> list[Event]:
        """Take the end of the stream: the end of a body without a length, an error anywhere else."""
        if self.complete:
            return []
        if self._body is None:
            if self._buffer:
                raise ProtocolError("the stream ended within the head of a response")
            raise ProtocolError("the stream ended before a response, expected a status line")
        self._body.receive_eof()
        self.complete = True
        return [ResponseEnded(self._body.trailers)]

    def _read_line(self, events: list[Event]) -> bool:
        """Judge one line of a head; False when it is not here yet."""
        # By position: behind the last line of the head begins the body, which no LineReader may touch.
        end = self._buffer.find(b"\n", self._position)
        stop = len(self._buffer) if end < 0 else end
        if self._status_line is None:
            start = self._buffer[self._position : min(stop, self._position + 5)]
            if not b"HTTP/".startswith(start):
                raise ProtocolError("the answer is not HTTP, expected it to begin with HTTP/1.1")
            if stop - self._position > MAX_STATUS_LINE:
                raise ProtocolError(f"a status line of more than {MAX_STATUS_LINE} bytes")
        elif stop > MAX_HEAD:
            raise ProtocolError(f"a response head of more than {MAX_HEAD} bytes")
        if end < 0:
            return False
        # RFC 9112 section 2.2 allows a bare LF, and the servers that people write in courses send it.
        line = self._buffer[self._position : end].removesuffix(b"\r")
        self._position = end + 1
        if self._status_line is None:
            self._status_line = _parse_status_line(line)
        elif line:
            if self._fields.add(line):
                self._tolerate(FOLDED)
            elif len(self._fields) > MAX_FIELDS:
                raise ProtocolError(f"a response with more than {MAX_FIELDS} fields")
        else:
            self._finish_head(*self._status_line, events)
        return True

    def _tolerate(self, habit: str) -> None:
        if habit not in self.tolerated:
            self.tolerated = (*self.tolerated, habit)

    def _finish_head(self, minor_version: int, status: int, reason: str, events: list[Event]) -> None:
        fields = self._fields.finish()
        length, body = _judge_framing(self._method, status, minor_version, fields)
        connection = fields.tokens("connection")
        keep_alive = (
            not isinstance(body, BodyUntilClose)
            and "close" not in connection
            and (minor_version == 1 or "keep-alive" in connection)
        )
        events.append(Response(status, reason, minor_version, fields, length, keep_alive))
        if status >= 200:
            self._body = body
            return
        # RFC 9110 section 15.2.2: only in answer to an Upgrade, and we send none.
        if status == 101:
            raise ProtocolError("the server switched protocols (101), which nobody asked for")
        self._interim += 1
        if self._interim > MAX_INTERIM:
            raise ProtocolError(f"more than {MAX_INTERIM} interim responses, expected an answer")
        self._buffer = self._buffer[self._position :]
        self._start_head()

    def _read_body(self, body: Body, data: bytes, events: list[Event]) -> None:
        content, _ = body.receive_data(data)
        for habit in body.tolerated:
            self._tolerate(habit)
        if content:
            events.append(BodyReceived(content))
        if body.complete:
            self.complete = True
            events.append(ResponseEnded(body.trailers))


def _parse_status_line(line: bytes) -> tuple[int, int, str]:
    match = _STATUS_LINE.fullmatch(line)
    if match is None:
        if (version := _VERSION.match(line)) and version[0] not in (b"HTTP/1.0", b"HTTP/1.1"):
            raise ProtocolError(f"a response in {version[0].decode()}, expected HTTP/1.0 or HTTP/1.1")
        raise ProtocolError(f"a bad status line: {shorten(line)}, expected HTTP/1.1 STATUS REASON")
    minor, status, reason = match.groups(default=b"")
    return int(minor), int(status), reason.decode("latin-1")


def _judge_framing(method: str, status: int, minor_version: int, fields: Fields) -> tuple[int | None, Body]:
    """Return the length, if it is known, and the body (RFC 9112 section 6.3).

    The fields are judged also where there is no body: a server that contradicts itself is not believed.
    """
    codings = fields.get_all("transfer-encoding")
    lengths = [
        member.strip(" \t") for value in fields.get_all("content-length") for member in value.split(",")
    ]
    if codings:
        if lengths:
            raise ProtocolError("a response with both Transfer-Encoding and Content-Length, expected one")
        if minor_version == 0:
            raise ProtocolError("Transfer-Encoding in a response of HTTP/1.0")
        if len(codings) != 1 or codings[0].lower() != "chunked":
            raise ProtocolError(f"Transfer-Encoding {', '.join(codings)!r}, expected chunked")
    # RFC 9110 section 8.6: equal lengths may be taken for one; different ones are an attack, or a fault.
    if len(set(lengths)) > 1:
        raise ProtocolError(f"a response with two lengths: {', '.join(lengths)[:60]}")
    length = parse_length(lengths[0]) if lengths else None
    # RFC 9112 section 6.3, rule 1: these end at their heads, whatever the fields say.
    if method == "HEAD" or status < 200 or status in (204, 304):
        return 0, BodyByLength(0)
    if codings:
        return None, BodyInChunks(lenient=True)
    if length is not None:
        return length, BodyByLength(length)
    return None, BodyUntilClose()
