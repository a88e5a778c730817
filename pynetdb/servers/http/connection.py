"""HTTP/1.1 on the loop: requests in, an application's answers out, in order (RFC 9112)."""

import time
from collections import deque
from typing import Any, Protocol

from pynetdb.narration import Narrator
from pynetdb.net.addresses import format_address
from pynetdb.net.server.connection import HIGH_WATER, Connection, ConnectionHandler
from pynetdb.net.server.server import Server
from pynetdb.net.server.service import Service
from pynetdb.protocols.http.dates import format_http_date
from pynetdb.protocols.http.requests import Event, HeadReceived, Refused, Request, RequestParser
from pynetdb.protocols.http.responses import encode_response_head
from pynetdb.servers.http.response import Answer, Stream, plain
from pynetdb.terminal import safe_line

# For a request to be complete from its first byte on. Who sends a byte now and then to hold a connection is
# not silent, so --idle does not end it.
REQUEST_PATIENCE = 30.0

# Requests are read so many bytes at a time, so that what is owed is looked at in between.
_PIECE = 4096

# A request that came alone and in one piece, and its whole response: as long as it is good, and so many.
_MAX_REMEMBERED = 1024
_MAX_REMEMBERED_BYTES = 8 * 1024 * 1024
_MAX_REMEMBERED_HEAD = 4096
_REMEMBERED_FOR = 1.0


class Application(Protocol):
    """What answers requests."""

    def answer(self, request: Request) -> Answer:
        """Return the answer to a request."""
        ...


class _State:
    """Where a connection stands."""

    __slots__ = ("ended", "last", "parser", "since", "stream", "todo", "unread")

    def __init__(self, parser: RequestParser) -> None:
        self.parser = parser
        self.todo: deque[Event] = deque()
        """Requests that wait for the answers before them to be taken."""
        self.unread = b""
        """What came behind them."""
        self.since: float | None = None
        """Since when a request is incomplete."""
        self.ended = False
        self.last = False
        """The last answer is written."""
        self.stream: Stream | None = None
        """Who writes it, if it has no end."""


class HttpService(Service):
    """Answers requests, which are what --count counts."""

    name = "serve-http"
    scheme = "http"
    client = "http-get"
    counts_itself = True

    def __init__(self, application: Application) -> None:
        self._handler = HttpConnectionHandler(application)
        self.streams = self._handler

    def attached(self, server: Server) -> None:
        self._handler.attach(server, bounded=server.bounds.count is not None)

    def statistics(self) -> dict[str, Any]:
        return {"requests": self._handler.requests}


class HttpConnectionHandler(ConnectionHandler):
    """Reads requests, asks `application`, writes its answers in order.

    What has been answered a moment ago is remembered by the bytes of its request, so that a file that many
    want costs neither parsing nor looking. With `keep_bodies` the application gets the requests' bodies.
    """

    def __init__(self, application: Application, *, keep_bodies: bool = False) -> None:
        self.requests = 0
        """How many have been answered, refused ones too."""
        self._application = application
        self._keep_bodies = keep_bodies
        self._remembered: dict[bytes, tuple[bytes, bool, float]] = {}
        self._remembered_bytes = 0
        self._date = (0, "")
        self._incomplete: set[Connection] = set()
        self._looking = False

    def attach(self, server: Server, *, bounded: bool = False) -> None:
        """Get to know the server; `bounded` if its bound is one of requests."""
        self._server = server
        self._events = server.events
        self._emits_details = server.events.wants_details
        self._narrator = server.network.narrator
        self._narrates = bool(self._narrator)
        self._bounded = bounded
        # With an audience each request is told, so none may pass unseen.
        self._quick = not (self._emits_details or self._narrates or bounded)

    def connected(self, connection: Connection) -> None:
        connection.context = _State(RequestParser(self._keep_bodies, show_heads=self._narrates))

    def received(self, connection: Connection, data: memoryview) -> None:
        state: _State = connection.context
        raw = bytes(data)
        if self._remembered and not state.todo and state.parser.idle:
            remembered = self._remembered.get(raw)
            if remembered is not None and time.time() < remembered[2]:
                response, keep_alive, _ = remembered
                self.requests += 1
                connection.write(response)
                if not keep_alive:
                    state.last = True
                    connection.close()
                return
        if state.last:
            return
        if state.todo or state.unread:
            state.unread += raw
            return
        self._read(connection, state, raw)

    def ended(self, connection: Connection) -> None:
        state: _State = connection.context
        state.ended = True
        if state.stream is not None:
            connection.close()
        elif not state.todo and not state.unread:
            self._end(connection, state)

    def drained(self, connection: Connection) -> None:
        state: _State = connection.context
        if state.todo or state.unread:
            unread, state.unread = state.unread, b""
            connection.resume()
            self._read(connection, state, unread)
        if state.ended and not state.todo and not state.unread:
            self._end(connection, state)

    def _end(self, connection: Connection, state: _State) -> None:
        """The peer has said all; a request that it broke off is refused."""
        for event in state.parser.receive_eof():
            if isinstance(event, Refused):
                self._refuse(connection, state, event.status, event.reason)
        connection.close()

    def lost(self, connection: Connection, error: OSError | None) -> None:
        self._incomplete.discard(connection)
        stream = connection.context.stream
        if stream is not None:
            stream.lost(error)

    def refused(self, connection: Connection) -> None:
        answer = plain(503, "too many clients, try again in a moment", [("Retry-After", "1")], close=True)
        connection.write(self._head(answer, keep_alive=False, old=False) + answer.body)

    def _read(self, connection: Connection, state: _State, data: bytes) -> None:
        """Take requests apart and answer them, as long as the peer takes the answers."""
        # Only where nothing came before them do these bytes say by themselves what they ask for: behind
        # the beginning of a request they are its rest, whatever they look like.
        whole = data if state.parser.idle and not state.todo else b""
        at = 0
        while not connection.closed and not state.last:
            while state.todo:
                if connection.pending > HIGH_WATER:
                    # Until it has taken all of that we do not listen: what it says meanwhile, and however
                    # much, waits in the kernel and not in our memory.
                    state.unread = data[at:]
                    connection.pause()
                    return
                self._handle(connection, state, state.todo.popleft(), whole)
                if connection.closed or state.last:
                    return
            if at >= len(data):
                break
            events = state.parser.receive_data(data[at : at + _PIECE])
            if self._narrates:
                events = self._narrate_heads(self._narrator, connection, events)
            state.todo.extend(events)
            at += _PIECE
        self._watch(connection, state)

    def _watch(self, connection: Connection, state: _State) -> None:
        """Give a request that is not complete its time."""
        if state.parser.idle or state.last or connection.closed:
            state.since = None
            self._incomplete.discard(connection)
        elif state.since is None:
            state.since = time.monotonic()
            self._incomplete.add(connection)
            self._look_again()

    def _look_again(self) -> None:
        """Look for slow ones in a second, as long as there may be some; one look is under way at a time."""
        if self._incomplete and not self._looking:
            self._looking = True
            self._server.loop.call_later(1.0, self._look_for_slow_ones)

    def _look_for_slow_ones(self) -> None:
        self._looking = False
        late = time.monotonic() - REQUEST_PATIENCE
        for connection in list(self._incomplete):
            state: _State = connection.context
            if connection.pending:
                state.since = time.monotonic()  # It is us who do not listen, as long as it takes answers.
            elif state.since is not None and state.since < late:
                self._refuse(connection, state, 408, "the request did not come to its end in time")
        self._look_again()

    def _handle(self, connection: Connection, state: _State, event: Event, whole: bytes) -> None:
        """Answer what happened; `whole` are the bytes that arrived, if they began with a request."""
        if isinstance(event, Refused):
            self._refuse(connection, state, event.status, event.reason)
            return
        if not isinstance(event, Request):
            return  # A body is thrown away: there is nothing to answer.
        state.since = None  # It is complete.
        self._incomplete.discard(connection)
        answer = self._application.answer(event)
        keep_alive = event.keep_alive and not answer.close and answer.stream is None
        if self._bounded and self._server.remaining <= 1:
            keep_alive = False
        old = event.minor_version == 0
        head = self._head(answer, keep_alive, old)
        body = answer.body if event.method != "HEAD" else b""
        length = answer.part.left if answer.part else len(body)
        if answer.part is not None:
            connection.write(head)
            connection.write_file(answer.part)
        else:
            connection.write(head + body)
            if answer.good_until and self._quick and len(whole) <= _MAX_REMEMBERED_HEAD:
                self._remember(whole, (head + body, keep_alive, answer.good_until), event, state)
        self._tell(connection, event, answer.status, head, length)
        self.requests += 1
        self._count(connection, state)
        if answer.stream is not None and not connection.closed:
            state.last = True
            state.stream = answer.stream
            answer.stream.begin(connection)
        elif not keep_alive:
            self._leave(connection, state, alone=_is_all_of(whole, event))

    def _refuse(self, connection: Connection, state: _State, status: int, reason: str) -> None:
        answer = plain(status, reason, [("X-Content-Type-Options", "nosniff")], close=True)
        head = self._head(answer, keep_alive=False, old=False)
        connection.write(head + answer.body)
        self._tell(connection, None, status, head, len(answer.body))
        self.requests += 1
        self._count(connection, state)
        self._leave(connection, state)

    def _leave(self, connection: Connection, state: _State, alone: bool = False) -> None:
        """After the last answer: nothing that follows is read (RFC 9112 section 9.6).

        A peer whose request came `alone` has said all it had to say, and we can close at once.
        """
        state.last = True
        state.todo.clear()
        state.unread = b""
        self._incomplete.discard(connection)
        if alone:
            connection.close()
        else:
            connection.close_gracefully()

    def _count(self, connection: Connection, state: _State) -> None:
        if not self._bounded:
            return
        self._server.count()
        if self._server.remaining <= 0 and not state.last:
            self._leave(connection, state)

    def _head(self, answer: Answer, keep_alive: bool, old: bool) -> bytes:
        now = int(time.time())
        if now != self._date[0]:
            self._date = (now, format_http_date(now))
        fields = [("Date", self._date[1]), *answer.fields]
        if not keep_alive:
            fields.append(("Connection", "close"))
        elif old:
            fields.append(("Connection", "keep-alive"))
        return encode_response_head(answer.status, fields)

    # What is asked again within a second

    def _remember(
        self, data: bytes, remembered: tuple[bytes, bool, float], request: Request, state: _State
    ) -> None:
        if state.todo or not _is_all_of(data, request):
            return
        if (
            len(self._remembered) >= _MAX_REMEMBERED
            or self._remembered_bytes + len(remembered[0]) > _MAX_REMEMBERED_BYTES
        ):
            return
        if not self._remembered:
            self._server.loop.call_later(_REMEMBERED_FOR, self._forget)
        self._remembered[data] = remembered
        self._remembered_bytes += len(data) + len(remembered[0])

    def _forget(self) -> None:
        self._remembered.clear()
        self._remembered_bytes = 0

    # Telling

    def _narrate_heads(self, narrator: Narrator, connection: Connection, events: list[Event]) -> list[Event]:
        """Narrate the heads among what has arrived; return the rest, which is to be handled."""
        for event in events:
            if isinstance(event, HeadReceived):
                text = event.head.decode("latin-1")
                note = "the head of a request, as it came"
                narrator.tell(f"#{connection.number}", "request", [text], None, note=note)
        return [event for event in events if not isinstance(event, HeadReceived)]

    def _tell(
        self, connection: Connection, request: Request | None, status: int, head: bytes, length: int
    ) -> None:
        if self._narrates:
            text = head.decode("latin-1")
            note = "the head of our response, as it went"
            self._narrator.tell(f"#{connection.number}", "response", [text], None, note=note)
        if not self._emits_details:
            return
        from pynetdb.events.services import RequestServed

        event = RequestServed(
            connection.number,
            format_address(connection.peer),
            request.method if request else None,
            request.target if request else None,
            status,
            length,
            _log_line(connection.peer, request, status, length),
        )
        self._events.emit(event)


def _is_all_of(data: bytes, request: Request) -> bool:
    """Whether the bytes that arrived are this request and nothing else: a head ends at its empty line."""
    return not request.has_body and data.find(b"\r\n\r\n") == len(data) - 4 and data[:1] not in b"\r\n"


def _log_line(peer: object, request: Request | None, status: int, length: object) -> str:
    """Return a line of the common log format (https://httpd.apache.org/docs/current/logs.html#common)."""
    host = peer[0] if isinstance(peer, tuple) else "-"
    moment = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime())
    line = "-"
    if request is not None:
        line = safe_line(f"{request.method} {request.target} HTTP/1.{request.minor_version}").replace(
            '"', '\\"'
        )
    return f'{host} - - [{moment}] "{line}" {status} {length or "-"}'
