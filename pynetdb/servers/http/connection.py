"""HTTP/1.1 on the loop: requests in, an application's responses out, in order (RFC 9112)."""

import time
from collections.abc import Callable
from functools import partial

from pynetdb.events.stream import preload
from pynetdb.net.addresses import format_address
from pynetdb.net.server.connection import HIGH_WATER, Connection, ConnectionHandler
from pynetdb.net.server.server import Server
from pynetdb.protocols.http.dates import format_http_date
from pynetdb.protocols.http.heads import encode_response_head
from pynetdb.protocols.http.requests import Event, HeadReceived, Refused, Request, RequestParser
from pynetdb.servers.http.cache import KEPT_FOR, CachedResponse, SmallFileCache
from pynetdb.servers.http.hosts import HostGuard
from pynetdb.servers.http.response import Application, Response, as_late_stream, text_response
from pynetdb.servers.http.served import MAX_TOLD_BODY, RequestTeller, Served
from pynetdb.servers.http.state import ConnectionState

# Seconds for a request to be complete from its first byte on. Who sends a byte now and then to hold a
# connection is not silent, so --idle does not end it.
REQUEST_TIMEOUT = 30.0

# Requests are read so many bytes at a time, so that what is owed is looked at in between.
_PIECE = 4096

MISDIRECTED = "this server is for this machine: it answers to addresses and localhost, not to that name"


class HttpConnectionHandler(ConnectionHandler):
    """Reads requests, asks `application`, writes its responses in order.

    With `keep_bodies` the application gets the requests' bodies. `conceal` takes out of a target what is to
    be told to nobody.
    """

    alpn = ("http/1.1",)
    plain_refusal = (
        b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 42\r\n"
        b"Connection: close\r\n\r\nthis is https, not http: ask for https://\n"
    )

    def __init__(
        self,
        application: Application,
        *,
        keep_bodies: bool = False,
        conceal: Callable[[str], str] | None = None,
    ) -> None:
        self.requests = 0
        """How many have got a response, refused ones too."""
        self.hosts: HostGuard | None = None
        """Which Hosts get a response; None is every one."""
        self._application = application
        self._keep_bodies = keep_bodies
        self._conceal = conceal
        self._cache: SmallFileCache | None = None
        self._date, self._refusal = (0, ""), (0, b"")
        self._incomplete: set[Connection] = set()
        self._look_due = self._forget_due = False

    def attach(self, server: Server, *, bounded: bool = False) -> None:
        """Get to know the server; `bounded` if its bound is one of requests."""
        self._server = server
        self._events = server.events
        self._emits_details = server.events.wants_details
        self._emits_bodies = server.events.wants_bodies
        self._narrator = server.network.narrator
        self._narrates = bool(self._narrator)
        self._bounded = bounded
        if self._emits_details:
            preload("services")
            self._teller = RequestTeller(server.events, bodies=self._emits_bodies)
        # Calls and bodies are told as they were, and a bound must be met exactly.
        if not (self._emits_bodies or self._narrates or bounded):
            self._cache = self._application.cache

    def connected(self, connection: Connection) -> None:
        state = ConnectionState(RequestParser(self._keep_bodies, show_heads=self._narrates))
        connection.context = state
        if self._cache is not None:
            # Its descriptor may be one for which this turn has an event left, of somebody who is gone.
            self._cache.look_again()
        if self._emits_details:
            state.peer = format_address(connection.peer)
            if isinstance(connection.peer, tuple):
                state.host = connection.peer[0]

    def received(self, connection: Connection, data: memoryview) -> None:
        state: ConnectionState = connection.context
        raw = bytes(data)
        cache = self._cache
        if cache is not None and not state.pending_events and state.parser.idle:
            cached = cache.get_response(raw, connection.loop.turn)
            part = None
            if cached is not None and (cached.file_range is None or (part := cached.file_range.copy())):
                self.requests += 1
                if cached.served is not None and self._emits_details:
                    state.owe(cached.served, time.monotonic(), len(cached.data) + (part.left if part else 0))
                connection.write(cached.data)
                if part is not None:
                    connection.write_file(part)
                if cached.served is not None and self._emits_details:
                    self._teller.tell_once_sent(connection, state)
                if not cached.keep_alive:
                    state.response_is_final = True
                    connection.close()
                return
        if state.response_is_final:
            return
        if state.pending_events or state.unparsed:
            state.unparsed += raw
            return
        self._read(connection, state, raw)

    def ended(self, connection: Connection) -> None:
        state: ConnectionState = connection.context
        state.peer_ended = True
        if state.stream is not None:
            if not state.stream_ends:
                connection.close()
        elif not state.pending_events and not state.unparsed:
            self._end(connection, state)

    def drained(self, connection: Connection) -> None:
        state: ConnectionState = connection.context
        if state.untold and not state.stream_ends:
            self._teller.tell(connection, state)
        if state.stream is not None:
            state.stream.drained()
            return
        if state.pending_events or state.unparsed:
            unparsed, state.unparsed = state.unparsed, b""
            connection.resume()
            self._read(connection, state, unparsed)
        if state.peer_ended and not state.pending_events and not state.unparsed:
            self._end(connection, state)

    def lost(self, connection: Connection, error: OSError | None) -> None:
        state: ConnectionState = connection.context
        self._incomplete.discard(connection)
        if state.owed is not None:  # It broke while we wrote.
            state.untold.append(state.owed)
            state.owed = None
        if state.stream_ends and state.stream is not None and state.untold:
            state.end_last(state.stream.length)
        if state.untold:
            self._teller.tell(connection, state)
        if state.stream is not None:
            state.stream.lost(error)
            if self._bounded:
                self._server.count()  # It was served once it was over.

    def refused(self, connection: Connection) -> None:
        if (now := int(time.time())) != self._refusal[0]:  # To refuse must cost less than to serve.
            words, retry = "too many clients, try again in a moment", [("Retry-After", "1")]
            response = text_response(503, words, retry, close=True)
            head = self._encode_head(response, keep_alive=False, old=False)
            self._refusal = (now, head + response.body)
        connection.write(self._refusal[1])

    # Reading

    def _read(self, connection: Connection, state: ConnectionState, data: bytes) -> None:
        """Take requests apart and respond to them, as long as the peer takes the responses."""
        # Behind the beginning of a request these bytes are its rest, whatever they look like.
        state.arrived = data if state.parser.idle and not state.pending_events else b""
        at = 0
        while True:
            while state.pending_events:
                if connection.pending > HIGH_WATER:
                    # Until it has taken all of that we do not listen: what it says meanwhile, and however
                    # much, waits in the kernel and not in our memory.
                    state.unparsed = data[at:]
                    connection.pause()
                    return
                self._handle(connection, state, state.pending_events.pop(0))
                if connection.closed or state.response_is_final:
                    return
            if at >= len(data):
                break
            events = state.parser.receive_data(data[at : at + _PIECE])
            if self._narrates:
                events = self._narrate_heads(connection, events)
            state.pending_events.extend(events)
            at += _PIECE
        self._watch(connection, state)

    def _end(self, connection: Connection, state: ConnectionState) -> None:
        """The peer has said all; a request that it broke off is refused."""
        for event in state.parser.receive_eof():
            if isinstance(event, Refused):
                self._refuse(connection, state, event.status, event.reason)
        connection.close()

    def _watch(self, connection: Connection, state: ConnectionState) -> None:
        """Give a request that is not complete its time."""
        if state.parser.idle or state.response_is_final or connection.closed:
            state.request_started = None
            self._incomplete.discard(connection)
        elif state.request_started is None:
            state.request_started = time.monotonic()
            self._incomplete.add(connection)
            self._look_later()

    def _look_later(self) -> None:
        """Look for slow requests in a second, as long as there may be some; one look is due at a time."""
        if self._incomplete and not self._look_due:
            self._look_due = True
            self._server.loop.call_later(1.0, self._time_out_slow_requests)

    def _time_out_slow_requests(self) -> None:
        self._look_due = False
        late = time.monotonic() - REQUEST_TIMEOUT
        for connection in list(self._incomplete):
            state: ConnectionState = connection.context
            if connection.pending:
                # It is us who do not listen, as long as it takes responses.
                state.request_started = time.monotonic()
            elif state.request_started is not None and state.request_started < late:
                self._refuse(connection, state, 408, "the request did not come to its end in time")
        self._look_later()

    # Responding

    def _handle(self, connection: Connection, state: ConnectionState, event: Event) -> None:
        """Respond to what happened."""
        if isinstance(event, Refused):
            self._refuse(connection, state, event.status, event.reason)
            return
        if not isinstance(event, Request):
            return  # A body is thrown away: there is nothing to respond to.
        if self._bounded and not self._server.claim():
            self._leave(connection, state)
            return
        started, state.request_started = state.request_started, None  # It is complete.
        self._incomplete.discard(connection)
        if started is None and self._emits_details:
            started = time.monotonic()
        response = self._respond(event)
        keep_alive = event.keep_alive and not response.close and response.stream is None
        if self._bounded and self._server.remaining <= 1:
            keep_alive = False
        head = b"" if response.late else self._encode_head(response, keep_alive, old=event.minor_version == 0)
        body = response.body if event.method != "HEAD" else b""
        alone = _is_all_of(state.arrived, event)
        served = Served(event, response.status, body, self._conceal, reason=response.reason)
        data, part, kept = head + body, response.file_range, None
        basis = response.basis if self._cache is not None and alone and not state.pending_events else None
        if part is not None:
            served.length = part.left
            if self._emits_bodies:
                served.body = part.peek(MAX_TOLD_BODY)
            kept = part.copy() if basis is not None else None
        if self._emits_details:
            state.owe(served, started, len(head) + served.length)
        if not response.late:  # Then its stream writes the head as well.
            connection.write(data)
        if part is not None:
            connection.write_file(part)
        if basis is not None and (part is None or kept is not None):
            self._remember(state.arrived, CachedResponse(data, keep_alive, basis, served, kept))
        if response.stream is not None and not connection.closed:
            state.response_is_final = True
            state.stream = response.stream
            state.stream_ends = response.stream_ends
        self._finish(connection, state, head)
        if state.stream is not None:
            if response.late:
                late = as_late_stream(state.stream)
                late.promised, late.encode_head = response, partial(self._encode_late_head, connection, state)
            state.stream.begin(connection)
        elif not keep_alive:
            self._leave(connection, state, alone=alone)

    def _respond(self, request: Request) -> Response:
        if self.hosts is not None and not self.hosts.permits(request.authority):
            return text_response(421, MISDIRECTED, [("X-Content-Type-Options", "nosniff")], close=True)
        return self._application.respond(request)

    def _refuse(self, connection: Connection, state: ConnectionState, status: int, reason: str) -> None:
        if self._bounded and not self._server.claim():
            self._leave(connection, state)
            return
        response = text_response(status, reason, [("X-Content-Type-Options", "nosniff")], close=True)
        head = self._encode_head(response, keep_alive=False, old=False)
        # However little of it could be understood, who asks for a head gets no body (RFC 9110 section 9.3.2).
        body = b"" if state.parser.request_line.startswith(b"HEAD ") else response.body
        if self._emits_details:
            line = state.parser.request_line
            served = Served(None, status, body, self._conceal, reason=reason, beginning=line)
            state.owe(served, state.request_started, len(head) + len(body))
        connection.write(head + body)
        self._finish(connection, state, head)
        self._leave(connection, state)

    def _finish(self, connection: Connection, state: ConnectionState, head: bytes) -> None:
        """A response is written: count it, and tell of it once the kernel has taken it."""
        self.requests += 1
        if self._narrates and head:
            self._narrate(connection, "response", head, "the head of our response, as it went")
        if self._emits_details:
            self._teller.tell_once_sent(connection, state)
        if self._bounded and state.stream is None:
            self._server.count()
            if self._server.remaining <= 0 and not state.response_is_final:
                self._leave(connection, state)

    def _leave(self, connection: Connection, state: ConnectionState, alone: bool = False) -> None:
        """After the last response: nothing that follows is read (RFC 9112 section 9.6).

        A peer whose request came `alone` has said all it had to say, and we can close at once.
        """
        state.response_is_final = True
        state.pending_events.clear()
        state.unparsed = b""
        self._incomplete.discard(connection)
        if alone:
            connection.close()
        else:
            connection.close_gracefully()

    def _encode_late_head(self, connection: Connection, state: ConnectionState, response: Response) -> bytes:
        """Make the head of a response that was not known when it began."""
        head = self._encode_head(response, keep_alive=False, old=False)
        if state.untold:
            state.set_last(response.status, response.reason, len(head))
        if self._narrates:
            self._narrate(connection, "response", head, "the head of our response, as it went")
        return head

    def _encode_head(self, response: Response, keep_alive: bool, old: bool) -> bytes:
        """`old` is whether the peer speaks HTTP/1.0, where staying must be said."""
        now = int(time.time())
        if now != self._date[0]:
            self._date = (now, format_http_date(now))
        fields = [("Date", self._date[1]), *response.fields]
        if not keep_alive:
            fields.append(("Connection", "close"))
        elif old:
            fields.append(("Connection", "keep-alive"))
        return encode_response_head(response.status, fields)

    def _remember(self, request: bytes, response: CachedResponse) -> None:
        if self._cache is not None:
            self._cache.put_response(request, response)
            if not self._forget_due:
                self._forget_due = True
                self._server.loop.call_later(KEPT_FOR, self._forget_responses)

    def _forget_responses(self) -> None:
        """They are good for a second at most; then their memory is free for others."""
        self._forget_due = False
        if self._cache is not None:
            self._cache.forget_responses()

    # Telling

    def _narrate_heads(self, connection: Connection, events: list[Event]) -> list[Event]:
        """Narrate the heads among what has arrived; return the rest, which is to be handled."""
        for event in events:
            if isinstance(event, HeadReceived):
                self._narrate(connection, "request", event.head, "the head of a request, as it came")
        return [event for event in events if not isinstance(event, HeadReceived)]

    def _narrate(self, connection: Connection, what: str, head: bytes, note: str) -> None:
        self._narrator.tell(f"#{connection.number}", what, [head.decode("latin-1")], None, note=note)


def _is_all_of(data: bytes, request: Request) -> bool:
    """Whether the bytes that arrived are this request and nothing else: a head ends at its empty line."""
    return not request.has_body and data.find(b"\r\n\r\n") == len(data) - 4 and data[:1] not in b"\r\n"
