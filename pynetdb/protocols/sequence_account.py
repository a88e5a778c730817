"""One sender's numbered datagrams, without those whose header cannot be true.

A bit that flips on the way, or a stranger, makes a number that is ahead of all others or a moment in another
century. As in RFC 3550 (section A.1) such a datagram is believed only if others bear it out.
"""

from collections import deque
from typing import NamedTuple

from pynetdb.protocols.sequence import Statistics

MAX_DROPOUT = 3000
"""How many numbers may be missing before one that no other datagram is near (RFC 3550, section A.1)."""

# How many later datagrams are heard before one is judged, and how many of them show that a sender began anew.
_WITNESSES = 4
_MIN_SEQUENTIAL = 2


class _Arrival(NamedTuple):
    number: int
    sent: int
    now: int


class Account:
    """Statistics of those datagrams that can be true.

    A sender numbers its datagrams in the order of time, and whatever order they come in, no two of them
    contradict each other in that. Each is judged by the last that was believed and by those that come after
    it; so the statistics are complete after `settle` alone.
    """

    def __init__(self) -> None:
        self.statistics = Statistics()
        self.ignored = 0
        """Datagrams whose number or time contradicts the others: neither arrived nor timed."""
        self._believed: _Arrival | None = None
        self._waiting: deque[_Arrival] = deque()

    def received(self, number: int, sent: int, now: int) -> None:
        """Take a datagram; `sent` is from its header, `now` the moment of its arrival, in nanoseconds."""
        self._waiting.append(_Arrival(number, sent, now))
        if len(self._waiting) > _WITNESSES:
            self._judge()

    def settle(self) -> None:
        """Judge those that still waited for others: no more will come."""
        while self._waiting:
            self._judge()

    def _judge(self) -> None:
        arrival = self._waiting.popleft()
        if self._follows(arrival) or self._is_plausible(arrival):
            self.statistics.received(*arrival)
            self._believed = arrival
        else:
            self.ignored += 1

    def _follows(self, arrival: _Arrival) -> bool:
        """Say whether this is the next number, with the one behind it: what most are, quickly told."""
        before = self._believed
        if before is None or not self._waiting:
            return False
        after = self._waiting[0]
        return (
            before.number + 1 == arrival.number == after.number - 1
            and before.sent <= arrival.sent <= after.sent
        )

    def _is_plausible(self, arrival: _Arrival) -> bool:
        before, witnesses = self._believed, list(self._waiting)
        if before is not None:
            others = [witness for witness in witnesses if _contradict(witness, before)]
            if _contradict(arrival, before):
                return len(others) >= _MIN_SEQUENTIAL and 2 * len(others) > len(witnesses)
            witnesses = [witness for witness in witnesses if witness not in others]
        contradicting = sum(_contradict(witness, arrival) for witness in witnesses)
        if 2 * contradicting > len(witnesses):
            return False
        if arrival.number - self.statistics.expected <= MAX_DROPOUT:
            return True
        return any(abs(witness.number - arrival.number) <= MAX_DROPOUT for witness in witnesses)


def _contradict(one: _Arrival, other: _Arrival) -> bool:
    """Say whether the one with the higher number was sent before the other."""
    return (one.number - other.number) * (one.sent - other.sent) < 0
