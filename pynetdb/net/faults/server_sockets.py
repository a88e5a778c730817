"""Bound UDP sockets at the end of a bad way: one for who answers, one for who only receives."""

import socket
from collections.abc import Callable
from functools import partial
from typing import Any

from pynetdb.net.faults.datagrams import DatagramFaults
from pynetdb.net.faults.faults import Faults, FaultTeller
from pynetdb.net.loop import Loop
from pynetdb.net.network import Network
from pynetdb.net.server.udp_socket import DatagramHandler, UdpServerSocket

UdpSocketFactory = Callable[
    [socket.socket, Loop, DatagramHandler, Callable[[bytes, Any], bool]], UdpServerSocket
]


def fault_datagrams(faults: Faults, network: Network, *, received: bool) -> UdpSocketFactory:
    """Return what makes UDP sockets for a Server: faults befall what is `received`, or else the answers."""
    return partial(FaultyReceivingSocket if received else FaultyAnsweringSocket, faults, network)


class FaultyAnsweringSocket(UdpServerSocket):
    """A UDP socket whose answers have a bad way to their receivers."""

    def __init__(self, faults: Faults, network: Network, sock: socket.socket, loop: Loop, *rest: Any) -> None:
        teller = FaultTeller(network, "server", None, "sent")
        self._way = DatagramFaults(faults, "server", teller, self._send_on, loop.call_later)
        super().__init__(sock, loop, *rest)

    @property
    def pending(self) -> int:
        return self._way.pending

    def send(self, data: bytes, receiver: Any) -> None:
        self._way.carry(data, receiver)

    def close(self) -> None:
        """Receive no more; what is on its way still leaves, unless this is said a second time."""
        if self._open and self.pending:
            self._open = False
            self._loop.unregister(self.sock)
        elif self._open:
            super().close()
        else:
            self.sock.close()

    def _send_on(self, data: bytes, receiver: Any) -> None:
        super().send(data, receiver)


class FaultyReceivingSocket(UdpServerSocket):
    """A UDP socket to which datagrams come by a bad way."""

    can_count = False

    def __init__(
        self,
        faults: Faults,
        network: Network,
        sock: socket.socket,
        loop: Loop,
        handler: DatagramHandler,
        arrived: Callable[[bytes, Any], bool],
    ) -> None:
        teller = FaultTeller(network, "server", None, "received")
        self._way = DatagramFaults(faults, "server", teller, self._arrive, loop.call_later)
        self._truly_arrived = arrived
        super().__init__(sock, loop, handler, self._carry)

    def _carry(self, data: bytes, sender: Any) -> bool:
        self._way.carry(data, sender)
        return False  # It is handed over when it arrives.

    def _arrive(self, data: bytes, sender: Any) -> None:
        if self._open and self._truly_arrived(data, sender):
            self._handler.datagram(self, data, sender)
