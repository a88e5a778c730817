"""Receives datagrams: shows them, counts them, answers them if asked to."""

import ipaddress
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from pynetdb.errors import NetworkError
from pynetdb.net.server.server import Server
from pynetdb.net.server.udp_socket import DatagramHandler, Endpoint
from pynetdb.protocols import sequence

# What a C program would ask for, too: bursts must fit while we are busy (Linux grants rmem_max at most).
DEFAULT_BUFFER = 4 * 1024 * 1024

# How many senders with numbered datagrams are told apart; 64 KiB each, so that forged addresses cannot
# fill memory. Those beyond share one account.
_MAX_SENDERS = 64

# Ports of services, not of clients: whoever claims to send from there may be forged to reach them.
_FIRST_CLIENT_PORT = 1024

# How many datagrams are counted before the loop looks at timers and signals again.
_BURST = 1024

# A sender that does not stop must not keep us from stopping; the kernel's buffer is empty long before.
_LAST_TURNS = 1000


class Datagram(NamedTuple):
    """One datagram, as it is shown."""

    sender: Any
    payload: bytes
    header: sequence.Header | None
    """What `udp-send --sequence` put in front; it is not part of the payload."""
    time: float
    """Seconds since 1970 when it was received."""


class Receiver(DatagramHandler):
    """Hands each datagram to `show`, or only counts them if that is None.

    `reply` is sent back, cut to the size of what came, so that nobody can make us send more than they
    did; never to a port below 1024, to everybody, or to ourselves.
    """

    def __init__(
        self,
        server: Server,
        show: Callable[[Datagram], None] | None,
        *,
        reply: bytes | None = None,
        buffer: int = DEFAULT_BUFFER,
        group: str | None = None,
        interfaces: Sequence[str] = (),
    ) -> None:
        """`interfaces` are the addresses of those on which to join `group`; one of them must be able to."""
        self.dropped: int | None = None
        """Datagrams for which the kernel had no room, once it was asked by `last_look`."""
        self.unanswered = 0
        """Datagrams that came from where no answer may go."""
        self.cut = 0
        """Replies that were longer than the question."""
        self._server = server
        self._show = show
        self._reply = reply
        self._buffer = buffer
        self._group = group
        self._interfaces = interfaces
        self._accounts: dict[Any, sequence.Statistics] = {}
        self._counting = False
        self._endpoints: list[Endpoint] = []

    def opened(self, endpoint: Endpoint) -> None:
        endpoint.ask_for_buffer(self._buffer)
        if self._group is not None:
            self._join(endpoint, self._group)
        self._endpoints.append(endpoint)

    def _join(self, endpoint: Endpoint, group: str) -> None:
        failure: NetworkError | None = None
        joined = 0
        for interface in self._interfaces:
            try:
                endpoint.join(group, interface)
                joined += 1
            except NetworkError as error:
                failure = error  # A machine without a network still has its loopback.
        if failure is not None and not joined:
            raise failure

    def readable(self, endpoint: Endpoint) -> None:
        # Once the first one had no number, the others are taken to have none: they are only counted.
        if self._counting:
            number, size = endpoint.count(int(min(self._server.left, _BURST)))
            self._server.counted_datagrams(number, size)
        else:
            endpoint.receive_each()

    def datagram(self, endpoint: Endpoint, data: bytes, sender: Any) -> None:
        header = sequence.decode(data)
        if header is not None:
            self._account(sender).received(header.number, header.sent, time.time_ns())
        elif self._show is None and self._reply is None:
            self._counting = True
        if self._show is not None:
            payload = data if header is None else data[sequence.SIZE :]
            self._show(Datagram(sender, payload, header, time.time()))
        if self._reply is not None:
            if _may_answer(endpoint, sender):
                self.cut += len(self._reply) > len(data)
                endpoint.send(self._reply[: len(data)], sender)
            else:
                self.unanswered += 1

    def last_look(self) -> None:
        """Take what has arrived already, and note what the kernel dropped; while the sockets are open."""
        for endpoint in self._endpoints:
            for _ in range(_LAST_TURNS):
                before = self._server.statistics.datagrams
                if self._server.left > 0:
                    self.readable(endpoint)
                if self._server.statistics.datagrams == before:
                    break
        counts = [endpoint.dropped() for endpoint in self._endpoints]
        self.dropped = None if None in counts else sum(count or 0 for count in counts)

    def sequence_summary(self) -> dict[str, Any]:
        """Return loss, order and jitter of all numbered datagrams; empty if there were none."""
        accounts = self._accounts.values()
        if not accounts:
            return {}
        return {
            "lost": sum(account.lost for account in accounts),
            "reordered": sum(account.reordered for account in accounts),
            "duplicates": sum(account.duplicates for account in accounts),
            "jitter_ms": round(max(account.jitter for account in accounts) * 1000, 4),
        }

    def _account(self, sender: Any) -> sequence.Statistics:
        account = self._accounts.get(sender)
        if account is None:
            key = sender if len(self._accounts) < _MAX_SENDERS else None
            account = self._accounts.setdefault(key, sequence.Statistics())
        return account


def _may_answer(endpoint: Endpoint, sender: Any) -> bool:
    if sender[1] < _FIRST_CLIENT_PORT or not endpoint.may_answer(sender):
        return False
    address = ipaddress.ip_address(sender[0].partition("%")[0])
    return not (address.is_multicast or address.is_unspecified or str(address) == "255.255.255.255")
