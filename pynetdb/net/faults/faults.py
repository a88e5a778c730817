"""Faults by chance that can be repeated: the same seed does the same to the same bytes."""

import random
from typing import TYPE_CHECKING

from pynetdb.net.addresses import format_address
from pynetdb.net.faults.specs import Specs

if TYPE_CHECKING:
    from typing import Any

    from pynetdb.net.network import Network


class Faults:
    """What is to be injected, and the chance that decides where.

    Each connection and each kind of fault has a random sequence of its own, so that neither the order in
    which peers come nor another fault changes what happens. Without a `seed` one is chosen.
    """

    def __init__(self, specs: Specs, seed: int | None = None) -> None:
        self.specs = specs
        self.seed = random.SystemRandom().randrange(1_000_000) if seed is None else seed
        self._refusals = self.sequence("refuse")

    def sequence(self, *names: str | int) -> random.Random:
        """Return the random sequence of that name."""
        # Not for secrets: it must come out the same again.
        return random.Random("/".join(map(str, (self.seed, *names))))  # noqa: S311

    def refuses(self) -> bool:
        """Decide on a new connection."""
        return self._refusals.random() < self.specs.refuse


class FaultTeller:
    """Tells of the faults on one connection, or of one socket's datagrams."""

    def __init__(self, network: "Network", who: str, connection: int | None, direction: str) -> None:
        self._network = network
        self._emits = network.events.wants_details
        self._narrates = bool(network.narrator)
        self._who = who
        self._connection = connection
        self._direction = direction

    def tell(
        self, fault: str, peer: "Any", size: int | None, seconds: float | None = None, words: str = ""
    ) -> None:
        """A fault was injected."""
        if self._emits:
            from pynetdb.events.faults import FaultInjected

            peer_text = peer if isinstance(peer, str) else format_address(peer)
            self._network.events.emit(
                FaultInjected(self._connection, peer_text, fault, self._direction, size, seconds)
            )
        if self._narrates:
            arguments = [] if seconds is None else [f"{seconds * 1000:.1f} ms"]
            note = f"a fault of ours, as it was asked for: {words or EXPLANATIONS[fault]}"
            self._network.narrator.tell(self._who, "fault", [fault, *arguments], None, note=note)


EXPLANATIONS = {
    "delay": "these bytes leave later, as on a long way",
    "rate": "from here on bytes leave no faster than a slow line lets them",
    "split": "from here on bytes leave in small pieces, as TCP may cut them anywhere",
    "stall": "nothing leaves for a while, as when a router is overloaded",
    "reset-after": "the connection is reset: the peer gets an error, and what was on its way is lost",
    "close-after": "the connection is closed in the middle: the peer gets an end that it does not expect",
    "refuse": "the new connection is reset at once",
    "drop": "this datagram is lost, and nobody is told",
    "duplicate": "this datagram arrives twice",
    "reorder": "this datagram arrives after the one that was sent behind it",
    "corrupt": "a bit is the other way round",
}
"""What each fault means, in the words of courses."""
