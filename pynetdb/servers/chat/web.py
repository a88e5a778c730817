"""The chat room in a browser: the same commands and the same words, carried by HTTP.

A page reads the room as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html):
each event holds lines as the chat server says them to anybody. What its user says is POSTed, as the
commands that any client sends. So the rules of the room are those of the room, and nothing is said twice.

More events are a page's alone: `session`, the key by which its words are known; `members`, who is here;
`missed`, how many lines are not kept any more for who comes back; `replaced`, which ends it. The id of an
event is the number of the first public line behind it: who sends it back (Last-Event-ID, or `last` in the
query) hears what was said since.
"""

import hmac
import json
import re
from collections.abc import Callable, Iterable
from functools import partial
from importlib.resources import files
from secrets import token_urlsafe
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

from pynetdb.net.addresses import Target
from pynetdb.net.loop import Loop
from pynetdb.net.process.reach import reachable_urls
from pynetdb.net.server.connection import Connection
from pynetdb.net.server.server import Server
from pynetdb.protocols.chat import grammar
from pynetdb.protocols.chat.names import NOBODY
from pynetdb.protocols.chat.room import Room
from pynetdb.protocols.http.authority import split_absolute_form
from pynetdb.protocols.http.requests import Request
from pynetdb.servers.chat.room import ChatService
from pynetdb.servers.chat.session import Session
from pynetdb.servers.http.connection import HttpConnectionHandler
from pynetdb.servers.http.hosts import HostGuard
from pynetdb.servers.http.response import Pairs, Response, text_response

if TYPE_CHECKING:
    from pynetdb.servers.chat.broker_link import BrokerLink

# A comment so often tells proxies that the stream lives, and us whether the peer does.
_BEAT = 15.0

# Seconds between two looks at who waits at the door for the right to say a name.
_LOOK = 0.1

# Public lines that are kept for pages whose connection broke: a lesson's worth of talk, and at most 2 MiB.
KEPT_LINES = 500

_SCRIPT = "text/javascript; charset=utf-8"
_FILES = {
    "": ("chat.html", "text/html; charset=utf-8"),
    "chat.css": ("chat.css", "text/css; charset=utf-8"),
    **{name: (name, _SCRIPT) for name in ("chat.js", "connection.js", "grammar.js", "memory.js", "words.js")},
}
_COMMON: Pairs = [
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
]
# The page runs its own script and talks to its own server, and nothing that anybody says can change that.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


class EventStream:
    """A member's line, which carries its words as server-sent events."""

    def __init__(self, connection: Connection, loop: Loop) -> None:
        self.number = connection.number
        self.peer = connection.peer
        self.position: Callable[[], int | None] = lambda: None
        """Returns the number of the first public line that is not written yet; None before there is one."""
        self._connection = connection
        self._loop = loop
        self._beat()

    @property
    def closed(self) -> bool:
        return self._connection.closed

    @property
    def pending(self) -> int:
        return self._connection.pending

    def write(self, data: bytes) -> None:
        """Send lines, whole ones, as one event."""
        body = data.removesuffix(b"\n").replace(b"\n", b"\ndata: ")
        position = self.position()
        number = b"" if position is None else b"id: %d\n" % position
        self._connection.write(number + b"data: " + body + b"\n\n")

    def tell(self, event: str, lines: Iterable[str]) -> None:
        """Tell the page alone what is no line of the room."""
        data = "".join(f"data: {line}\n" for line in lines)
        self._connection.write(f"event: {event}\n{data}\n".encode())

    def abort(self, error: OSError | None = None) -> None:
        self._connection.abort(error)

    def close_gracefully(self) -> None:
        self._connection.close_gracefully()

    def pause(self) -> None:
        """What a page says comes by other connections; ChatWeb answers 429 to those meanwhile."""

    def resume(self) -> None:
        """See `pause`."""

    def _beat(self) -> None:
        if not self._connection.closed:
            self._connection.write(b": \n\n")
            self._loop.call_later(_BEAT, self._beat)


class Visit:
    """One page that is open: from its request for events until the connection ends.

    One that comes back brings the number of the first line that it has not `heard`, and the key of its `last`
    visit.
    """

    length = 0  # What the room says is no body of a file.

    def __init__(self, web: "ChatWeb", name: str, heard: int | None, last: str) -> None:
        self._web = web
        self.name = name
        self.heard = heard
        self.last = last
        self.session: Session | None = None
        self.key = ""

    def begin(self, connection: Connection) -> None:
        self._web.arrived(self, connection)

    def drained(self) -> None:
        self._web.drained(self)

    def lost(self, error: OSError | None) -> None:
        self._web.gone(self, error)


class ChatWeb:
    """Responds to the pages of a room. `token` is in the address; `new_key` makes the keys of sessions."""

    cache = None

    def __init__(
        self, chat: ChatService, room: Room, loop: Loop, token: str, new_key: Callable[[], str]
    ) -> None:
        self._chat = chat
        self._room = room
        self._loop = loop
        self._token = token
        self._new_key = new_key
        self._visits: dict[str, Visit] = {}
        self.scheme = "http"
        """Of the address by which the pages are reached."""

    def respond(self, request: Request) -> Response:
        """Return the response to a request of a page."""
        origin = request.fields.get("origin")
        if origin is not None and origin != f"{self.scheme}://{request.authority}":
            return self._plain(403, "pages of other sites have no business here")
        path, _, query = split_absolute_form(request.target)[1].partition("?")
        _, token, name = (*path.split("/", 2), "", "")[:3]
        # The token is compared in a time that tells nothing about it.
        if not hmac.compare_digest(unquote(token).encode(), self._token.encode()):
            return self._plain(404, "nothing is here (the address of the room has a token in it)")
        if name == "say":
            return self._say(request, query)
        if request.method not in ("GET", "HEAD"):
            return self._plain(405, f"{request.method} is not for this", [("Allow", "GET, HEAD")], close=True)
        if name == "events" and request.method == "GET":
            return self._events(query, request.fields.get("last-event-id"))
        return self._file(name)

    def conceal(self, target: str) -> str:
        """Return a target without the token, and without a session's key."""
        path, question, query = unquote(target).replace(self._token, "***").partition("?")
        return path + question + re.sub(r"(session=)[^&]*", r"\1***", query)

    def _file(self, name: str) -> Response:
        if name == "grammar.json":
            body, kind = json.dumps(grammar.to_json()).encode(), "application/json"
        elif name in _FILES:
            file, kind = _FILES[name]
            body = files("pynetdb.servers.chat").joinpath("page", file).read_bytes()
        else:
            return self._plain(404, "nothing is here")
        fields = [("Content-Type", kind), ("Content-Length", str(len(body)))]
        return Response(200, [*fields, ("Content-Security-Policy", _POLICY), *_COMMON], body)

    def _events(self, query: str, last_event: str | None) -> Response:
        given = parse_qs(query, max_num_fields=4)
        name, last, session = (given.get(word, [""])[0] for word in ("name", "last", "session"))
        fields = [("Content-Type", "text/event-stream; charset=utf-8"), ("X-Accel-Buffering", "no")]
        visit = Visit(self, name, _line_number(last_event or last), session)
        return Response(200, [*fields, *_COMMON], stream=visit)

    def _say(self, request: Request, query: str) -> Response:
        if request.method != "POST":
            return self._plain(405, "words are POSTed", [("Allow", "POST")], close=True)
        key = parse_qs(query, max_num_fields=4).get("session", [""])[0]
        visit = self._visits.get(key)
        session = visit.session if visit is not None else None
        if session is None or session.member.departure is not None:
            return self._plain(403, "nobody is here by that session")
        if request.body_unread:
            return self._plain(413, "so many words at once are for nobody", close=True)
        if session.held:
            # The same limit as for everybody: its words wait at its own end.
            return self._plain(429, "not so fast", [("Retry-After", "1")])
        session.refusal = None
        self._chat.receive(session, request.body)
        if session.refusal is not None and session.refusal.startswith(NOBODY):
            return self._plain(409, session.refusal)
        return Response(204, list(_COMMON))

    def arrived(self, visit: Visit, connection: Connection) -> None:
        """A page listens: its user comes in, or comes back."""
        if visit.last in self._visits:
            self._replace(self._visits[visit.last])
        line = EventStream(connection, self._loop)
        visit.key = self._new_key()
        visit.session = session = self._chat.open_session(line)
        self._visits[visit.key] = visit
        line.tell("session", [visit.key])
        line.position = partial(self._position_of, session)
        session.member.heard = visit.heard
        if visit.heard is not None and visit.heard < self._room.kept.start:
            line.tell("missed", [str(self._room.kept.start - visit.heard)])
        # A name with a line end would be a second command.
        self._chat.receive(session, f"ADD {' '.join(visit.name.splitlines())}\n".encode("utf-8", "replace"))
        self._loop.call_soon(partial(self._look_at_door, session, line))

    def _look_at_door(self, session: Session, line: EventStream) -> None:
        """Tell who was let in who is here. Who was not has heard why: the page asks for another name."""
        if session.member.departure is not None or line.closed:
            return
        if session.held or session.deferred is not None:
            # Too much was said from this address just now, and its ADD waits its turn as all do; or it is for
            # others to say whether it is in.
            self._loop.call_later(_LOOK, partial(self._look_at_door, session, line))
        elif session.member.name is None:
            line.close_gracefully()
        else:
            line.tell("members", self._room.names)

    def _replace(self, visit: Visit) -> None:
        """The page of a visit is there again, before we saw its connection break; or it is open twice."""
        session, visit.session = visit.session, None
        del self._visits[visit.key]
        if session is not None:
            line = session.connection
            if isinstance(line, EventStream):
                line.tell("replaced", ["this page is open elsewhere now"])
            self._chat.connection_lost(session, None)
            line.close_gracefully()

    def _position_of(self, session: Session) -> int | None:
        """Return the number of the first public line that a session has not been sent yet."""
        if session.member.name is None:
            return None
        replay = session.member.replay
        return replay.start if replay or session.waiting is not None else self._chat.told

    def drained(self, visit: Visit) -> None:
        """A page has taken what it was sent."""
        if visit.session is not None:
            self._chat.repeat_history(visit.session)

    def gone(self, visit: Visit, error: OSError | None) -> None:
        """A page is closed."""
        self._visits.pop(visit.key, None)
        if visit.session is not None:
            self._chat.connection_lost(visit.session, error)

    def _plain(self, status: int, text: str, fields: Pairs | None = None, close: bool = False) -> Response:
        return text_response(status, text, [*(fields or []), *_COMMON], close)


def _line_number(text: str) -> int | None:
    """Return the number that a page gives back; None for what is none of ours."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


class WebChatService(ChatService):
    """A chat room with a page for browsers, at an address with a token in it."""

    def __init__(
        self, room: Room, rate: float, join_timeout: float, link: "BrokerLink | None", place: Target
    ) -> None:
        super().__init__(room, rate, join_timeout, link)
        self._place = place
        self._token = token_urlsafe(12)

    def attached(self, server: Server) -> None:
        super().attached(server)
        self._server = server
        pages = ChatWeb(self, self._room, server.loop, self._token, partial(token_urlsafe, 18))
        handler = HttpConnectionHandler(pages, keep_bodies=True, conceal=pages.conceal)
        # Wherever it is bound: the page is opened by the address that was printed.
        handler.hosts = HostGuard([self._place.host])
        pages.scheme = server.secure_scheme("http")
        handler.attach(server)
        server.serve_also(handler, self._place)

    def ready(self) -> None:
        from pynetdb.events.reach import WebReady

        server = self._server
        urls = reachable_urls(server.other_addresses[0], server.secure_scheme("http"), server.network.sockets)
        server.events.emit(WebReady(tuple(f"{url}/{self._token}/" for url in urls)))
