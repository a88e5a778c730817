"""Receives datagrams: shows them, counts them, answers them if asked to."""

import time
from collections.abc import Sequence
from typing import Any

from pynetdb.errors import NetworkError
from pynetdb.events.event import Event
from pynetdb.net.addresses import format_address, loopback_interfaces
from pynetdb.net.server.answers import LOOPING_PORTS, is_destination
from pynetdb.net.server.server import Server
from pynetdb.net.server.service import Service
from pynetdb.net.server.udp_socket import DatagramHandler, UdpServerSocket
from pynetdb.protocols import sequence
from pynetdb.protocols.sequence_account import Account

# What a C program would ask for, too: bursts must fit while we are busy (Linux grants rmem_max at most).
DEFAULT_BUFFER = 4 * 1024 * 1024

# How many senders with numbered datagrams are told apart; 64 KiB each, so that forged addresses cannot
# fill memory. Those beyond share one account.
_MAX_SENDERS = 64

# Ports of services, not of clients: whoever claims to send from there may be forged to reach them.
_SPARED = LOOPING_PORTS | frozenset(range(1024))

# How many datagrams are counted before the loop looks at timers and signals again.
_BURST = 1024

# A sender that does not stop must not keep us from stopping; the kernel's buffer is empty long before.
_LAST_TURNS = 1000


class ReceiveService(Service, DatagramHandler):
    """Emits an event for each datagram, or only counts them if nobody wants to see them.

    `reply` is sent back, cut to the size of what came, so that nobody can make us send more than they
    did; never to the port of a service, to everybody, or to ourselves. With `hexadecimal` payloads are never
    shown as text.
    """

    name = "udp-recv"
    scheme = "udp"
    client = "udp-send"
    receives_only = True
    emits_datagrams = False

    def __init__(
        self,
        *,
        reply: bytes | None = None,
        hexadecimal: bool = False,
        buffer: int = DEFAULT_BUFFER,
        group: str | None = None,
        interfaces: Sequence[str] = (),
    ) -> None:
        """`interfaces` are those on which to join `group`: addresses, for IPv6 names. One must be able to."""
        self.datagrams = self
        self.shares_port = group is not None
        self.unanswered = 0
        """Datagrams that came from where no answer may go."""
        self.cut = 0
        """Replies that were longer than the question."""
        self._dropped: int | None = None
        self._reply = reply
        self._hexadecimal = hexadecimal
        self._buffer = buffer
        self._group = group
        self._interfaces = interfaces
        self._accounts: dict[Any, Account] = {}
        self._sockets: list[UdpServerSocket] = []

    def attached(self, server: Server) -> None:
        self._server = server
        self._emits = server.events.wants_details

    def opened(self, udp_socket: UdpServerSocket) -> None:
        udp_socket.ask_for_buffer(self._buffer)
        if self._group is not None:
            self._join(udp_socket, self._group)
        self._sockets.append(udp_socket)

    def _join(self, udp_socket: UdpServerSocket, group: str) -> None:
        failure: NetworkError | None = None
        joined = 0
        for interface in self._interfaces:
            try:
                udp_socket.join(group, interface)
                joined += 1
            except NetworkError as error:
                failure = error  # A machine without a network still has its loopback.
        if failure is not None and not joined:
            raise failure

    def readable(self, udp_socket: UdpServerSocket) -> None:
        if self._emits or self._reply is not None or not udp_socket.can_count:
            udp_socket.receive_each()
            return
        most = int(min(self._server.remaining, _BURST))
        while most > 0:
            number, size, numbered = udp_socket.count(most, sequence.MAGIC)
            self._server.count_datagrams(number, size)
            if numbered is None:
                return
            self.datagram(udp_socket, *numbered)
            most -= number

    def datagram(self, udp_socket: UdpServerSocket, data: bytes, sender: Any) -> None:
        header = sequence.decode(data)
        if header is not None:
            self._account(sender).received(header.number, header.sent, time.time_ns())
        if self._emits:
            self._emit(data if header is None else data[sequence.SIZE :], sender, header)
        if self._reply is not None:
            if not is_destination(sender[0]):
                self.unanswered += 1
            elif udp_socket.answer(self._reply[: len(data)], sender, _SPARED):
                self.cut += len(self._reply) > len(data)

    def stopping(self) -> None:
        """Take what has arrived already, and note what the kernel dropped; while the sockets are open."""
        for udp_socket in self._sockets:
            for _ in range(_LAST_TURNS):
                before = self._server.statistics.datagrams
                if self._server.remaining > 0:
                    self.readable(udp_socket)
                if self._server.statistics.datagrams == before:
                    break
        counts = [udp_socket.dropped() for udp_socket in self._sockets]
        self._dropped = None if None in counts else sum(count or 0 for count in counts)

    def last_event(self, reason: str | None, summary: dict[str, Any]) -> Event:
        from pynetdb.events.receiving import ReceivingDone

        told: dict[str, Any] = {
            "datagrams": summary["datagrams"],
            "bytes": summary["bytes_received"],
            "seconds": summary["seconds"],
            **self._sequence_summary(),
        }
        if self._dropped is not None:
            told["dropped"] = self._dropped
        return ReceivingDone(told, self.cut, self.unanswered + summary.get("unanswered", 0))

    def _emit(self, payload: bytes, sender: Any, header: sequence.Header | None) -> None:
        from pynetdb.events.connections import DatagramReceived

        text = None if self._hexadecimal else _decode(payload)
        event = DatagramReceived(
            format_address(sender),
            len(payload),
            payload,
            text,
            payload.hex() if text is None else None,
            None if header is None else header.number,
        )
        self._server.events.emit(event)

    def _sequence_summary(self) -> dict[str, Any]:
        """Return loss, order and jitter of all numbered datagrams; empty if there were none."""
        accounts = self._accounts.values()
        if not accounts:
            return {}
        for account in accounts:
            account.settle()
        learned = [account.statistics for account in accounts]
        return {
            "lost": sum(statistics.lost for statistics in learned),
            "reordered": sum(statistics.reordered for statistics in learned),
            "duplicates": sum(statistics.duplicates for statistics in learned),
            "ignored": sum(account.ignored for account in accounts),
            "jitter_ms": round(max(statistics.jitter for statistics in learned) * 1000, 4),
        }

    def _account(self, sender: Any) -> Account:
        account = self._accounts.get(sender)
        if account is None:
            key = sender if len(self._accounts) < _MAX_SENDERS else None
            account = self._accounts.setdefault(key, Account())
        return account


def _decode(payload: bytes) -> str | None:
    """Return a payload as text; None where that would lose something."""
    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError:
        return None


def plan_membership(group: str, host: str | None) -> tuple[str, list[str], str]:
    """Return the group's address, the interfaces on which to join it, and the host to bind.

    `group` is an IPv4 address, or an IPv6 one that may name its interface (`ff02::fb%eth0`); `host` is the
    address of an interface, None to join on the network's and on loopback, where `udp-send` would send.
    Raises ValueError for what is no group.
    """
    import ipaddress

    address, _, interface = group.partition("%")
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        raise ValueError("expected a multicast address, such as 239.1.2.3 or ff02::fb") from None
    if not parsed.is_multicast:
        raise ValueError("expected a multicast address, 224.0.0.0 to 239.255.255.255 or ff00::/8")
    if parsed.version == 6:
        if host is not None and not interface:
            _, _, interface = host.partition("%")
            if not interface:
                raise ValueError("expected its interface behind it, as in ff02::fb%eth0, in place of a host")
        return str(parsed), [interface] if interface else ["", *loopback_interfaces()], "::"
    try:
        interfaces = ["127.0.0.1", "0.0.0.0"] if host is None else [str(ipaddress.IPv4Address(host))]  # noqa: S104
    except ValueError:
        raise ValueError("expected the IPv4 address of an interface as the host") from None
    return address, interfaces, "0.0.0.0"  # noqa: S104 - the group's datagrams come to its address
