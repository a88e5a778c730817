"""The numbered, timed header of `udp-send --sequence`, and what a receiver learns from it.

24 bytes in front of the payload, in network order: `pynetdb`, the version (1), the number of the
datagram (64 bits, from 0) and the moment of sending (64 bits, nanoseconds since 1970).
"""

import struct
from typing import NamedTuple

# Seven letters and a version: eight bytes that no text and no other protocol's datagram begins with.
MAGIC = b"pynetdb\x01"
"""What `udp-recv` recognises a header by: seven letters and the version."""

LAYOUT = struct.Struct("!8sQQ")
SIZE = LAYOUT.size

# How many datagrams late one can be and still be told from a duplicate: 64 KiB for each sender, however
# long it sends.
WINDOW = 1 << 16

# More than this between two times on the way is no jitter: a clock was set, or the header is not true.
_MAX_STEP = 10_000_000_000

IN_ORDER = "in order"
REORDERED = "reordered"
DUPLICATE = "duplicate"
TOO_LATE = "too late"


class Header(NamedTuple):
    """What stands in front of a payload."""

    number: int
    """0 for the first datagram."""
    sent: int
    """Nanoseconds since 1970 on the sender's clock."""


def encode(header: Header, payload: bytes = b"") -> bytes:
    """Return a datagram; the payload may be empty."""
    return LAYOUT.pack(MAGIC, header.number, header.sent) + payload


def decode(data: bytes) -> Header | None:
    """Return the header that a datagram begins with, or None: most datagrams have none.

    The payload is `data[SIZE:]`.
    """
    if not data.startswith(MAGIC) or len(data) < SIZE:
        return None
    return Header(*LAYOUT.unpack_from(data)[1:])


class Statistics:
    """What arrived of one sender's numbered datagrams, in constant memory.

    Numbers count from 0, so what was sent before anybody listened is lost as well; `first` tells.
    What was sent after the last arrival is unknown, as always with UDP.
    """

    def __init__(self) -> None:
        self.datagrams = 0
        """All that arrived, duplicates too."""
        self.first: int | None = None
        """The number that arrived first."""
        self.reordered = 0
        """Arrived after a higher number, and for the first time."""
        self.duplicates = 0
        self.too_late = 0
        """So old that late and duplicate cannot be told apart; not counted as arrived."""
        self._next = 0
        self._arrived = 0
        # Which of the last WINDOW numbers have arrived; a number's place is its remainder.
        self._seen = bytearray(WINDOW)
        self._transit: int | None = None
        self._jitter = 0.0

    @property
    def expected(self) -> int:
        """How many were sent, as far as the highest number tells."""
        return self._next

    @property
    def lost(self) -> int:
        """How many of the expected ones have not arrived."""
        return self._next - self._arrived

    @property
    def loss(self) -> float:
        """The lost part of the expected ones, 0 to 1."""
        return self.lost / self._next if self._next else 0.0

    @property
    def jitter(self) -> float:
        """How much the time on the way varies, in seconds (RFC 3550, sections 6.4.1 and A.8).

        The clocks of sender and receiver need not agree.
        """
        return self._jitter / 1e9

    def received(self, number: int, sent: int, now: int) -> str:
        """Count a datagram and say what it is: IN_ORDER, REORDERED, DUPLICATE or TOO_LATE.

        `sent` is from its header, `now` the moment of its arrival, both in nanoseconds.
        """
        self.datagrams += 1
        # D(i-1,i) is the difference of two transit times, so a constant clock error cancels out.
        transit = now - sent
        if self._transit is None:
            self.first = number
        elif (step := abs(transit - self._transit)) <= _MAX_STEP:
            self._jitter += (step - self._jitter) / 16
        self._transit = transit

        ahead = number - self._next
        if ahead < 0:
            return self._old(number, -ahead)
        if ahead:
            self._skip(ahead)
        self._seen[number % WINDOW] = 1
        self._next = number + 1
        self._arrived += 1
        return IN_ORDER

    def _skip(self, count: int) -> None:
        """Forget what the places of `count` missing numbers said before."""
        if count >= WINDOW:
            self._seen = bytearray(WINDOW)
            return
        start = self._next % WINDOW
        before_end = min(count, WINDOW - start)
        self._seen[start : start + before_end] = bytes(before_end)
        self._seen[: count - before_end] = bytes(count - before_end)

    def _old(self, number: int, age: int) -> str:
        if age > WINDOW:
            self.too_late += 1
            return TOO_LATE
        if self._seen[number % WINDOW]:
            self.duplicates += 1
            return DUPLICATE
        self._seen[number % WINDOW] = 1
        self._arrived += 1
        self.reordered += 1
        return REORDERED
