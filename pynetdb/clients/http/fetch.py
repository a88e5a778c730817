"""The client of HTTP/1.1: asks, follows redirects, tries again, and hands on what it can trust."""

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from pynetdb.clients.http.content_coding import decoder_for
from pynetdb.clients.http.exchange import Exchange, Fields, exchange
from pynetdb.clients.http.options import FetchOptions, Phases
from pynetdb.clients.http.url import Url, UrlError
from pynetdb.errors import NegativeAnswerError, NetworkError, ProtocolError, PynetdbError
from pynetdb.net.deadline import Deadline
from pynetdb.net.network import Network
from pynetdb.net.os_errors import is_refused, is_unknown_host
from pynetdb.protocols.http.dates import parse_http_date
from pynetdb.protocols.http.responses import Response

# As curl and browsers allow; two sites that point at each other cannot keep us for ever.
MAX_REDIRECTS = 10
REDIRECTS = frozenset([301, 302, 303, 307, 308])
# What a later try may change: timeouts, too many requests, and a server in trouble.
TRANSIENT = frozenset([408, 429, 500, 502, 503, 504])

# Seconds between two tries, twice as many each time: a server that just starts is soon there, and one in
# trouble is not made worse.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 2.0
# What another origin may see of the user's own fields; anything else may be a secret.
_HARMLESS = ("accept", "accept-language", "accept-encoding", "user-agent", "range", "cache-control", "pragma")


class ResponseSink(Protocol):
    """Where what comes back goes."""

    def head(self, response: Response) -> None:
        """Take a head: interim, of a redirect, or of the answer."""

    def begin(self, url: Url, response: Response) -> None:
        """Take the answer itself; its body follows."""

    def write(self, data: bytes) -> None:
        """Take some of the body, decoded."""

    def restart(self) -> bool:
        """Forget the body so far; False where that is not possible."""
        ...

    def note(self, line: str) -> None:
        """Say something to the user."""

    def range_ignored(self) -> None:
        """Say that the server sends the whole body in place of the part that was asked for."""

    def retry(self, reason: PynetdbError, pause: float, number: int, most: int) -> None:
        """Say that after `pause` seconds the try `number` of at most so many more follows."""


@dataclass(frozen=True)
class Fetched:
    """The answer that was delivered, from the last of all URLs, and what it took over all connections."""

    url: Url
    response: Response
    phases: Phases

    def check_status(self) -> None:
        """Raise NegativeAnswerError for 4xx and 5xx."""
        if self.response.status >= 400:
            told = f"{self.url}: {self.response.status} {self.response.reason}".rstrip()
            raise NegativeAnswerError(told)


class _TransientAnswerError(Exception):
    """The answer is one that a later try may change."""

    def __init__(self, reason: PynetdbError, pause: float | None) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.pause = pause


def fetch(
    url: Url, options: FetchOptions, deadline: Deadline, network: Network, sink: ResponseSink
) -> Fetched:
    """Get what `url` means, and give it to `sink`.

    Raises ProtocolError, NetworkError and DeadlineError; a 4xx or 5xx is an answer like any other.
    """
    return _Fetch(options, deadline, network, sink).run(url)


class _Fetch:
    """The tries and redirects of one fetch, and what they took."""

    def __init__(
        self, options: FetchOptions, deadline: Deadline, network: Network, sink: ResponseSink
    ) -> None:
        self._options = options
        self._deadline = deadline
        self._network = network
        self._sink = sink
        self._phases = Phases()

    def run(self, url: Url) -> Fetched:
        """Try until there is an answer, or no try or no time is left."""
        options, sink = self._options, self._sink
        started = time.monotonic()
        tries = 0
        while True:
            try:
                last_url, response = self._follow(url, last=tries >= options.retries)
            except NetworkError as error:
                refused = is_refused(error)
                if (
                    tries >= options.retries
                    or (refused and not options.retry_refused)
                    or is_unknown_host(error)
                ):
                    raise
                pause = _backoff(tries)
                if pause >= self._deadline.left():
                    raise _out_of_time(error, tries) from error
                if not sink.restart():
                    raise
                reason: PynetdbError = error
            except _TransientAnswerError as error:
                pause = _backoff(tries) if error.pause is None else error.pause
                reason = error.reason
                if pause >= self._deadline.left():
                    tries = options.retries  # No time to wait: the next answer is taken as it is.
                    continue
            else:
                self._phases.total = time.monotonic() - started
                return Fetched(last_url, response, self._phases)
            tries += 1
            sink.retry(reason, pause, tries, options.retries)
            time.sleep(pause)

    def _follow(self, url: Url, *, last: bool) -> tuple[Url, Response]:
        """Ask, and ask where the answer says to. On the `last` try a transient answer is taken."""
        fields = self._options.fields
        for _ in range(MAX_REDIRECTS + 1):
            with self._exchange(url, fields) as under_way:
                assert under_way.response is not None  # noqa: S101 - the head is there
                where = _location(url, under_way.response)
                if not (self._options.follow and where is not None):
                    self._deliver(url, under_way.response, under_way, last=last)
                    return url, under_way.response
            if where.origin != url.origin:
                kept = tuple(pair for pair in fields if pair[0].lower() in _HARMLESS)
                for name in sorted({name for name, _ in fields} - {name for name, _ in kept}):
                    self._sink.note(f"{name} is not sent to {where.authority}, which is another origin")
                fields = kept
            elif where.credentials is None and url.credentials is not None:
                where = Url(where.scheme, where.host, where.port, where.target, url.credentials)
            url = where
        raise ProtocolError(f"{url}: more than {MAX_REDIRECTS} redirects, expected an answer")

    def _exchange(self, url: Url, fields: Fields) -> AbstractContextManager[Exchange]:
        return exchange(
            url, self._options, fields, self._deadline, self._network, self._sink.head, self._phases
        )

    def _deliver(self, url: Url, response: Response, under_way: Exchange, *, last: bool) -> None:
        """Give the answer and its body to the sink, if it is one to be trusted."""
        options, sink = self._options, self._sink
        if response.status in TRANSIENT and not last:
            reason = PynetdbError(f"{url}: {response.status} {response.reason}")
            raise _TransientAnswerError(reason, _retry_after(response, time.time()))
        codings = response.fields.tokens("content-encoding")
        decoder = decoder_for(codings) if response.status != 206 else None
        if decoder is None and codings not in ([], ["identity"]):
            sink.note(f"the body is in {', '.join(codings)}, and stays so")
        if response.status == 206 and options.method == "GET":
            if options.range is None and not any(name.lower() == "range" for name, _ in options.fields):
                raise ProtocolError(f"{url}: a part of the body (206), expected all of it")
            if options.range is not None:
                options.range.check(response)
        elif response.status == 200 and options.range is not None:
            sink.range_ignored()
        too_much = ProtocolError(
            f"{url}: a body of more than {options.max_size} bytes", hint="size of a body"
        )
        if (response.content_length or 0) > options.max_size:
            raise too_much
        sink.begin(url, response)
        for received in under_way.body:
            for piece in decoder.feed(received) if decoder else (received,):
                under_way.bytes += len(piece)
                if under_way.bytes > options.max_size:
                    raise too_much
                self._deadline.remaining()
                sink.write(piece)
        if decoder:
            decoder.finish()


def _backoff(tries: int) -> float:
    """Return the seconds to wait after so many tries: twice as long each time, up to a limit."""
    return min(_FIRST_PAUSE * 2.0**tries, _LONGEST_PAUSE)


def _retry_after(response: Response, now: float) -> float | None:
    """Return the seconds that a server asks us to wait, as a number or a date (RFC 9110 section 10.2.3)."""
    text = response.fields.get("retry-after") or ""
    if text.isascii() and text.isdigit():
        return float(text[:9])
    moment = parse_http_date(text, now)
    return None if moment is None else max(moment - now, 0.0)


def _out_of_time(error: NetworkError, tries: int) -> NetworkError:
    """Return the error that says that more tries were allowed, and no time is left for them."""
    count = "one try" if not tries else f"{tries + 1} tries"
    return NetworkError(f"{error}; no time for more after {count}", hint=error.hint or "deadline")


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
