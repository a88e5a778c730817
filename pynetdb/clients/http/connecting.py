"""The way to a web server: straight or through a proxy, in the clear or within TLS."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Union

from pynetdb import __version__
from pynetdb.clients.http.narration import narrate_head
from pynetdb.clients.http.options import FetchOptions, Phases
from pynetdb.clients.http.proxy import Proxy
from pynetdb.clients.http.url import Url
from pynetdb.errors import NegativeAnswerError, NetworkError, ProtocolError
from pynetdb.net.addresses import Target, format_host_port
from pynetdb.net.client.stream import Stream
from pynetdb.net.deadline import Deadline
from pynetdb.net.network import Network
from pynetdb.protocols.http.heads import encode_request_head
from pynetdb.protocols.http.responses import Response, ResponseParser, head_lines

if TYPE_CHECKING:
    from pynetdb.net.client.tls import SecureStream

AnyStream = Union[Stream, "SecureStream"]

USER_AGENT = f"pynetdb/{__version__}"

# Nothing follows the head of a proxy's answer before we speak: TLS begins with the client.
_READ_SIZE = 16 * 1024


@contextmanager
def connect(
    url: Url,
    options: FetchOptions,
    proxy: Proxy | None,
    deadline: Deadline,
    network: Network,
    phases: Phases,
) -> Iterator[AnyStream]:
    """Give a connection on which `url` can be asked for; `phases` gets what it took.

    Raises NetworkError, DeadlineError, ProtocolError, and NegativeAnswerError for a proxy that refuses.
    """
    target = Target(url.host, url.port, options.unix)
    if proxy is not None:
        target = Target(proxy.host, proxy.port)
    with Stream.connect(target, deadline, network) as plain:
        phases.dns, phases.connect = plain.lookup_seconds, plain.connect_seconds
        if url.scheme != "https":
            yield plain
            return
        if proxy is not None:
            started = time.monotonic()
            own = [pair for pair in options.fields if is_for_proxy(pair[0])]
            _open_tunnel(plain, url, proxy, own, network)
            phases.connect += time.monotonic() - started
        from pynetdb.net.client.tls import SecureStream

        started = time.monotonic()
        secure = SecureStream(
            plain, url.host, network, insecure=options.insecure, authorities=options.authorities
        )
        phases.tls = time.monotonic() - started
        with secure:
            yield secure


def is_for_proxy(name: str) -> bool:
    """Say whether a field is between us and the proxy alone (RFC 9110 section 11.7)."""
    return name.lower() in ("proxy-authorization", "proxy-connection")


def _open_tunnel(
    stream: Stream, url: Url, proxy: Proxy, own: list[tuple[str, str]], network: Network
) -> None:
    """Have the proxy connect to the server, and hand on bytes (RFC 9110 section 9.3.6)."""
    place = format_host_port(url.host.split("%")[0], url.port)
    fields = [("Host", place), ("User-Agent", USER_AGENT)]
    fields += own
    if proxy.authorization and not any(name.lower() == "proxy-authorization" for name, _ in own):
        fields.append(("Proxy-Authorization", proxy.authorization))
    head = encode_request_head("CONNECT", place, fields)
    narrate_head(network.narrator, "request", head.decode("latin-1").splitlines()[:-1])
    stream.send_all(head)
    response = _read_head(stream, proxy)
    narrate_head(network.narrator, "response", head_lines(response))
    if 200 <= response.status < 300:
        stream.lead_to(Target(url.host, url.port))
        return
    told = f"{proxy}: the proxy does not connect to {place}: {response.status} {response.reason}".rstrip()
    # A gateway's words for: I could not reach it.
    if response.status in (502, 503, 504):
        raise NetworkError(told)
    raise NegativeAnswerError(told)


def _read_head(stream: Stream, proxy: Proxy) -> Response:
    parser = ResponseParser("HEAD")  # The answer to CONNECT has no body either, if it is good.
    try:
        while True:
            data = stream.receive(_READ_SIZE)
            for event in parser.receive_data(data) if data else parser.receive_eof():
                if isinstance(event, Response) and event.status >= 200:
                    return event
    except ProtocolError as error:
        raise ProtocolError(f"{proxy}: the proxy: {error}") from error
