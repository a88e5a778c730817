"""One request over HTTP/1.1, on a connection of its own, and its answer."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pynetdb import __version__
from pynetdb.clients.http.content_coding import ACCEPTED
from pynetdb.clients.http.options import FetchOptions, Phases
from pynetdb.clients.http.url import Url
from pynetdb.errors import ProtocolError, PynetdbError
from pynetdb.narration import Narrator
from pynetdb.net.addresses import Target
from pynetdb.net.client.stream import Stream
from pynetdb.net.deadline import Deadline
from pynetdb.net.network import Network
from pynetdb.protocols.http.requests import encode_request_head
from pynetdb.protocols.http.responses import (
    BodyReceived,
    Response,
    ResponseEnded,
    ResponseParser,
    head_lines,
)

if TYPE_CHECKING:
    from pynetdb.net.client.tls import SecureStream

Fields = tuple[tuple[str, str], ...]

# Of a body so much is told to those who want to see it.
_MAX_TOLD_BODY = 64 * 1024

# Asked of the kernel at once: what a fast server sends meanwhile, in one call.
_READ_SIZE = 256 * 1024


@dataclass
class Exchange:
    """An answer under way: its head, and the pieces of its body as they come, still coded."""

    response: Response | None = None
    body: Iterator[bytes] = field(default_factory=lambda: iter(()))
    phases: Phases = field(default_factory=Phases)
    bytes: int = 0
    """How much of the body was taken; whoever takes it counts."""
    kept: bytearray | None = None
    """The beginning of the body, for those who are told of it."""


@contextmanager
def exchange(
    url: Url,
    options: FetchOptions,
    fields: Fields,
    deadline: Deadline,
    network: Network,
    head_received: Callable[[Response], None],
    totals: Phases,
) -> Iterator[Exchange]:
    """Ask for `url`, and give the answer; `head_received` gets its head and those of interim answers.

    What each phase took is added to `totals`, also where there is no answer.

    Where somebody wants details, ResponseReceived is emitted at the end, whatever that was. Raises
    ProtocolError, NetworkError and DeadlineError, reading from the body too.
    """
    under_way = Exchange()
    started = time.monotonic()
    failure: PynetdbError | None = None
    try:
        with _connected(url, options, deadline, network, under_way.phases) as stream:
            request = encode_request_head(options.method, url.target, _request_fields(url, options, fields))
            _narrate_head(network.narrator, "request", request.decode("latin-1").splitlines()[:-1])
            stream.send_all(request)
            asked = time.monotonic()
            events = _events(stream, url, options.method)
            response = next(events)
            under_way.phases.first_byte = time.monotonic() - asked
            while True:
                assert isinstance(response, Response)  # noqa: S101 - a parser begins with a head
                _narrate_head(network.narrator, "response", head_lines(response))
                head_received(response)
                if response.status >= 200:
                    break
                response = next(events)
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


@contextmanager
def _connected(
    url: Url, options: FetchOptions, deadline: Deadline, network: Network, phases: Phases
) -> "Iterator[Stream | SecureStream]":
    with Stream.connect(Target(url.host, url.port, options.unix), deadline, network) as plain:
        phases.dns, phases.connect = plain.lookup_seconds, plain.connect_seconds
        if url.scheme != "https":
            yield plain
            return
        from pynetdb.net.client.tls import SecureStream

        started = time.monotonic()
        secure = SecureStream(plain, url.host, network, insecure=options.insecure, trusted=options.trusted)
        phases.tls = time.monotonic() - started
        with secure:
            yield secure


def _emit(network: Network, method: str, url: Url, under_way: Exchange, failure: PynetdbError | None) -> None:
    from pynetdb.events.exchange import ResponseReceived

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
    stream: "Stream | SecureStream", url: Url, method: str
) -> Iterator[Response | BodyReceived | ResponseEnded]:
    parser = ResponseParser(method)
    while not parser.complete:
        data = stream.receive(_READ_SIZE)
        try:
            yield from parser.receive_data(data) if data else parser.receive_eof()
        except ProtocolError as error:
            raise ProtocolError(f"{url}: {error}") from error


def _request_fields(url: Url, options: FetchOptions, fields: Fields) -> list[tuple[str, str]]:
    own = [("Host", url.authority), ("User-Agent", f"pynetdb/{__version__}"), ("Accept", "*/*")]
    # A part of an encoded body cannot be decoded.
    own.append(("Accept-Encoding", "identity" if options.range else ACCEPTED))
    if options.range:
        own.append(("Range", f"bytes={options.range}"))
    if url.authorization:
        own.append(("Authorization", url.authorization))
    own.append(("Connection", "close"))
    named = {name.lower() for name, _ in fields}
    return [pair for pair in own if pair[0].lower() not in named] + list(fields)


def _narrate_head(narrator: Narrator, what: str, lines: list[str]) -> None:
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


def _keep_beginning(pieces: Iterator[bytes], kept: bytearray) -> Iterator[bytes]:
    """Pass the pieces of a body on, and keep its beginning."""
    for piece in pieces:
        kept += piece[: _MAX_TOLD_BODY - len(kept)]
        yield piece
