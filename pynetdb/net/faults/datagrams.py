"""What befalls datagrams on their way: lost, doubled, out of order, late, damaged."""

from collections.abc import Callable
from functools import partial
from typing import Any

from pynetdb.net.faults.faults import Faults, FaultTeller

# A datagram that is to arrive after its successor waits so long for one.
_MAX_HELD = 0.5


class DatagramFaults:
    """A way for datagrams, between who gives them to `carry` and `deliver`.

    `later` calls something after so many seconds. Each kind of fault has a random sequence of its own, and
    each datagram takes one number of each, so that the same seed does the same to the same datagrams.
    """

    def __init__(
        self,
        faults: Faults,
        name: str,
        teller: FaultTeller,
        deliver: Callable[[bytes, Any], None],
        later: Callable[[float, Callable[[], None]], object],
    ) -> None:
        self.pending = 0
        """Datagrams that are still on their way."""
        self._specs = faults.specs
        self._teller = teller
        self._deliver = deliver
        self._later = later
        self._held: list[tuple[float, bytes, Any]] = []
        self._drops = faults.sequence("drop", name)
        self._duplicates = faults.sequence("duplicate", name)
        self._reorders = faults.sequence("reorder", name)
        self._corruptions = faults.sequence("corrupt", name)
        self._delays = faults.sequence("delay", name)

    def carry(self, data: bytes, peer: Any) -> bool:
        """Deliver `data` now or later, once or twice, or not at all; return False if it is lost.

        `peer` is whom it comes from or goes to.
        """
        specs, tell = self._specs, self._teller.tell
        dropped = self._drops.random() < specs.drop
        doubled = self._duplicates.random() < specs.duplicate
        late = self._reorders.random() < specs.reorder
        damaged, bit = self._corruptions.random() < specs.corrupt, self._corruptions.random()
        delay = 0.0 if specs.delay is None else self._delays.uniform(*specs.delay)
        size = len(data)
        if dropped:
            tell("drop", peer, size)
            return False
        if damaged and size:
            tell("corrupt", peer, size)
            at = int(bit * size * 8)
            copy = bytearray(data)
            copy[at // 8] ^= 1 << at % 8
            data = bytes(copy)
        if doubled:
            tell("duplicate", peer, size)
        if specs.delay is not None:
            tell("delay", peer, size, delay)
        copies = [(delay, data, peer)] * (2 if doubled else 1)
        if late:
            tell("reorder", peer, size)
            if not self._held:
                self._later(_MAX_HELD, partial(self._release_late, self._held))
            self._held += copies
            self.pending += len(copies)
            return True
        for copy_of in copies:
            self._send(*copy_of)
        self.release()
        return True

    def _release_late(self, waiting: list[tuple[float, bytes, Any]]) -> None:
        if waiting is self._held:  # Else their successor came, and others wait now.
            self.release()

    def release(self) -> None:
        """Send on what waited for a successor."""
        held, self._held = self._held, []
        self.pending -= len(held)
        for waiting in held:
            self._send(*waiting)

    def _send(self, delay: float, data: bytes, peer: Any) -> None:
        if not delay:
            self._deliver(data, peer)
            return

        def arrive() -> None:
            self.pending -= 1
            self._deliver(data, peer)

        self.pending += 1
        self._later(delay, arrive)
