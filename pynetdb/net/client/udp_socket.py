"""The blocking client side of UDP, every call under one deadline."""

import errno
import os
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from pynetdb.errors import NetworkError
from pynetdb.net.addresses import Resolved, Target, addresses_to_reach, format_address, is_loopback
from pynetdb.net.client.udp_segmentation import disable_gso, enable_gso
from pynetdb.net.client.waiting import allow_to_read
from pynetdb.net.deadline import Deadline
from pynetdb.net.network import Network
from pynetdb.net.os_errors import network_errors, number

# The largest UDP payload over IPv4: 65,535 less 20 bytes of IP and 8 of UDP header (RFC 768).
MAX_PAYLOAD = 65_507


class UdpClientSocket:
    """A UDP socket for one peer: nobody else's datagrams arrive, and a closed port is noticed.

    Only to a broadcast address or a multicast group, where others answer, it is open to everybody.
    Every method raises NetworkError when the network fails. Where somebody wants details, each datagram
    is emitted as DatagramSent or DatagramReceived.
    """

    unsent: Sequence[bytes] = ()
    """Payloads that were to be sent and had not left when the socket was closed."""

    def __init__(
        self,
        target: Target,
        deadline: Deadline,
        network: Network,
        *,
        broadcast: bool | None = None,
        interface: str | None = None,
    ) -> None:
        """Resolve `target`; nothing is sent yet. Raises DeadlineError when the resolver is too slow.

        Where nobody listens at the first of its addresses, what is sent goes to the next. `broadcast` allows
        a broadcast address, and None is for who cannot be asked to; `interface` is where multicast leaves: an
        address, for IPv6 a name.
        """
        self.peer = str(target)
        self.deadline = deadline
        self._events = network.events if network.events.wants_details else None
        self._network = network
        self._broadcast = bool(broadcast)
        self._may_ask = broadcast is False
        self._interface = interface
        # Those of the name's addresses that were not tried yet, until somebody has answered.
        self._untried = addresses_to_reach(target, socket.SOCK_DGRAM, network.sockets, deadline)
        self._last: bytes | None = None
        self._connect_next()

    def _connect_next(self) -> None:
        """Go on with the next of the peer's addresses that there is a way to."""
        while True:
            resolved = self._untried.pop(0)
            self.is_local = is_loopback(resolved.address)
            """Whether the peer is on this machine: nobody there minds being asked often."""
            try:
                with self._named_errors():
                    self._sock = self._connected(resolved)
                return
            except NetworkError:
                if not self._untried:
                    raise

    def _connected(self, resolved: Resolved) -> socket.socket:
        host = str(resolved.address[0])
        ipv6 = resolved.family == socket.AF_INET6
        multicast = host.lower().startswith("ff") if ipv6 else 224 <= int(host.split(".")[0]) < 240
        self._may_stay_here = multicast and self._interface is None and not ipv6
        self._everybody = resolved.address if self._broadcast or multicast else None
        self._resolved = resolved
        sock = self._network.sockets.create(resolved.family, socket.SOCK_DGRAM, "client")
        try:
            if self._broadcast:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            if multicast and self._interface is not None:
                if ipv6:
                    index = socket.if_nametoindex(self._interface)
                    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
                else:
                    address = socket.inet_aton(self._interface)
                    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, address)
            if self._everybody is None:
                sock.connect(resolved.address)
        except OSError:
            sock.close()
            raise
        return sock

    def _try_next(self) -> bool:
        """Nobody listens here: go on with the next address, if there is one, and send again what was sent."""
        if not self._untried:
            return False
        self._sock.close()
        self._connect_next()
        self._sock.settimeout(self.deadline.remaining())
        if self._last is not None:
            with network_errors(self.peer, "udp"):
                self._send(self._last)
        return True

    def restart(self) -> int:
        """Go on from another port of ours, so that late answers find nobody; return how many came already."""
        strays = 0
        self._sock.settimeout(0)
        with suppress(OSError):
            while True:
                self._sock.recv(65_536)
                strays += 1
        fresh = None
        with network_errors(self.peer, "udp"):
            fresh = self._connected(self._resolved)
        self._sock.close()
        self._sock = fresh
        return strays

    @staticmethod
    def open(target: Target, deadline: Deadline, network: Network, **more: Any) -> "UdpClientSocket":
        """Return a socket for `target`, with the faults of the network if there are any."""
        if network.faults is None:
            return UdpClientSocket(target, deadline, network, **more)
        from pynetdb.net.faults.client_socket import FaultyUdpClientSocket

        network.faults.specs.require(streams=False, datagrams=True)
        return FaultyUdpClientSocket(network.faults, target, deadline, network, **more)

    def send(self, data: bytes) -> None:
        """Send one datagram."""
        self._sock.settimeout(self.deadline.remaining())
        with self._errors():
            self._send(data)
        self._last = data
        self._find_listener()
        if self._events is not None:
            self._emit_sent(data, 1)

    def send_many(self, payload: bytes, count: int) -> None:
        """Send the same payload so often, in as few system calls as the system allows."""
        if self._untried and count:
            # The first one alone: it shows whether anybody listens at this address.
            self.send(payload)
            count -= 1
        at_once = enable_gso(self._sock, len(payload)) if self._everybody is None else 1
        block = payload * at_once
        # Blocking, without a timeout: a UDP send waits for the network card at most.
        self._sock.settimeout(None)
        with self._errors():
            while count:
                if at_once > 1 and count < at_once:
                    block = payload * count
                try:
                    self._send(block)
                except OSError as error:
                    if at_once == 1 or error.errno not in (errno.EINVAL, errno.EMSGSIZE, errno.EIO):
                        raise
                    # Larger than what this path carries in one piece, or a card that cannot do it.
                    disable_gso(self._sock)
                    at_once, block = 1, payload
                    continue
                if self._events is not None:
                    self._emit_sent(payload, min(at_once, count))
                count -= min(at_once, count)
            if at_once > 1:
                disable_gso(self._sock)

    def _find_listener(self) -> None:
        """As long as there are other addresses: leave one that the kernel knows to be deaf already."""
        while self._untried:
            try:
                self.check()
                return
            except NetworkError:
                self._try_next()

    def check(self) -> None:
        """Raise NetworkError if the kernel already knows that nobody listens there."""
        self._sock.settimeout(0)
        with self._errors():
            try:
                # Peeked at, so that an early answer is still there for `receive`.
                self._sock.recv(1, socket.MSG_PEEK)
            except BlockingIOError:
                self._raise_pending_error()

    def receive(self, patience: float) -> bytes | None:
        """Return the next datagram, or None if none came within `patience` seconds or the deadline."""
        answer = self.receive_from(patience)
        return None if answer is None else answer[0]

    def receive_from(self, patience: float) -> tuple[bytes, str] | None:
        """Like `receive`, with the sender's address as text."""
        end = time.monotonic() + min(patience, self.deadline.left())
        while True:
            try:
                answer = self._receive(max(end - time.monotonic(), 0.000_001))
                break
            except NetworkError:
                if not self._try_next():
                    raise
        if answer is None:
            return None
        self._untried.clear()  # Somebody is there.
        data, sender = answer
        if self._events is not None:
            from pynetdb.events.connections import DatagramReceived

            self._events.emit(DatagramReceived(sender, len(data), data))
        return answer

    def _receive(self, patience: float) -> tuple[bytes, str] | None:
        allow_to_read(self._sock, patience)
        with self._errors():
            try:
                if self._everybody is None:
                    data, sender = self._sock.recv(65_536), self.peer
                else:
                    data, address = self._sock.recvfrom(65_536)
                    sender = format_address(address)
            except TimeoutError:
                self._raise_pending_error()
                return None
        return data, sender

    def _emit_sent(self, payload: bytes, count: int) -> None:
        """Tell of `count` datagrams with this payload, each by an event of its own."""
        from pynetdb.events.connections import DatagramSent

        if self._events is not None:
            for _ in range(count):
                self._events.emit(DatagramSent(self.peer, len(payload), payload))

    def _raise_pending_error(self) -> None:
        # wine tells a UDP socket's error to nobody but who asks for it.
        pending = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if pending:
            raise OSError(pending, os.strerror(pending))

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        """Name the peer in what goes wrong, and hint at what allows it."""
        try:
            with network_errors(self.peer, "udp"):
                yield
        except NetworkError as error:
            cause = error.__cause__
            if self._may_ask and isinstance(cause, OSError) and number(cause) == errno.EACCES:
                error.hint = "broadcast"
            raise

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Name the peer in what goes wrong. Windows calls it a reset when nobody listens on a UDP port."""
        with self._named_errors():
            try:
                yield
            except ConnectionResetError as error:
                raise ConnectionRefusedError(errno.ECONNREFUSED, error.strerror) from error

    def _send(self, data: bytes) -> None:
        if self._everybody is None:
            self._sock.send(data)
            return
        try:
            self._sock.sendto(data, self._everybody)
        except OSError as error:
            if error.errno != errno.ENETUNREACH or not self._may_stay_here:
                raise
            # A machine without a network: the group may still have members on it.
            self._may_stay_here = False
            self._sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
            self._sock.sendto(data, self._everybody)

    def close(self) -> None:
        """Close; harmless when done twice."""
        self._sock.close()

    def __enter__(self) -> "UdpClientSocket":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
