"""The client of RFC 862: sends, and checks that the same bytes come back."""

import time
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pynetdb.errors import DeadlineError, ProtocolError, PynetdbError
from pynetdb.narration import preview
from pynetdb.net.addresses import Target
from pynetdb.net.client.stream import Stream
from pynetdb.net.client.udp_socket import UdpClientSocket
from pynetdb.net.deadline import Deadline
from pynetdb.net.network import Network
from pynetdb.wording import format_count

# Asked of the kernel at once: what a fast peer sends meanwhile, in one call.
_READ_SIZE = 256 * 1024

# Seconds that one of several datagrams is waited for. A network loses some, and the others need time too.
_DATAGRAM_TIMEOUT = 1.0

# A server that has not spoken for so many seconds may be waiting for us, who have nothing to say.
_SILENCE = 0.5


@dataclass(frozen=True)
class Reply:
    """One message that came back unchanged."""

    number: int
    payload: bytes
    round_trip: float
    """Seconds from its first byte sent to its last byte received."""


@dataclass
class Tally:
    """What an exchange came to."""

    sent: int = 0
    received: int = 0
    bytes: int = 0
    round_trips: "array[float]" = field(default_factory=lambda: array("d"))
    seconds: float = 0.0

    @property
    def lost(self) -> int:
        return self.sent - self.received

    def add(self, reply: Reply) -> None:
        self.received += 1
        self.bytes += len(reply.payload)
        self.round_trips.append(reply.round_trip)

    def round_trip_ms(self) -> dict[str, float | None]:
        """Return min, median, p99 and max in milliseconds; None each if nothing came back."""
        ordered = sorted(self.round_trips)
        if not ordered:
            return dict.fromkeys(("min", "median", "p99", "max"))
        picked = {"min": 0.0, "median": 0.5, "p99": 0.99, "max": 1.0}
        return {name: round(_quantile(ordered, share) * 1000, 4) for name, share in picked.items()}

    def line(self) -> str:
        """Return the figures in a line for people."""
        times = self.round_trip_ms()
        trip = ", ".join(f"{name} {value:.3f}" for name, value in times.items() if value is not None)
        rate = self.bytes / self.seconds / 1e6 if self.seconds else 0.0
        lost = f", {self.lost} lost" if self.lost else ""
        counts = f"{self.received} of {self.sent} came back{lost}"
        return f"{counts}; round trip in ms: {trip}; {rate:,.3f} MB/s each way"

    def summary(self) -> dict[str, Any]:
        """Return the figures by the names of the JSON output."""
        counts = {"sent": self.sent, "received": self.received, "bytes": self.bytes, "lost": self.lost}
        return {**counts, "rtt_ms": self.round_trip_ms()}


class Expectation:
    """Looks for a text in what a server says, however it is cut, without keeping all of it."""

    def __init__(self, text: bytes) -> None:
        self.met = not text
        self._text = text
        self._tail = b""

    def feed(self, data: bytes) -> None:
        if not self.met:
            window = self._tail + data
            self.met = self._text in window
            self._tail = window[-(len(self._text) - 1) :] if len(self._text) > 1 else b""


@dataclass(frozen=True)
class EchoOptions:
    """How payloads are sent: each `count` times, at most `in_flight` unanswered.

    Between the starts of two lie `interval` seconds at least. With `datagrams` over UDP.
    """

    datagrams: bool = False
    count: int = 1
    in_flight: int = 1
    interval: float = 0.0


def run_exchange(
    target: Target,
    deadline: Deadline,
    network: Network,
    payloads: Sequence[bytes],
    replied: Callable[[int, bytes, float], None],
    options: EchoOptions,
    expectation: Expectation,
) -> Tally:
    """Reach `target`, exchange the payloads with it, and emit ExchangeDone.

    `replied` is called with the number, the payload and the round trip of each that came back. Raises what
    `exchange` and `exchange_datagrams` raise.
    """
    repeated = (payload for payload in payloads for _ in range(options.count))

    def hand_on(reply: Reply) -> None:
        expectation.feed(reply.payload)
        replied(reply.number, reply.payload, reply.round_trip)

    with _told(network, target) as tally:
        if options.datagrams:
            with UdpClientSocket(target, deadline, network) as datagrams:
                exchange_datagrams(datagrams, repeated, hand_on, tally, options.in_flight, options.interval)
        else:
            with Stream.connect(target, deadline, network) as stream:
                exchange(stream, repeated, hand_on, tally, options.in_flight, options.interval)
    return tally


def run_listening(
    target: Target,
    deadline: Deadline,
    network: Network,
    said: Callable[[bytes], None],
    expectation: Expectation,
) -> Tally:
    """Reach `target`, hand what it says to `said` until it closes, and emit ExchangeDone.

    The tally counts bytes alone. Raises NetworkError and DeadlineError.
    """
    with _told(network, target) as tally, Stream.connect(target, deadline, network) as stream:
        for data in read_until_close(stream):
            tally.bytes += len(data)
            expectation.feed(data)
            said(data)
    return tally


@contextmanager
def _told(network: Network, target: Target) -> Iterator[Tally]:
    """Give a tally, and at the end tell whoever wants to know of what was counted in it."""
    tally = Tally()
    failure: str | None = None
    try:
        yield tally
    except PynetdbError as error:
        failure = str(error)
        raise
    finally:
        if network.events:
            from pynetdb.events.exchange import ExchangeDone

            network.events.emit(ExchangeDone("echo", str(target), tally.summary(), failure))


def read_until_close(stream: Stream) -> Iterator[bytes]:
    """Yield what the server says until it closes. Once it is silent we tell it that we have nothing to say.

    Not before: some servers stop in the middle of a word when their client half-closes.
    """
    told = False
    while True:
        if not told and not stream.ready(to_send=False, patience=_SILENCE)[0]:
            stream.shutdown_write()
            told = True
        if not (data := stream.receive(_READ_SIZE)):
            return
        yield data


def exchange(
    stream: Stream,
    payloads: Iterable[bytes],
    replied: Callable[[Reply], None],
    tally: Tally,
    in_flight: int = 1,
    interval: float = 0.0,
) -> None:
    """Send each payload over a connection, at most `in_flight` unanswered, and check what comes back.

    `interval` seconds at least lie between the starts of two. Payloads are not empty. What is done is counted
    in `tally`. Raises ProtocolError if the echo differs, NetworkError and DeadlineError.
    """
    waiting = _Outstanding(stream.peer)
    unsent = memoryview(b"")
    upcoming = iter(payloads)
    payload = next(upcoming, None)
    started = earliest = time.monotonic()
    while payload is not None or unsent or waiting:
        pause: float | None = None
        if payload is not None and not unsent and len(waiting) < in_flight:
            pause = earliest - time.monotonic()
            if pause <= 0:
                earliest = time.monotonic() + interval
                waiting.sent(payload)
                tally.sent += 1
                unsent = memoryview(payload)
                payload = next(upcoming, None)
                unsent = unsent[stream.send(unsent) :]
                continue
        if unsent or pause is not None:
            # The peer may be waiting for us to read before it reads on: do whichever is possible.
            readable, writable = stream.ready(to_send=bool(unsent), patience=pause)
        else:
            readable, writable = True, False  # Only receiving is left, and that waits by itself.
        if writable:
            unsent = unsent[stream.send(unsent) :]
        if readable:
            for reply in waiting.received(stream.receive(_READ_SIZE)):
                tally.add(reply)
                replied(reply)
    tally.seconds = time.monotonic() - started


def exchange_datagrams(
    datagrams: UdpClientSocket,
    payloads: Iterable[bytes],
    replied: Callable[[Reply], None],
    tally: Tally,
    in_flight: int = 1,
    interval: float = 0.0,
) -> None:
    """Send each payload as a datagram, at most `in_flight` unanswered, and check what comes back.

    A datagram that does not come back within a second (the deadline, if it is the only one) is lost.
    Raises ProtocolError for an answer that is nobody's echo, NetworkError, LossError if some were lost,
    and DeadlineError if nothing came back at all.
    """
    outstanding: deque[tuple[int, bytes, float]] = deque()
    late: set[bytes] = set()
    upcoming = iter(payloads)
    payload = next(upcoming, None)
    started = earliest = time.monotonic()
    while (payload is not None or outstanding) and datagrams.deadline.left():
        now = time.monotonic()
        if payload is not None and len(outstanding) < in_flight and now >= earliest:
            earliest = now + interval
            datagrams.send(payload)
            tally.sent += 1
            outstanding.append((tally.sent, payload, time.perf_counter()))
            payload = next(upcoming, None)
            continue
        alone = payload is None and tally.sent == 1
        patience = datagrams.deadline.left() if alone else _DATAGRAM_TIMEOUT
        if outstanding:
            patience -= time.perf_counter() - outstanding[0][2]
            if patience <= 0:
                late.add(outstanding.popleft()[1])  # Lost; should it come after all, it is no forgery.
                continue
        if payload is not None and len(outstanding) < in_flight:
            patience = min(patience, max(earliest - now, 0.0)) if outstanding else max(earliest - now, 0.0)
        answer = datagrams.receive(patience)
        if answer is None:
            continue
        match = next((sent for sent in outstanding if sent[1] == answer), None)
        if match is not None:
            outstanding.remove(match)
            reply = Reply(match[0], answer, time.perf_counter() - match[2])
            tally.add(reply)
            replied(reply)
        elif answer not in late:
            expected = outstanding[0][1] if outstanding else b""
            raise _differs(datagrams.peer, expected, answer)
    tally.seconds = time.monotonic() - started
    if not tally.received:
        told = f"none of {format_count(tally.sent, 'datagram')} came back (is a UDP server there?)"
        raise DeadlineError(f"{datagrams.peer}: {told}")
    if tally.lost:
        raise LossError(tally, datagrams.peer)


class LossError(DeadlineError):
    """Some datagrams came back and some did not; `tally` has the figures."""

    def __init__(self, tally: Tally, peer: str) -> None:
        super().__init__(f"{peer}: {tally.lost} of {format_count(tally.sent, 'datagram')} did not come back")
        self.tally = tally


class _Outstanding:
    """Messages on a connection whose echo has not come back whole, oldest first."""

    def __init__(self, peer: str) -> None:
        self._peer = peer
        self._messages: deque[tuple[int, bytes, float]] = deque()
        self._matched = 0  # bytes of the oldest message that are back
        self._number = 0

    def __len__(self) -> int:
        return len(self._messages)

    def sent(self, payload: bytes) -> None:
        self._number += 1
        self._messages.append((self._number, payload, time.perf_counter()))

    def received(self, data: bytes) -> Iterator[Reply]:
        """Match what arrived, and yield each message that is complete; `b''` is the end of the stream."""
        if not data:
            missing = sum(len(payload) for _, payload, _ in self._messages) - self._matched
            raise ProtocolError(f"{self._peer}: closed the connection, {missing} bytes of echo short")
        while data:
            if not self._messages:
                raise ProtocolError(f"{self._peer}: sent {len(data)} bytes more than it got: {preview(data)}")
            number, payload, started = self._messages[0]
            expected = payload[self._matched : self._matched + len(data)]
            if data[: len(expected)] != expected:
                raise _differs(self._peer, expected, data)
            data = data[len(expected) :]
            self._matched += len(expected)
            if self._matched == len(payload):
                self._messages.popleft()
                self._matched = 0
                yield Reply(number, payload, time.perf_counter() - started)


def _differs(peer: str, expected: bytes, got: bytes) -> ProtocolError:
    return ProtocolError(f"{peer}: the echo differs: expected {preview(expected)}, got {preview(got)}")


def _quantile(ordered: list[float], share: float) -> float:
    """The nearest-rank quantile of values in order; the median of an even number is the middle of two."""
    last = len(ordered) - 1
    if share == 0.5:
        return (ordered[last // 2] + ordered[(last + 1) // 2]) / 2
    return ordered[min(last, int(share * len(ordered)))]
