"""The client of HTTP/1.1: asks, follows redirects, tries again, and hands on what it can trust."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from pynetdb import __version__
from pynetdb.clients.http.byte_range import Range
from pynetdb.clients.http.content_coding import ACCEPTED, decoder_for
from pynetdb.clients.http.url import Url, UrlError
from pynetdb.errors import NetworkError, ProtocolError
from pynetdb.narration import Narrator
from pynetdb.net.addresses import Target
from pynetdb.net.client.stream import Stream
from pynetdb.net.deadline import Deadline
from pynetdb.net.network import Network
from pynetdb.net.os_errors import is_refused, is_unknown_host
from pynetdb.protocols.http.requests import encode_request_head
from pynetdb.protocols.http.responses import BodyReceived, Response, ResponseEnded, ResponseParser

MAX_REDIRECTS = 10
REDIRECTS = frozenset([301, 302, 303, 307, 308])
# What a later try may change: timeouts, too many requests, and a server in trouble.
TRANSIENT = frozenset([408, 429, 500, 502, 503, 504])

_READ_SIZE = 256 * 1024
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 2.0
# What another origin may see of the user's own fields; anything else may be a secret.
_HARMLESS = ("accept", "accept-language", "accept-encoding", "user-agent", "range", "cache-control", "pragma")


@dataclass(frozen=True)
class Wish:
    """What the user asks for, apart from the URL."""

    method: str = "GET"
    fields: tuple[tuple[str, str], ...] = ()
    range: Range | None = None
    follow: bool = False
    insecure: bool = False
    unix: str | None = None
    max_size: int = 2**30
    retries: int = 0
    retry_refused: bool = False


@dataclass
class Phases:
    """What each phase took in seconds, over all connections; `tls` is None where there was none."""

    dns: float = 0.0
    connect: float = 0.0
    tls: float | None = None
    first_byte: float = 0.0
    total: float = 0.0

    def milliseconds(self) -> dict[str, float | None]:
        return {
            name: None if seconds is None else round(seconds * 1000, 3)
            for name, seconds in vars(self).items()
        }


class Receiver(Protocol):
    """Who takes what comes back."""

    def head(self, response: Response) -> None:
        """Take a head: interim, of a redirect, or of the answer."""

    def begins(self, url: Url, response: Response) -> None:
        """Take the answer itself; its body follows."""

    def piece(self, data: bytes) -> None:
        """Take some of the body, decoded."""

    def restart(self) -> bool:
        """Forget the body so far; False where that is not possible."""
        ...

    def note(self, line: str) -> None:
        """Say something to the user."""


class _TryAgainError(Exception):
    """The answer is one that a later try may change."""

    def __init__(self, reason: str, pause: float | None) -> None:
        super().__init__(reason)
        self.pause = pause


def fetch(url: Url, wish: Wish, deadline: Deadline, network: Network, receiver: Receiver) -> Phases:
    """Get what `url` means, and give it to `receiver`; return what it took.

    Raises ProtocolError, NetworkError and DeadlineError; a 4xx or 5xx is an answer like any other.
    """
    phases = Phases()
    started = time.monotonic()
    tries = 0
    while True:
        try:
            _follow(url, wish, deadline, network, receiver, phases, last=tries >= wish.retries)
        except NetworkError as error:
            refused = is_refused(error)
            if tries >= wish.retries or (refused and not wish.retry_refused) or is_unknown_host(error):
                raise
            pause = min(_FIRST_PAUSE * 2**tries, _LONGEST_PAUSE)
            if pause >= deadline.left() or not receiver.restart():
                raise
            reason = str(error)
        except _TryAgainError as error:
            pause = min(_FIRST_PAUSE * 2**tries, _LONGEST_PAUSE) if error.pause is None else error.pause
            reason = str(error)
            if pause >= deadline.left():
                tries = wish.retries  # No time to wait: the next answer is taken as it is.
                continue
        else:
            phases.total = time.monotonic() - started
            return phases
        tries += 1
        receiver.note(f"{reason}; trying again in {pause:g} s ({tries} of {wish.retries})")
        time.sleep(pause)


def _follow(
    url: Url,
    wish: Wish,
    deadline: Deadline,
    network: Network,
    receiver: Receiver,
    phases: Phases,
    *,
    last: bool,
) -> None:
    fields = wish.fields
    for _ in range(MAX_REDIRECTS + 1):
        with _exchange(url, wish, fields, deadline, network, receiver, phases) as (response, body):
            where = _location(url, response)
            if not (wish.follow and where is not None):
                _deliver(url, wish, response, body, deadline, receiver, last=last)
                return
        if where.origin != url.origin:
            kept = tuple(pair for pair in fields if pair[0].lower() in _HARMLESS)
            for name in sorted({name for name, _ in fields} - {name for name, _ in kept}):
                receiver.note(f"{name} is not sent to {where.authority}, which is another origin")
            fields = kept
        elif where.credentials is None and url.credentials is not None:
            where = Url(where.scheme, where.host, where.port, where.target, url.credentials)
        url = where
    raise ProtocolError(f"{url}: more than {MAX_REDIRECTS} redirects, expected an answer")


def _location(url: Url, response: Response) -> Url | None:
    places = set(response.fields.get_all("location")) if response.status in REDIRECTS else set()
    if not places:
        return None
    if len(places) > 1:
        raise ProtocolError(f"{url}: redirects to {len(places)} places at once")
    # Octets beyond ASCII are kept as they are, and escaped.
    place = places.pop().encode("latin-1").decode("utf-8", "surrogateescape")
    try:
        return url.join(place)
    except UrlError as error:
        raise ProtocolError(f"{url}: redirects to {error}") from error


def _deliver(
    url: Url,
    wish: Wish,
    response: Response,
    body: Iterator[bytes],
    deadline: Deadline,
    receiver: Receiver,
    *,
    last: bool,
) -> None:
    if response.status in TRANSIENT and not last:
        after = response.fields.get("retry-after") or ""
        pause = float(after) if after.isascii() and after.isdigit() and len(after) < 6 else None
        raise _TryAgainError(f"{url}: {response.status} {response.reason}", pause)
    codings = response.fields.tokens("content-encoding")
    decoder = decoder_for(codings) if response.status != 206 else None
    if decoder is None and codings not in ([], ["identity"]):
        receiver.note(f"the body is in {', '.join(codings)}, and stays so")
    if response.status == 206 and wish.method == "GET":
        if wish.range is None and not any(name.lower() == "range" for name, _ in wish.fields):
            raise ProtocolError(f"{url}: a part of the body (206), expected all of it")
        if wish.range is not None:
            wish.range.check(response)
    elif response.status == 200 and wish.range is not None:
        receiver.note("the server ignored --range: this is the whole body")
    too_much = ProtocolError(f"{url}: a body of more than {wish.max_size} bytes (--max-size)")
    if (response.content_length or 0) > wish.max_size:
        raise too_much
    receiver.begins(url, response)
    size = 0
    for received in body:
        for piece in decoder.feed(received) if decoder else (received,):
            size += len(piece)
            if size > wish.max_size:
                raise too_much
            deadline.remaining()
            receiver.piece(piece)
    if decoder:
        decoder.finish()


@contextmanager
def _exchange(
    url: Url,
    wish: Wish,
    fields: tuple[tuple[str, str], ...],
    deadline: Deadline,
    network: Network,
    receiver: Receiver,
    phases: Phases,
) -> Iterator[tuple[Response, Iterator[bytes]]]:
    """One request on a connection of its own: its answer, and the pieces of the body as they come."""
    narrator = network.narrator
    request = encode_request_head(wish.method, url.target, _request_fields(url, wish, fields))
    with Stream.connect(Target(url.host, url.port, wish.unix), deadline, network) as plain:
        phases.dns += plain.lookup_seconds
        phases.connect += plain.connect_seconds
        stream = plain
        if url.scheme == "https":
            from pynetdb.net.client.tls import SecureStream

            started = time.monotonic()
            stream = SecureStream(plain, url.host, network, insecure=wish.insecure)  # type: ignore[assignment]
            phases.tls = (phases.tls or 0.0) + time.monotonic() - started
        with stream:
            _tell_head(narrator, "request", request.decode("latin-1").splitlines()[:-1])
            stream.send_all(request)
            asked = time.monotonic()
            events = _events(stream, url, wish.method)
            response = next(events)
            phases.first_byte += time.monotonic() - asked
            while True:
                assert isinstance(response, Response)  # noqa: S101 - a parser begins with a head
                _tell_head(narrator, "response", _head_lines(response))
                receiver.head(response)
                if response.status >= 200:
                    break
                response = next(events)
            yield response, (event.data for event in events if isinstance(event, BodyReceived))


def _events(stream: Stream, url: Url, method: str) -> Iterator[Response | BodyReceived | ResponseEnded]:
    parser = ResponseParser(method)
    while not parser.complete:
        data = stream.receive(_READ_SIZE)
        try:
            yield from parser.receive_data(data) if data else parser.receive_eof()
        except ProtocolError as error:
            raise ProtocolError(f"{url}: {error}") from error


def _request_fields(url: Url, wish: Wish, fields: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    own = [("Host", url.authority), ("User-Agent", f"pynetdb/{__version__}"), ("Accept", "*/*")]
    # A part of an encoded body cannot be decoded.
    own.append(("Accept-Encoding", "identity" if wish.range else ACCEPTED))
    if wish.range:
        own.append(("Range", f"bytes={wish.range}"))
    if url.authorization:
        own.append(("Authorization", url.authorization))
    own.append(("Connection", "close"))
    named = {name.lower() for name, _ in fields}
    return [pair for pair in own if pair[0].lower() not in named] + list(fields)


def _head_lines(response: Response) -> list[str]:
    first = f"HTTP/1.{response.minor_version} {response.status} {response.reason}"
    return [first, *(f"{name}: {value}" for name, value in response.fields.pairs)]


def _tell_head(narrator: Narrator, what: str, lines: list[str]) -> None:
    if narrator:
        done = "sent" if what == "request" else "received"
        notes = {"request": "method, target and version", "response": "version, status and reason"}
        for number, line in enumerate(lines):
            note = _NOTES.get(line.partition(":")[0].lower(), "a field") if number else notes[what]
            narrator.tell("client", what, (line,), done, note=note)


_NOTES = {
    "host": "which of the server's names we mean",
    "connection": "whether another request may follow",
    "content-length": "so many bytes of body follow",
    "content-type": "what the body is",
    "transfer-encoding": "the body comes in chunks, each with its size",
    "content-encoding": "the body is compressed",
    "accept-encoding": "the compressions that we can undo",
    "location": "where to ask instead",
    "range": "only this part",
    "content-range": "which part this is",
    "etag": "the name of this version of the body",
    "last-modified": "when the body last changed",
    "date": "when the server wrote this",
    "server": "the program that answers",
    "user-agent": "the program that asks",
}


def head_text(response: Response) -> str:
    """Return a head as it came, with CR LF and the empty line."""
    return "".join(line + "\r\n" for line in [*_head_lines(response), ""])
