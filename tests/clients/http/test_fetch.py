"""Redirects, tries, limits, and the events of each exchange, with a sink that remembers."""

import socket
from collections.abc import Callable

import pytest
from fakes import Recorder, fake

from pynetdb.clients.http.byte_range import Range
from pynetdb.clients.http.fetch import Fetched, fetch
from pynetdb.clients.http.options import FetchOptions
from pynetdb.clients.http.url import Url, split_url
from pynetdb.errors import NegativeAnswerError, NetworkError, ProtocolError, PynetdbError
from pynetdb.events import Events, ResponseReceived
from pynetdb.net.deadline import Deadline
from pynetdb.net.network import Network
from pynetdb.protocols.http.responses import Response

Answers = Callable[[socket.socket], object]


def says(*answers: bytes) -> Answers:
    """A server that gives each client the next answer, whatever it asks."""
    left = list(answers)

    def talk(sock: socket.socket) -> None:
        heard = b""
        while b"\r\n\r\n" not in heard:
            heard += sock.recv(65536)
        sock.sendall(left.pop(0))

    return talk


def answer(status: str, body: bytes = b"", *fields: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


class Sink:
    """Takes an answer, and remembers what was said."""

    def __init__(self, *, restarts: bool = True) -> None:
        self.body = b""
        self.heads: list[int] = []
        self.said: list[str] = []
        self._restarts = restarts

    def head(self, response: Response) -> None:
        self.heads.append(response.status)

    def begin(self, url: Url, response: Response) -> None:
        self.said.append(f"{response.status}")

    def write(self, data: bytes) -> None:
        self.body += data

    def restart(self) -> bool:
        self.body = b""
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
    assert isinstance(error, PynetdbError) and len(events) == 1
    assert sink.body == b"x"


def test_limits_and_parts() -> None:
    with fake(says(answer("200 OK", b"12345"), answer("200 OK", b"12345"))) as port:
        error, _, _ = get(port, FetchOptions(max_size=4))
        assert isinstance(error, ProtocolError) and error.hint == "size of a body"
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
