"""Redirects, tries, limits, and the events of each exchange, with a sink that remembers."""

import gzip
import socket
from collections.abc import Callable

import pytest
from fakes import Recorder, fake

from pynetdb.clients.http.byte_range import Range
from pynetdb.clients.http.exchange import CutOffError
from pynetdb.clients.http.fetch import Fetched, fetch
from pynetdb.clients.http.options import FetchOptions
from pynetdb.clients.http.url import Url, split_url
from pynetdb.errors import DeadlineError, NegativeAnswerError, NetworkError, ProtocolError, PynetdbError
from pynetdb.events import Events, ResponseReceived
from pynetdb.net.deadline import Deadline
from pynetdb.net.network import Network
from pynetdb.protocols.http.partial import Part
from pynetdb.protocols.http.responses import Response

Answers = Callable[[socket.socket], object]


def says(*answers: bytes, heard_all: list[bytes] | None = None) -> Answers:
    """A server that gives each client the next answer, whatever it asks."""
    left = list(answers)

    def talk(sock: socket.socket) -> None:
        heard = b""
        while b"\r\n\r\n" not in heard:
            heard += sock.recv(65536)
        if heard_all is not None:
            heard_all.append(heard)
        sock.sendall(left.pop(0))

    return talk


def answer(status: str, body: bytes = b"", *fields: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


class Sink:
    """Takes an answer, and remembers what was said."""

    def __init__(self, *, restarts: bool = True, continues: Part | None = None) -> None:
        self.version = continues or Part(0)
        self.continues = continues is not None
        self.body = b"x" * self.version.size
        self.details: list[str] = []
        self.heads: list[int] = []
        self.said: list[str] = []
        self._restarts = restarts

    def head(self, response: Response) -> None:
        self.heads.append(response.status)

    def begin(self, url: Url, response: Response, held: Part | None) -> None:
        self.said.append(f"{response.status}")
        if held is None:
            self.body = b""
            self.version = Part.begun(response, 0)

    def held(self) -> Part | None:
        if not (self.continues and self.body):
            return None
        known = self.version
        return Part(len(self.body), known.etag, known.modified, known.total)

    def forget(self) -> None:
        self.continues = False

    def detail(self, line: str) -> None:
        self.details.append(line)

    def stays_coded(self, codings: str) -> None:
        self.said.append(f"stays {codings}")

    def write(self, data: bytes) -> None:
        self.body += data

    def restart(self) -> bool:
        return self._restarts

    def note(self, line: str) -> None:
        self.said.append(line)

    def range_ignored(self) -> None:
        self.said.append("range ignored")

    def retry(self, reason: PynetdbError, pause: float, number: int, most: int) -> None:
        self.said.append(f"{number} of {most}")


def get(
    port: str, options: FetchOptions | None = None, sink: Sink | None = None
) -> tuple[Fetched | PynetdbError, Sink, list[ResponseReceived]]:
    sink = sink or Sink()
    recorder = Recorder()
    url = split_url(f"http://user:secret@127.0.0.1:{port}/a")
    network = Network(events=Events([recorder]))
    result: Fetched | PynetdbError
    try:
        result = fetch(url, options or FetchOptions(), Deadline(30, "x"), network, sink)
    except PynetdbError as error:
        result = error
    return result, sink, [event for event in recorder.events if isinstance(event, ResponseReceived)]


def test_an_answer_and_its_event() -> None:
    with fake(says(answer("200 OK", b"body"))) as port:
        fetched, sink, (event,) = get(port)
    assert isinstance(fetched, Fetched)
    assert (fetched.response.status, sink.body, sink.said) == (200, b"body", ["200"])
    assert (event.method, event.url) == ("GET", f"http://127.0.0.1:{port}/a")
    assert (event.status, event.bytes, event.tls, event.error) == (200, 4, None, None)
    assert event.seconds >= event.first_byte >= 0
    fetched.check_status()


def test_a_redirect_is_an_event_of_its_own() -> None:
    with fake(says(answer("302 Found", b"gone", "Location: /b"), answer("200 OK", b"x"))) as port:
        fetched, sink, events = get(port, FetchOptions(follow=True))
    assert isinstance(fetched, Fetched)
    assert [(event.status, event.bytes) for event in events] == [(302, 0), (200, 1)]
    assert events[1].url.endswith("/b") and str(fetched.url) == events[1].url
    assert sink.heads == [302, 200]


def test_a_transient_answer_is_told_and_tried_again() -> None:
    with fake(says(answer("503 Busy", b"", "Retry-After: 0"), answer("200 OK", b"x"))) as port:
        fetched, sink, events = get(port, FetchOptions(retries=2))
    assert isinstance(fetched, Fetched)
    assert sink.said == ["1 of 2", "200"]
    assert [(event.status, event.error) for event in events] == [(503, None), (200, None)]


def test_a_cut_answer_has_a_status_and_an_error() -> None:
    with fake(says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")) as port:
        error, _, (event,) = get(port)
    assert isinstance(error, ProtocolError)
    assert (event.status, event.bytes, event.error) == (200, 1, str(error))


def test_nobody_there_is_told_too() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        error, _, (event,) = get(str(unused.getsockname()[1]))
    assert isinstance(error, NetworkError)
    assert (event.status, event.error) == (None, str(error))


def test_what_was_taken_cannot_be_taken_back() -> None:
    reset = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"
    with fake(says(reset, answer("200 OK", b"y"))) as port:
        error, sink, events = get(port, FetchOptions(retries=3), Sink(restarts=False))
    assert isinstance(error, CutOffError) and len(events) == 1
    assert sink.body == b"x"


def test_limits_and_parts() -> None:
    with fake(says(answer("200 OK", b"12345"), answer("200 OK", b"12345"))) as port:
        error, _, _ = get(port, FetchOptions(max_size=4))
        assert isinstance(error, NegativeAnswerError) and error.hint == "size of a body"
        _, sink, _ = get(port, FetchOptions(range=Range(0, 1)))
    assert sink.said == ["range ignored", "200"]


def test_an_answer_that_is_no() -> None:
    with fake(says(answer("404 Not Found"))) as port:
        fetched, _, (event,) = get(port)
    assert isinstance(fetched, Fetched) and (event.status, event.error) == (404, None)
    with pytest.raises(NegativeAnswerError, match="/a: 404 Not Found"):
        fetched.check_status()


def test_a_date_says_when_to_come_back() -> None:
    long_ago = "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT"
    with fake(says(answer("503 Busy", b"", long_ago), answer("200 OK", b"x"))) as port:
        fetched, sink, _ = get(port, FetchOptions(retries=1))
    assert isinstance(fetched, Fetched) and sink.said == ["1 of 1", "200"]


def test_tries_that_the_deadline_cuts_off_say_so() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = split_url(f"http://127.0.0.1:{unused.getsockname()[1]}/")
        options = FetchOptions(retries=50, retry_refused=True)
        with pytest.raises(
            NetworkError, match="connection refused .*; no time for more after 2 tries"
        ) as caught:
            fetch(url, options, Deadline(0.6, "x"), Network(), Sink())
    assert caught.value.hint == "deadline"


TAGGED = ('ETag: "1"', "Accept-Ranges: bytes")
CUT = b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nETag: "1"\r\n\r\nabcd'


def rest(body: bytes, first: int = 4, total: int = 9, tag: str = '"1"') -> bytes:
    last = first + len(body) - 1
    return answer("206 Part", body, f"Content-Range: bytes {first}-{last}/{total}", f"ETag: {tag}")


def test_a_body_that_is_cut_off_goes_on_where_it_ended() -> None:
    heard: list[bytes] = []
    with fake(says(CUT, rest(b"efghi"), heard_all=heard)) as port:
        fetched, sink, events = get(port, FetchOptions(retries=1), Sink(continues=Part(0)))
    assert isinstance(fetched, Fetched) and sink.body == b"abcdefghi"
    assert b'\r\nRange: bytes=4-\r\nIf-Range: "1"\r\n' in heard[1]
    assert sink.said == ["200", "1 of 1", "206"] and len(events) == 2


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([answer("200 OK", b"123456789", 'ETag: "2"')], "it is not what it was"),
        ([answer("200 OK", b"123456789", 'ETag: "1"')], "the server sends no part of it"),
        ([answer("200 OK", b"123456789")], "the server sends all of it"),
        ([rest(b"efghi", tag='"2"'), answer("200 OK", b"123456789")], "changed meanwhile"),
        ([rest(b"efghi", total=10), answer("200 OK", b"123456789")], "it had 9 bytes and has 10 now"),
        (
            [answer("416 No", b"", "Content-Range: bytes */3"), answer("200 OK", b"123456789")],
            "it has only 3 bytes now",
        ),
        ([answer("416 No", b"", 'ETag: "1"'), answer("200 OK", b"123456789")], "the server has no more"),
    ],
)
def test_what_has_changed_begins_at_the_beginning(answers: list[bytes], said: str) -> None:
    with fake(says(*answers)) as port:
        fetched, sink, _ = get(port, None, Sink(continues=Part(4, '"1"', None, 9)))
    assert isinstance(fetched, Fetched) and sink.body == b"123456789"
    assert said in sink.said[0] and sink.said[0].endswith("from the beginning")


def test_a_part_of_which_nothing_is_missing() -> None:
    with fake(says(answer("416 No", b"why", "Content-Range: bytes */9"))) as port:
        fetched, sink, _ = get(port, None, Sink(continues=Part(9, '"1"', None, 9)))
    assert isinstance(fetched, Fetched) and fetched.was_complete and sink.body == b"x" * 9
    fetched.check_status()


@pytest.mark.parametrize("served", [rest(b"efghi", first=5), rest(b"efg"), answer("404 Not Found", b"gone")])
def test_a_part_is_not_mixed_with_what_does_not_fit(served: bytes) -> None:
    with fake(says(served)) as port:
        result, _, _ = get(port, None, Sink(continues=Part(4, '"1"', None, 9)))
    if isinstance(result, Fetched):
        assert result.response.status == 404
    else:
        assert isinstance(result, ProtocolError)


def test_a_part_of_an_unknown_version_goes_on_and_says_so() -> None:
    heard: list[bytes] = []
    with fake(says(rest(b"efghi"), heard_all=heard)) as port:
        _, sink, _ = get(port, None, Sink(continues=Part(4)))
    assert sink.body == b"xxxxefghi" and "only its size is sure" in sink.said[0]
    assert b"If-Range" not in heard[0]


def test_a_silence_is_an_error_and_a_slow_body_is_none() -> None:
    def drip(sock: socket.socket) -> None:
        sock.recv(65536)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nx")
        sock.recv(1)

    with fake(drip) as port:
        error, sink, _ = get(port, FetchOptions(stall=0.1))
    assert (
        isinstance(error, DeadlineError) and error.hint == "stall" and "nothing came for 0.1 s" in str(error)
    )
    assert sink.body == b"x"


def test_a_body_that_is_not_what_it_says_names_its_url() -> None:
    with fake(says(answer("200 OK", b"plain", "Content-Encoding: gzip"))) as port:
        error, _, _ = get(port)
    assert isinstance(error, ProtocolError) and str(error).startswith(
        f"http://127.0.0.1:{port}/a: the body is"
    )


def test_codings_are_undone_where_they_were_asked_for() -> None:
    packed = gzip.compress(b"text")
    served = answer("200 OK", packed, "Content-Encoding: x-gzip")
    heard: list[bytes] = []
    with fake(says(*[served] * 4, heard_all=heard)) as port:
        bodies = [
            get(port, options)[1]
            for options in (
                FetchOptions(),
                FetchOptions(decoded=False),
                FetchOptions(fields=(("Accept-Encoding", "identity"),)),
                FetchOptions(fields=(("accept-encoding", "br, gzip;q=0.5"),)),
            )
        ]
    assert [sink.body for sink in bodies] == [b"text", packed, packed, b"text"]
    assert bodies[1].said == ["stays x-gzip", "200"]
    assert b"Accept-Encoding: identity\r\n" in heard[1]


@pytest.mark.parametrize("place", ["myapp://open", "mailto:a@b", "http://[", "", "/ok"])
def test_a_redirect_that_is_not_followed_is_an_answer(place: str) -> None:
    with fake(says(answer("302 Found", b"moved", f"Location: {place}"))) as port:
        fetched, sink, _ = get(port)
    assert isinstance(fetched, Fetched) and sink.body == b"moved"


def test_a_redirect_to_nowhere_is_an_answer() -> None:
    with fake(says(answer("302 Found", b"moved", "Location:"))) as port:
        fetched, sink, events = get(port, FetchOptions(follow=True))
    assert isinstance(fetched, Fetched) and sink.body == b"moved" and len(events) == 1


def test_what_was_tolerated_is_told_to_those_who_want_details() -> None:
    folded = b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nTransfer-Encoding: chunked\r\n\r\n1  \r\nx\r\n0 \r\n\r\n"
    with fake(says(folded)) as port:
        _, sink, _ = get(port)
    assert len(sink.details) == 2 and all("/a: tolerated: " in line for line in sink.details)
    assert sink.body == b"x"
