"""Sends datagrams: as they are, numbered, in a hurry or at a pace, with or without an answer."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any, NamedTuple

from pynetdb.clients.payloads import Payloads
from pynetdb.errors import DeadlineError, PynetdbError
from pynetdb.net.addresses import Target
from pynetdb.net.client.udp_socket import UdpClientSocket
from pynetdb.net.deadline import Deadline
from pynetdb.net.network import Network
from pynetdb.protocols import sequence
from pynetdb.wording import format_count

# With a pace above this many datagrams a second several go out at a time: no clock wakes us oftener.
_MAX_WAKEUPS_A_SECOND = 1000.0


class Reply(NamedTuple):
    """What came back for a message."""

    number: int
    sender: str
    payload: bytes
    round_trip: float
    """Seconds since the first try was sent: which one was answered nobody knows."""


class Tally:
    """What a sending came to."""

    def __init__(self) -> None:
        self.sent = 0
        """Datagrams, repeated ones too."""
        self.bytes = 0
        self.replies = 0
        self.unanswered = 0
        """Messages that got no reply though one was waited for."""
        self.strays = 0
        """Answers that came too late for their message."""
        self.seconds = 0.0
        self.complete = True
        """Whether all left before the deadline."""

    def count(self, number: int, size: int) -> None:
        self.sent += number
        self.bytes += number * size

    def summary(self) -> dict[str, Any]:
        rate = round(self.sent / self.seconds, 1) if self.seconds else None
        return {
            "sent": self.sent,
            "bytes": self.bytes,
            "seconds": round(self.seconds, 6),
            "rate": rate,
            "replies": self.replies,
            "unanswered": self.unanswered,
            "strays": self.strays,
        }


@dataclass(frozen=True)
class SendOptions:
    """How datagrams are sent: each payload `count` times, with a header of its own if `numbered`.

    `interval` seconds lie between two, or `rate` go a second. With `reply` each is answered, after at most
    `retries` more tries, and by as many as `replies` says.
    """

    count: int = 1
    interval: float = 0.0
    rate: float | None = None
    numbered: bool = False
    reply: bool = False
    retries: int = 0
    replies: int = 1
    """How many answers a message may get, as in discovery protocols; 0 is as many as come in its time."""
    broadcast: bool = False
    interface: str | None = None

    @property
    def pause(self) -> float:
        """Seconds between two datagrams that are sent one by one."""
        return self.interval or (1 / self.rate if self.rate else 0.0)


def run_sending(
    target: Target,
    deadline: Deadline,
    network: Network,
    payloads: Payloads,
    replied: Callable[[int, str, bytes, float], None],
    options: SendOptions,
) -> Tally:
    """Reach `target`, send the payloads to it as the options say, and emit ExchangeDone.

    `replied` is called with the number, the sender, the payload and the round trip of each answer.
    Raises NetworkError, DeadlineError, and PayloadError for a line that no datagram can be; that not all was
    sent or answered before the deadline the tally tells, see `missed`.
    """
    repeated = chain.from_iterable(repeat(payload, options.count) for payload in payloads)
    outgoing = number_payloads(repeated) if options.numbered else repeated
    tally = Tally()
    error: str | None = None
    try:
        with UdpClientSocket.open(
            target, deadline, network, broadcast=options.broadcast, interface=options.interface
        ) as datagrams:
            _send_all(datagrams, payloads, outgoing, replied, tally, options)
        for payload in datagrams.unsent:
            tally.count(-1, len(payload))
            tally.complete = False
        if missing := missed(target, tally, deadline.timeout):
            error = str(missing)
    except PynetdbError as failure:
        error = str(failure)
        raise
    finally:
        if network.events:
            from pynetdb.events.exchange import ExchangeDone

            network.events.emit(ExchangeDone("udp", str(target), tally.summary(), error))
    return tally


def _send_all(
    datagrams: UdpClientSocket,
    payloads: Payloads,
    outgoing: Iterable[bytes],
    replied: Callable[[int, str, bytes, float], None],
    tally: Tally,
    options: SendOptions,
) -> None:
    """Send in the way that the options ask for; what is not sent by the deadline makes it incomplete."""
    started = time.monotonic()
    try:
        if options.reply:
            ask(datagrams, outgoing, replied, tally, payloads.count * options.count, options)
        elif payloads.single is not None and not options.numbered and not options.interval:
            send_copies(datagrams, payloads.single, tally, options.count, options.rate)
        else:
            send(datagrams, outgoing, tally, options.pause)
    except DeadlineError:
        tally.complete = False
    finally:
        tally.seconds = time.monotonic() - started


def missed(target: Target, tally: Tally, timeout: float) -> DeadlineError | None:
    """Return the error for messages without an answer, or for what was not sent in time; None for neither."""
    if tally.unanswered:
        asked = tally.replies + tally.unanswered
        return DeadlineError(f"{target}: {tally.unanswered} of {asked} got no answer within {timeout:g} s")
    if not tally.complete:
        sent = format_count(tally.sent, "datagram")
        return DeadlineError(f"{target}: {sent} sent within {timeout:g} s, and not all", hint="deadline")
    return None


def number_payloads(payloads: Iterable[bytes]) -> Iterator[bytes]:
    """Put a header with a number and the time in front of each, as `protocols.sequence` defines it."""
    for number, payload in enumerate(payloads):
        yield sequence.encode(sequence.Header(number, time.time_ns()), payload)


def send(datagrams: UdpClientSocket, payloads: Iterable[bytes], tally: Tally, interval: float = 0.0) -> None:
    """Send each payload once, `interval` seconds apart. Raises NetworkError, at last for a closed port."""
    due = time.monotonic()
    for payload in payloads:
        if interval and tally.sent:
            due += interval
            time.sleep(max(due - time.monotonic(), 0.0))
        datagrams.send_many(payload, 1)
        tally.count(1, len(payload))
    datagrams.check()


def send_copies(
    datagrams: UdpClientSocket, payload: bytes, tally: Tally, count: int, rate: float | None
) -> None:
    """Send one payload `count` times: as fast as it goes, or `rate` a second."""
    started = time.monotonic()
    if rate is None:
        datagrams.send_many(payload, count)
        tally.count(count, len(payload))
    while tally.sent < count and rate is not None:
        due = min(int((time.monotonic() - started) * rate) + 1, count)
        if due > tally.sent:
            datagrams.send_many(payload, due - tally.sent)
            tally.count(due - tally.sent, len(payload))
        time.sleep(max(1 / _MAX_WAKEUPS_A_SECOND, 1 / rate) / 2)
    datagrams.check()


def ask(
    datagrams: UdpClientSocket,
    payloads: Iterable[bytes],
    replied: Callable[[int, str, bytes, float], None],
    tally: Tally,
    messages: int,
    options: SendOptions,
) -> None:
    """Send each payload and wait for an answer, `retries` more times if there is none.

    Each of the `messages` has a fair share of the time until the deadline, and each try a fair share of
    that. Raises NetworkError for a closed port.
    """
    owed = 0
    for number, payload in enumerate(payloads):
        if number and options.interval:
            time.sleep(min(options.interval, datagrams.deadline.left()))
        if owed:
            # Answers to earlier tries may still come, and must not be taken for answers to this message.
            tally.strays += datagrams.restart()
        share = datagrams.deadline.left() / max(messages - number, 1)
        before = tally.sent
        replies = 0
        for reply in _replies(datagrams, payload, number + 1, share, tally, options):
            replies += 1
            tally.replies += 1
            replied(*reply)
        tally.unanswered += not replies
        owed = tally.sent - before - replies


def _replies(
    datagrams: UdpClientSocket,
    payload: bytes,
    number: int,
    share: float,
    tally: Tally,
    options: SendOptions,
) -> Iterator[Reply]:
    """Try until there is an answer, or no try or no time is left; then yield as many as are wanted."""
    asked = time.perf_counter()
    tries = options.retries + 1
    answer = None
    for _ in range(tries):
        if answer is not None or not datagrams.deadline.left():
            break
        datagrams.send_many(payload, 1)
        tally.count(1, len(payload))
        answer = datagrams.receive_from(share / tries)
    replies = 0
    while answer is not None:
        replies += 1
        yield Reply(number, answer[1], answer[0], time.perf_counter() - asked)
        left = share - (time.perf_counter() - asked)
        if replies == options.replies or left <= 0:
            return
        answer = datagrams.receive_from(left)
