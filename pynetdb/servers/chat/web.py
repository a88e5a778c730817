"""The chat room in a browser: the same commands and the same words, carried by HTTP.

A page reads the room as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html):
each event holds lines as the chat server says them to anybody. What its user says is POSTed, as the
commands that any client sends. So the rules of the room are those of the room, and nothing is said twice.
"""

import hmac
import re
from collections.abc import Callable
from functools import partial
from importlib.resources import files
from secrets import token_urlsafe
from urllib.parse import parse_qs, unquote

from pynetdb.net.addresses import Target
from pynetdb.net.loop import Loop
from pynetdb.net.process.reach import reachable_urls
from pynetdb.net.server.connection import Connection
from pynetdb.net.server.server import Server
from pynetdb.protocols.chat.room import Room
from pynetdb.protocols.http.requests import Request
from pynetdb.servers.chat.room import ChatService, Session
from pynetdb.servers.http.connection import HttpConnectionHandler
from pynetdb.servers.http.hosts import HostGuard
from pynetdb.servers.http.response import Pairs, Response, text_response

# A comment so often tells proxies that the stream lives, and us whether the peer does.
_BEAT = 15.0

_FILES = {
    "": ("chat.html", "text/html; charset=utf-8"),
    "chat.js": ("chat.js", "text/javascript; charset=utf-8"),
    "chat.css": ("chat.css", "text/css; charset=utf-8"),
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
        self._connection.write(b"data: " + body + b"\n\n")

    def session(self, key: str) -> None:
        """Tell the page by which key its words are known."""
        self._connection.write(f"event: session\ndata: {key}\n\n".encode())

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
    """One page that is open: from its request for events until the connection ends."""

    length = 0  # What the room says is no body of a file.

    def __init__(self, web: "ChatWeb", name: str) -> None:
        self._web = web
        self._name = name
        self.session: Session | None = None
        self.key = ""

    def begin(self, connection: Connection) -> None:
        self._web.arrived(self, connection, self._name)

    def drained(self) -> None:
        self._web.drained(self)

    def lost(self, error: OSError | None) -> None:
        self._web.gone(self, error)


class ChatWeb:
    """Responds to the pages of a room. `token` is in the address; `new_key` makes the keys of sessions."""

    cache = None

    def __init__(self, chat: ChatService, loop: Loop, token: str, new_key: Callable[[], str]) -> None:
        self._chat = chat
        self._loop = loop
        self._token = token
        self._new_key = new_key
        self._visits: dict[str, Visit] = {}
        self.scheme = "http"
        """Of the address by which the pages are reached."""

    def respond(self, request: Request) -> Response:
        """Return the response to a request of a page."""
        origin = request.fields.get("origin")
        if origin is not None and origin != f"{self.scheme}://{request.fields.get('host')}":
            return self._plain(403, "pages of other sites have no business here")
        path, _, query = request.target.partition("?")
        _, token, name = (*path.split("/", 2), "", "")[:3]
        # The token is compared in a time that tells nothing about it.
        if not hmac.compare_digest(unquote(token).encode(), self._token.encode()):
            return self._plain(404, "nothing is here (the address of the room has a token in it)")
        if name == "say":
            return self._say(request, query)
        if request.method not in ("GET", "HEAD"):
            return self._plain(405, f"{request.method} is not for this", [("Allow", "GET, HEAD")], close=True)
        if name == "events" and request.method == "GET":
            return self._events(query)
        return self._file(name)

    def conceal(self, target: str) -> str:
        """Return a target without the token, and without a session's key."""
        path, question, query = unquote(target).replace(self._token, "***").partition("?")
        return path + question + re.sub(r"(session=)[^&]*", r"\1***", query)

    def _file(self, name: str) -> Response:
        if name not in _FILES:
            return self._plain(404, "nothing is here")
        file, kind = _FILES[name]
        body = files("pynetdb.servers.chat").joinpath("page", file).read_bytes()
        fields = [("Content-Type", kind), ("Content-Length", str(len(body)))]
        return Response(200, [*fields, ("Content-Security-Policy", _POLICY), *_COMMON], body)

    def _events(self, query: str) -> Response:
        names = parse_qs(query, max_num_fields=4).get("name", [""])
        fields = [("Content-Type", "text/event-stream; charset=utf-8"), ("X-Accel-Buffering", "no")]
        return Response(200, [*fields, *_COMMON], stream=Visit(self, names[0]))

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
        self._chat.receive(session, request.body)
        return Response(204, list(_COMMON))

    def arrived(self, visit: Visit, connection: Connection, name: str) -> None:
        """A page listens: its user comes in."""
        line = EventStream(connection, self._loop)
        visit.key = self._new_key()
        visit.session = self._chat.open_session(line)
        self._visits[visit.key] = visit
        line.session(visit.key)
        # A name with a line end would be a second command.
        self._chat.receive(visit.session, f"ADD {' '.join(name.splitlines())}\n".encode("utf-8", "replace"))
        self._loop.call_soon(partial(self._unless_in, visit.session))

    def _unless_in(self, session: Session) -> None:
        """Who was not let in has heard why, and is not kept at the door: the page asks for another name."""
        if session.member.name is None:
            session.connection.close_gracefully()

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


class WebChatService(ChatService):
    """A chat room with a page for browsers, at an address with a token in it."""

    def __init__(self, room: Room, rate: float, join_timeout: float, place: Target) -> None:
        super().__init__(room, rate, join_timeout)
        self._place = place
        self._token = token_urlsafe(12)

    def attached(self, server: Server) -> None:
        super().attached(server)
        self._server = server
        pages = ChatWeb(self, server.loop, self._token, partial(token_urlsafe, 18))
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
