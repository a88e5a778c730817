"""The client of HTTP/1.1: asks, follows redirects, tries again, and hands on what it can trust."""

import time
from typing import NamedTuple, Protocol

from pynetdb.clients.http.byte_range import Range
from pynetdb.clients.http.content_coding import CodingError, decoder_for
from pynetdb.clients.http.exchange import CutOffError, Exchange, HeadSink, Request, exchange
from pynetdb.clients.http.options import FetchOptions, Phases
from pynetdb.clients.http.proxy import Proxy
from pynetdb.clients.http.url import Url, UrlError
from pynetdb.errors import NegativeAnswerError, NetworkError, ProtocolError, PynetdbError
from pynetdb.net.deadline import Deadline, StallError
from pynetdb.net.network import Network
from pynetdb.net.os_errors import is_refused, is_unknown_host
from pynetdb.protocols.http.dates import parse_http_date
from pynetdb.protocols.http.partial import Part, total_size
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


class ResponseSink(HeadSink, Protocol):
    """Where what comes back goes."""

    def held(self) -> Part | None:
        """Return what is there of the body already and may be continued; None for nothing."""
        ...

    def begin(self, url: Url, response: Response, held: Part | None) -> None:
        """Take the answer itself; its body follows, behind what is `held`."""

    def write(self, data: bytes) -> None:
        """Take some of the body, decoded."""

    def restart(self) -> bool:
        """Be ready for another try, of the whole body or of its rest; False where that is not possible."""
        ...

    def forget(self) -> None:
        """What is held belongs to another version: begin at the beginning."""

    def note(self, line: str) -> None:
        """Say something to the user."""

    def stays_coded(self, codings: str) -> None:
        """Say that the body is in content codings that are not undone."""

    def range_ignored(self) -> None:
        """Say that the server sends the whole body in place of the part that was asked for."""

    def retry(self, reason: PynetdbError, pause: float, number: int, most: int) -> None:
        """Say that after `pause` seconds the try `number` of at most so many more follows."""


class Fetched(NamedTuple):
    """The answer that was delivered, from the last of all URLs, and what it took over all connections."""

    url: Url
    response: Response
    phases: Phases
    was_complete: bool = False
    """The answer is a 416, for nothing was missing."""

    def check_status(self) -> None:
        """Raise NegativeAnswerError for 4xx and 5xx."""
        if self.response.status >= 400 and not self.was_complete:
            told = f"{self.url}: {self.response.status} {self.response.reason}".rstrip()
            raise NegativeAnswerError(told)


class _TransientAnswerError(Exception):
    """The answer is one that a later try may change."""

    def __init__(self, reason: PynetdbError, pause: float | None) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.pause = pause


class _OutdatedPartError(Exception):
    """What is held does not belong to what the server has now."""


def fetch(
    url: Url, options: FetchOptions, deadline: Deadline, network: Network, sink: ResponseSink
) -> Fetched:
    """Get what `url` means, and give it to `sink`.

    Raises ProtocolError, NetworkError, DeadlineError, and NegativeAnswerError for a body that is larger than
    the user wants or a proxy that refuses; a 4xx or 5xx is an answer like any other.
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
        self._has_begun = False
        """Whether a body is under way that has a limit of its own."""

    def run(self, url: Url) -> Fetched:
        """Try until there is an answer, or no try or no time is left."""
        options, sink = self._options, self._sink
        started = time.monotonic()
        tries = 0
        while True:
            try:
                last_url, response, was_complete = self._follow(url, last=tries >= options.retries)
            except (NetworkError, CutOffError, StallError) as error:
                if tries >= options.retries or not self._may_pass(error):
                    raise
                pause = _backoff(tries)
                if self._has_begun:
                    # The body had its own time; the deadline is for the beginning of each answer.
                    self._deadline.renew()
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
            except _OutdatedPartError as error:
                sink.note(f"{url}: {error}: from the beginning")
                sink.forget()
                continue
            else:
                self._phases.total = time.monotonic() - started
                return Fetched(last_url, response, self._phases, was_complete)
            tries += 1
            sink.retry(reason, pause, tries, options.retries)
            time.sleep(pause)

    def _may_pass(self, error: PynetdbError) -> bool:
        """Say whether a later try may do better, as far as the user wants to know."""
        if not isinstance(error, NetworkError):
            return True
        return not is_unknown_host(error) and (self._options.retry_refused or not is_refused(error))

    def _follow(self, url: Url, *, last: bool) -> tuple[Url, Response, bool]:
        """Ask, and ask where the answer says to. On the `last` try a transient answer is taken.

        Returns the URL that answered, the head, and whether what is held was complete already.
        """
        fields = self._options.fields
        self._has_begun = False
        held = self._sink.held()
        for _ in range(MAX_REDIRECTS + 1):
            request = Request(url, self._options, fields, held, self._choose_proxy(url))
            with exchange(request, self._deadline, self._network, self._sink, self._phases) as under_way:
                response = under_way.response
                assert response is not None  # noqa: S101 - the head is there
                where = _location(url, response) if self._options.follow else None
                if where is None:
                    return url, response, self._deliver(request, response, under_way, last=last)
            if where.origin != url.origin:
                kept = tuple(pair for pair in fields if pair[0].lower() in _HARMLESS)
                for name in sorted({name for name, _ in fields} - {name for name, _ in kept}):
                    self._sink.note(f"{name} is not sent to {where.authority}, which is another origin")
                fields = kept
            elif where.credentials is None and url.credentials is not None:
                where = Url(where.scheme, where.host, where.port, where.target, url.credentials)
            url = where
        raise ProtocolError(f"{url}: more than {MAX_REDIRECTS} redirects, expected an answer")

    def _choose_proxy(self, url: Url) -> Proxy | None:
        options = self._options
        if options.proxies is None or options.unix is not None:
            return None
        proxy, is_excepted = options.proxies.choose(url)
        if proxy is None:
            return None
        told = f"{url.host} is in no_proxy, asked directly" if is_excepted else f"through the proxy {proxy}"
        self._sink.detail(f"{told} ({proxy.source})")
        if self._network.narrator:
            note = "it is asked without a proxy" if is_excepted else "it asks for us"
            chosen = "none" if is_excepted else str(proxy)
            self._network.narrator.tell("client", "proxy", (url.host, proxy.source), chosen, note=note)
        return None if is_excepted else proxy

    def _deliver(self, request: Request, response: Response, under_way: Exchange, *, last: bool) -> bool:
        """Give the answer and its body to the sink, if it is one to be trusted.

        Returns True in place of that for a body that is held completely.
        """
        options, sink, url = self._options, self._sink, request.url
        if response.status in TRANSIENT and not last:
            reason = PynetdbError(f"{url}: {response.status} {response.reason}")
            raise _TransientAnswerError(reason, _retry_after(response, time.time()))
        held = self._judge_held(request, response)
        if held is not None and (response.status == 416 or held.whole_since is not None):
            sink.begin(url, response, held)
            return True
        self._judge_part(request, response)
        decoder = None
        codings = response.fields.tokens("content-encoding")
        if response.status != 206:
            decoder = decoder_for(codings, options.codings)
        if decoder is None and codings not in ([], ["identity"]):
            sink.stays_coded(", ".join(codings))
        size = 0 if held is None else held.size
        self._judge_size(url, size + (response.content_length or 0))
        sink.begin(url, response, held)
        self._has_begun = options.stall is not None
        try:
            for received in under_way.body:
                for piece in decoder.feed(received) if decoder else (received,):
                    under_way.bytes += len(piece)
                    self._judge_size(url, size + under_way.bytes)
                    if not self._has_begun:
                        self._deadline.remaining()
                    sink.write(piece)
            if decoder:
                decoder.finish()
        except CodingError as error:
            raise CodingError(f"{url}: {error}") from error
        total = total_size(response) if held is not None else None
        if total is not None and total != size + under_way.bytes:
            raise CutOffError(f"{url}: the body ended after {size + under_way.bytes} bytes, expected {total}")
        return False

    def _judge_held(self, request: Request, response: Response) -> Part | None:
        """Return what is held if the answer is about it. Raises _OutdatedPartError, ProtocolError."""
        held = request.held
        if held is None or response.status not in (200, 206, 416):
            return None
        if held.whole_since is not None:
            return self._judge_whole(request.url, held, response)
        if response.status == 200:
            self._sink.note(f"{request.url}: {held.unused(response)}: from the beginning")
            return None
        if (told_why := held.contradiction(response)) is not None:
            raise _OutdatedPartError(told_why)
        if response.status == 206:
            _check_range(request.url, Range(held.size, None), response, hint="wrong part")
            if held.validator is None:
                self._sink.note(
                    f"{request.url}: nothing tells which version the part is of: only its size is sure"
                )
        elif total_size(response) != held.size:
            raise _OutdatedPartError("the server has no more of it")
        else:
            self._note_complete(request.url, held)
        return held

    def _judge_whole(self, url: Url, held: Part, response: Response) -> Part | None:
        """Return the whole body that is there if it is what the server has; None to take its own."""
        outdated = held.outdated(response, time.time())
        if outdated is None:
            self._note_complete(url, held)
            return held
        if response.status != 200:
            raise _OutdatedPartError(outdated)
        self._sink.note(f"{url}: {outdated}: from the beginning")
        self._sink.forget()
        return None

    def _note_complete(self, url: Url, held: Part) -> None:
        self._sink.note(f"{url}: all {held.size} bytes were there already")

    def _judge_part(self, request: Request, response: Response) -> None:
        """Raise ProtocolError for a part that nobody asked for, or another one."""
        options = self._options
        if response.status == 206 and options.method == "GET" and request.held is None:
            if options.range is None and not any(name.lower() == "range" for name, _ in options.fields):
                raise ProtocolError(f"{request.url}: a part of the body (206), expected all of it")
            if options.range is not None:
                _check_range(request.url, options.range, response)
        elif response.status == 200 and options.range is not None:
            self._sink.range_ignored()

    def _judge_size(self, url: Url, size: int) -> None:
        most = self._options.max_size
        if most is not None and size > most:
            raise NegativeAnswerError(f"{url}: a body of more than {most} bytes", hint="size of a body")


def _check_range(url: Url, asked: Range, response: Response, hint: str | None = None) -> None:
    try:
        asked.check(response)
    except ProtocolError as error:
        raise ProtocolError(f"{url}: {error}", hint=hint) from error


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


def _out_of_time(error: PynetdbError, tries: int) -> PynetdbError:
    """Return the error that says that more tries were allowed, and no time is left for them."""
    count = "one try" if not tries else f"{tries + 1} tries"
    return type(error)(f"{error}; no time for more after {count}", hint="deadline")


def _location(url: Url, response: Response) -> Url | None:
    """Return where to ask instead; None for an answer that says it nowhere, as an empty Location does."""
    places = set(response.fields.get_all("location")) if response.status in REDIRECTS else set()
    places.discard("")
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
