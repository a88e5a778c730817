"""One request over HTTP/1.1, on a connection of its own, and its answer."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, Protocol

from pynetdb.clients.http.connecting import USER_AGENT, AnyStream, connect, is_for_proxy
from pynetdb.clients.http.narration import narrate_head
from pynetdb.clients.http.options import FetchOptions, Phases
from pynetdb.clients.http.proxy import Proxy
from pynetdb.clients.http.url import Url
from pynetdb.errors import ProtocolError, PynetdbError
from pynetdb.net.deadline import Deadline, StallLimit
from pynetdb.net.network import Network
from pynetdb.protocols.http.heads import encode_request_head
from pynetdb.protocols.http.partial import Part
from pynetdb.protocols.http.responses import (
    BodyReceived,
    Response,
    ResponseEnded,
    ResponseParser,
    head_lines,
)

Fields = tuple[tuple[str, str], ...]

# Of a body so much is told to those who want to see it.
_MAX_TOLD_BODY = 64 * 1024

# Asked of the kernel at once: what a fast server sends meanwhile, in one call.
_READ_SIZE = 256 * 1024


class CutOffError(ProtocolError):
    """The connection ended before the answer did: another try may bring the rest."""


class Exchange:
    """An answer under way: its head, and the pieces of its body as they come, still coded."""

    def __init__(self) -> None:
        self.response: Response | None = None
        self.body: Iterator[bytes] = iter(())
        self.phases = Phases()
        self.bytes = 0
        """How much of the body was taken; whoever takes it counts."""
        self.kept: bytearray | None = None
        """The beginning of the body, for those who are told of it."""


class Request(NamedTuple):
    """What one request asks for: the URL, the fields of the user's, and the part that is there already."""

    url: Url
    options: FetchOptions
    fields: Fields
    held: Part | None = None
    proxy: Proxy | None = None


class HeadSink(Protocol):
    """Who is told while an answer begins."""

    def head(self, response: Response) -> None:
        """Take a head: interim, of a redirect, or of the answer."""

    def detail(self, line: str) -> None:
        """Say something to a user who wants to know more."""


@contextmanager
def exchange(
    request: Request, deadline: Deadline, network: Network, sink: HeadSink, totals: Phases
) -> Iterator[Exchange]:
    """Ask, and give the answer; the sink gets its head and those of interim answers.

    What each phase took is added to `totals`, also where there is no answer.

    Where somebody wants details, ResponseReceived is emitted at the end, whatever that was. Raises
    ProtocolError, NetworkError and DeadlineError, reading from the body too.
    """
    under_way = Exchange()
    started = time.monotonic()
    failure: PynetdbError | None = None
    url, options = request.url, request.options
    try:
        with connect(url, options, request.proxy, deadline, network, under_way.phases) as stream:
            head = encode_request_head(options.method, _target(request), _request_fields(request))
            narrate_head(network.narrator, "request", head.decode("latin-1").splitlines()[:-1])
            stream.send_all(head)
            asked = time.monotonic()
            events = _events(stream, url, options.method, sink)
            response = next(events)
            under_way.phases.first_byte = time.monotonic() - asked
            while True:
                assert isinstance(response, Response)  # noqa: S101 - a parser begins with a head
                narrate_head(network.narrator, "response", head_lines(response))
                sink.head(response)
                if response.status >= 200:
                    break
                response = next(events)
            if options.stall is not None:
                stream.deadline = StallLimit(options.stall, str(url))
            under_way.response = response
            under_way.body = (event.data for event in events if isinstance(event, BodyReceived))
            if network.events.wants_bodies:
                under_way.kept = bytearray()
                under_way.body = _keep_beginning(under_way.body, under_way.kept)
            yield under_way
    except PynetdbError as error:
        failure = error
        raise
    finally:
        under_way.phases.total = time.monotonic() - started
        totals.add(under_way.phases)
        if network.events.wants_details:
            _emit(network, options.method, url, under_way, failure)


def _emit(network: Network, method: str, url: Url, under_way: Exchange, failure: PynetdbError | None) -> None:
    from pynetdb.events.response import ResponseReceived

    phases = under_way.phases
    event = ResponseReceived(
        method,
        str(url),
        None if under_way.response is None else under_way.response.status,
        under_way.bytes,
        phases.dns,
        phases.connect,
        phases.tls,
        phases.first_byte,
        phases.total,
        None if failure is None else str(failure),
        None if under_way.kept is None else bytes(under_way.kept),
    )
    network.events.emit(event)


def _events(
    stream: AnyStream, url: Url, method: str, sink: HeadSink
) -> Iterator[Response | BodyReceived | ResponseEnded]:
    parser = ResponseParser(method)
    told: tuple[str, ...] = ()
    while not parser.complete:
        data = stream.receive(_READ_SIZE)
        try:
            yield from parser.receive_data(data) if data else parser.receive_eof()
        except ProtocolError as error:
            kind = ProtocolError if data else CutOffError
            raise kind(f"{url}: {error}") from error
        if parser.tolerated is not told:
            for habit in parser.tolerated[len(told) :]:
                sink.detail(f"{url}: tolerated: {habit}")
            told = parser.tolerated


def _target(request: Request) -> str:
    # RFC 9112 section 3.2.2: a proxy must be told of whom to ask; within a tunnel the server is asked itself.
    through = request.proxy is not None and request.url.scheme == "http"
    return str(request.url) if through else request.url.target


def _request_fields(request: Request) -> list[tuple[str, str]]:
    url, options = request.url, request.options
    own = [("Host", url.authority), ("User-Agent", USER_AGENT), ("Accept", "*/*")]
    # A part of an encoded body cannot be decoded, and what is saved as it comes is not asked to be encoded.
    own.append(("Accept-Encoding", ", ".join(options.codings) or "identity"))
    if options.range:
        own.append(("Range", f"bytes={options.range}"))
    if request.held is not None:
        own += request.held.fields()
    if url.authorization:
        own.append(("Authorization", url.authorization))
    if request.proxy is not None and request.proxy.authorization and url.scheme == "http":
        own.append(("Proxy-Authorization", request.proxy.authorization))
    own.append(("Connection", "close"))
    fields = request.fields
    if request.proxy is not None and url.scheme == "https":
        fields = tuple(pair for pair in fields if not is_for_proxy(pair[0]))  # It has them: not the server's.
    named = {name.lower() for name, _ in fields}
    return [pair for pair in own if pair[0].lower() not in named] + list(fields)


def _keep_beginning(pieces: Iterator[bytes], kept: bytearray) -> Iterator[bytes]:
    """Pass the pieces of a body on, and keep its beginning."""
    for piece in pieces:
        kept += piece[: _MAX_TOLD_BODY - len(kept)]
        yield piece
