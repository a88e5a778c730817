"""Whom a UDP server may answer, and how often: a forged sender must not set two servers talking for ever."""

import socket
import time
from typing import Any

from pynetdb.net.sockets import Sockets

# Services that answer any datagram (CERT Advisory CA-1996-01): echo, daytime, qotd, chargen, time, ntp.
WELL_KNOWN_PORTS = frozenset({7, 13, 17, 19, 37, 123})

# Where our own UDP services listen by default: serve-echo, serve-time (ntp, daytime, time), udp-recv.
OUR_PORTS = frozenset({9128, 1123, 1013, 1037, 9999})

LOOPING_PORTS = WELL_KNOWN_PORTS | OUR_PORTS

DEFAULT_RATE = 1000
"""Answers a second to one peer: more than anybody asks by hand, and little for two servers that talk."""

# How many peers are told apart; those beyond share one account, so that forged addresses cannot fill memory.
_MAX_PEERS = 10_000

# How often at most the accounts are looked through for those that have run out.
_SWEEP = 0.1


class AnswerGuard:
    """Says for each answer whether it may go: not to services, not to ourselves, and to nobody too often.

    A peer gets at most `rate` answers within a second from the first of them; with 0 there is no such bound.
    """

    def __init__(self, rate: float, sockets: Sockets) -> None:
        self._rate = rate
        self._sockets = sockets
        # For each peer when its second is over, and how many answers are left to it until then.
        self._accounts: dict[Any, tuple[float, float]] = {}
        self._next_sweep = 0.0

    def permits(self, peer: Any, own_port: int, spared: frozenset[int] = LOOPING_PORTS) -> bool:
        """Say whether an answer may go to `peer`, and count it. `spared` are ports that never get one."""
        if peer[1] in spared or (peer[1] == own_port and self._is_own_host(peer[0])):
            return False
        return self._take(peer)

    def _take(self, peer: Any) -> bool:
        if not self._rate:
            return True
        now = time.monotonic()
        if peer not in self._accounts and len(self._accounts) >= _MAX_PEERS:
            self._sweep(now)
            if len(self._accounts) >= _MAX_PEERS:
                peer = None
        end, left = self._accounts.get(peer, (0.0, 0.0))
        if now >= end:
            end, left = now + 1.0, self._rate
        self._accounts[peer] = (end, left - 1)
        return left >= 1

    def _sweep(self, now: float) -> None:
        if now >= self._next_sweep:
            self._next_sweep = now + _SWEEP
            self._accounts = {peer: kept for peer, kept in self._accounts.items() if kept[0] > now}

    def _is_own_host(self, host: str) -> bool:
        """Whether an address is one of this machine's: then a socket can be bound to it."""
        plain, _, scope = host.partition("%")
        plain = _plain(plain)
        family = socket.AF_INET6 if ":" in plain else socket.AF_INET
        try:
            with self._sockets.create(family, socket.SOCK_DGRAM, "server") as probe:
                probe.bind((plain, 0, 0, socket.if_nametoindex(scope)) if scope else (plain, 0))
        except OSError:
            return False
        return True


def is_destination(host: str) -> bool:
    """Say whether `host`, an address, is a single machine's: neither a group, everybody, nor nobody."""
    import ipaddress

    address = ipaddress.ip_address(_plain(host))
    return not (address.is_multicast or address.is_unspecified or str(address) == "255.255.255.255")


def _plain(host: str) -> str:
    """Without a scope, and an IPv4 address as one, though a socket of both families writes it as IPv6."""
    return host.partition("%")[0].removeprefix("::ffff:")
