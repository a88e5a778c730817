"""Sends datagrams: as they are, numbered, in a hurry or at a pace, with or without an answer."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from pynetdb.net.client.udp_socket import UdpClientSocket
from pynetdb.protocols import sequence

# With a pace above this many datagrams a second several go out at a time: no clock wakes us oftener.
_TICKS = 1000.0


class Reply(NamedTuple):
    """What came back for a message."""

    number: int
    sender: str
    payload: bytes
    round_trip: float
    """Seconds since the try that was answered was sent."""


class Tally:
    """What a sending came to."""

    def __init__(self) -> None:
        self.sent = 0
        """UdpClientSocket, repeated ones too."""
        self.bytes = 0
        self.replies = 0
        self.unanswered = 0
        """Messages that got no reply though one was waited for."""
        self.seconds = 0.0

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
        }


def numbered(payloads: Iterable[bytes]) -> Iterator[bytes]:
    """Put the header of `--sequence` in front of each."""
    for number, payload in enumerate(payloads):
        yield sequence.encode(sequence.Header(number, time.time_ns()), payload)


def send(datagrams: UdpClientSocket, payloads: Iterable[bytes], *, interval: float = 0.0) -> Tally:
    """Send each payload once, `interval` seconds apart. Raises NetworkError, at last for a closed port."""
    tally = Tally()
    started = time.monotonic()
    due = started
    for payload in payloads:
        if interval and tally.sent:
            due += interval
            time.sleep(max(due - time.monotonic(), 0.0))
        datagrams.send_many(payload, 1)
        tally.count(1, len(payload))
    datagrams.check()
    tally.seconds = time.monotonic() - started
    return tally


def send_copies(datagrams: UdpClientSocket, payload: bytes, count: int, rate: float | None) -> Tally:
    """Send one payload `count` times: as fast as it goes, or `rate` a second."""
    tally = Tally()
    started = time.monotonic()
    if rate is None:
        datagrams.send_many(payload, count)
        tally.count(count, len(payload))
    while tally.sent < count and rate is not None:
        due = min(int((time.monotonic() - started) * rate) + 1, count)
        if due > tally.sent:
            datagrams.send_many(payload, due - tally.sent)
            tally.count(due - tally.sent, len(payload))
        time.sleep(max(1 / _TICKS, 1 / rate) / 2)
    datagrams.check()
    tally.seconds = time.monotonic() - started
    return tally


def ask(
    datagrams: UdpClientSocket,
    payloads: Iterable[bytes],
    replied: Callable[[Reply], None],
    *,
    messages: int,
    retries: int = 0,
    interval: float = 0.0,
) -> Tally:
    """Send each payload and wait for an answer, `retries` more times if there is none.

    Each of the `messages` has a fair share of the time until the deadline, and each try a fair share of
    that. Raises NetworkError for a closed port.
    """
    tally = Tally()
    started = time.monotonic()
    for number, payload in enumerate(payloads):
        if number and interval:
            time.sleep(min(interval, datagrams.deadline.left()))
        share = datagrams.deadline.left() / max(messages - number, 1)
        reply = _answered(datagrams, payload, number + 1, share / (retries + 1), retries + 1, tally)
        if reply is None:
            tally.unanswered += 1
        else:
            tally.replies += 1
            replied(reply)
    tally.seconds = time.monotonic() - started
    return tally


def _answered(
    datagrams: UdpClientSocket, payload: bytes, number: int, patience: float, tries: int, tally: Tally
) -> Reply | None:
    """Try until there is an answer, or no try or no time is left."""
    while tries and datagrams.deadline.left():
        tries -= 1
        asked = time.perf_counter()
        datagrams.send_many(payload, 1)
        tally.count(1, len(payload))
        answer = datagrams.receive_from(patience)
        if answer is not None:
            return Reply(number, answer[1], answer[0], time.perf_counter() - asked)
    return None
