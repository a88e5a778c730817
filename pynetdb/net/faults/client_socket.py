"""A client's UDP socket at the beginning of a bad way."""

import heapq
import threading
import time
from collections.abc import Callable
from itertools import count
from typing import Any

from pynetdb.net.addresses import Target
from pynetdb.net.client.udp_socket import UdpClientSocket
from pynetdb.net.deadline import Deadline
from pynetdb.net.faults.datagrams import DatagramFaults
from pynetdb.net.faults.faults import Faults, FaultTeller
from pynetdb.net.network import Network
from pynetdb.threads import start_thread


class _Peer(str):
    """To whom a payload goes; a parcel's label, as it were."""

    payload: bytes
    left: float
    """When it left or was lost, in seconds since 1970."""


class FaultyUdpClientSocket(UdpClientSocket):
    """A UDP socket whose datagrams are lost, doubled, late... after it has sent them.

    What is late is sent by a thread, so that the caller goes on meanwhile; `check` and `close` wait for it,
    until the deadline. A datagram is told of once it has left.
    """

    def __init__(
        self, faults: Faults, target: Target, deadline: Deadline, network: Network, **more: Any
    ) -> None:
        self._timers = _TimerThread()
        teller = FaultTeller(network, "client", None, "sent")
        self._way = DatagramFaults(faults, "client", teller, self._send_on, self._timers.call_later)
        self._failure: OSError | None = None
        # By their identity, for all that go to one peer are equal; and those that left and were not told yet.
        self._leaving: dict[int, _Peer] = {}
        self._left: list[_Peer] = []
        self._sent_again: _Peer | None = None
        super().__init__(target, deadline, network, **more)

    def send(self, data: bytes) -> None:
        super().send(data)
        self._tell_left()

    def send_many(self, payload: bytes, count: int) -> None:
        # One by one: what the kernel would cut for us (UDP segmentation) no fault could meet.
        for _ in range(count):
            self.send(payload)

    def check(self) -> None:
        self._settle()
        with self._errors(), self._timers.lock:
            self._raise_failure()
        super().check()

    def close(self) -> None:
        self._settle()
        self._timers.close()
        super().close()
        self._tell_left()
        self.unsent = [peer.payload for peer in self._leaving.values()]

    def _try_next(self) -> bool:
        # The last one once more, to another address: it is told of once.
        self._sent_again = self._last_peer
        try:
            return super()._try_next()
        finally:
            self._sent_again = None

    def _receive(self, patience: float) -> tuple[bytes, str] | None:
        answer = super()._receive(patience)
        self._tell_left()
        return answer

    def _send(self, data: bytes) -> None:
        with self._timers.lock:
            self._raise_failure()
            peer = self._sent_again
            if peer is None:
                peer = _Peer(self.peer)
                peer.payload = data
                self._leaving[id(peer)] = peer
            self._last_peer = peer
            if not self._way.carry(data, peer):
                self._leave(peer)

    def _send_on(self, data: bytes, peer: _Peer) -> None:
        try:
            super()._send(data)
        except OSError as error:
            # Perhaps in the thread: the next who sends is told.
            self._failure = error
        else:
            self._leave(peer)

    def _leave(self, peer: _Peer) -> None:
        if self._leaving.pop(id(peer), None) is not None:
            peer.left = time.time()
            self._left.append(peer)

    def _emit_sent(self, payload: bytes, count: int) -> None:
        """Tell nothing: that it was given to us to be sent is not that it has left."""

    def _tell_left(self) -> None:
        with self._timers.lock:
            left, self._left = self._left, []
        if self._events is not None:
            from pynetdb.events.connections import DatagramSent

            for peer in left:
                self._events.emit(DatagramSent(self.peer, len(peer.payload), peer.payload, time=peer.left))

    def _raise_failure(self) -> None:
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    def _settle(self) -> None:
        """Wait until nothing is on its way any more, no longer than the deadline."""
        with self._timers.lock:
            self._way.release()
        self._timers.wait(self.deadline.left())


class _TimerThread:
    """Calls what is due, with `lock` held; the thread begins with the first call."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._changed = threading.Condition(self.lock)
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._closed = False
        self._thread: threading.Thread | None = None

    def call_later(self, delay: float, callback: Callable[[], None]) -> None:
        with self.lock:
            heapq.heappush(self._timers, (time.monotonic() + delay, next(self._order), callback))
            if self._thread is None:
                self._thread = start_thread(self._run, "delayed datagrams")
            self._changed.notify_all()

    def wait(self, seconds: float) -> None:
        """Wait until nothing is due any more, at most so long."""
        with self.lock:
            self._changed.wait_for(lambda: not self._timers, seconds)

    def close(self) -> None:
        with self.lock:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        with self.lock:
            while not self._closed:
                now = time.monotonic()
                if self._timers and self._timers[0][0] <= now:
                    heapq.heappop(self._timers)[2]()
                    self._changed.notify_all()
                else:
                    self._changed.wait(self._timers[0][0] - now if self._timers else None)
