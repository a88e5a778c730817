"""Time servers: NTP (RFC 5905), daytime (RFC 867) and time (RFC 868), with a clock that may be wrong."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from pynetdb.events.stream import preload
from pynetdb.narration import Narrator
from pynetdb.net.addresses import format_address
from pynetdb.net.server.answers import LOOPING_PORTS
from pynetdb.net.server.connection import Connection, ConnectionHandler
from pynetdb.net.server.server import Server
from pynetdb.net.server.service import Service
from pynetdb.net.server.udp_socket import DatagramHandler, UdpServerSocket
from pynetdb.protocols.time import daytime, ntp, rfc868

_NANO = 1_000_000_000

# Old clients ask from port 123 (RFC 5905 section 7.2), and nobody answers what we send, which is mode 4.
_SPARED_BY_NTP = LOOPING_PORTS - {123}


class Clock(NamedTuple):
    """The clock that a server shows: the machine's, skewed, or one that stands still."""

    skew: float = 0.0
    """Seconds that are added to it."""
    frozen: int | None = None
    """Nanoseconds since 1970 at which it stands."""

    def now(self) -> int:
        """Return nanoseconds since 1970."""
        running = time.time_ns() if self.frozen is None else self.frozen
        return running + round(self.skew * _NANO)


class NtpSettings(NamedTuple):
    """What an NTP server says of itself."""

    stratum: int = 1
    leap: int = 0
    kiss: str | None = None


class TimeService(Service):
    """Tells the time by one protocol, each answer counted. Subclasses are the protocols."""

    name = "serve-time"
    client = "time-query"
    counts_itself = True
    protocol = ""

    def attached(self, server: Server) -> None:
        self._server = server
        self._emits_details = server.events.wants_details
        if self._emits_details:
            preload("services")

    def count_answer(self, peer: Any) -> None:
        """One more was told the time."""
        if self._emits_details:
            from pynetdb.events.services import TimeAnswered

            self._server.events.emit(TimeAnswered(self.protocol, format_address(peer)))
        self._server.count()


class NtpService(TimeService, DatagramHandler):
    """Answers mode 3 and nothing else, and never with more bytes than it got."""

    scheme = "udp"
    protocol = "ntp"

    def __init__(self, clock: Clock, settings: NtpSettings) -> None:
        self.datagrams = self
        self._clock = clock
        self._settings = settings
        self._reference = ntp.to_timestamp(clock.now())

    def attached(self, server: Server) -> None:
        super().attached(server)
        self._narrator = server.network.narrator
        self._narrates = bool(self._narrator)

    def datagram(self, udp_socket: UdpServerSocket, data: bytes, sender: Any) -> None:
        received = ntp.to_timestamp(self._clock.now())
        answer = ntp.encode_reply(
            data,
            receive=received,
            transmit=ntp.to_timestamp(self._clock.now()),
            reference=self._reference,
            stratum=self._settings.stratum,
            leap=self._settings.leap,
            kiss=self._settings.kiss,
        )
        if answer is None:
            if self._emits_details:
                from pynetdb.events.connections import DatagramIgnored

                self._server.events.emit(DatagramIgnored(format_address(sender), len(data)))
            return
        if not udp_socket.answer(answer, sender, _SPARED_BY_NTP):
            return
        if self._narrates:
            for question_or_answer in (data, answer):
                narrate_ntp(self._narrator, "server", question_or_answer, self._clock.now() / _NANO)
        self.count_answer(sender)


class TextTimeService(TimeService, ConnectionHandler, DatagramHandler):
    """Says something to whoever connects, or to whoever sends a datagram, then closes.

    What a client says is ignored, as RFC 867 and RFC 868 have it. `transport` is `tcp`, `udp` or None for
    both.
    """

    def __init__(self, protocol: str, say: Callable[[], bytes], transport: str | None = None) -> None:
        self.protocol = protocol
        self.scheme = transport or "tcp"
        self.streams = None if transport == "udp" else self
        self.datagrams = None if transport == "tcp" else self
        self._say = say

    def connected(self, connection: Connection) -> None:
        connection.write(self._say())
        connection.close_gracefully()
        self.count_answer(connection.peer)

    def datagram(self, udp_socket: UdpServerSocket, data: bytes, sender: Any) -> None:
        if udp_socket.answer(self._say(), sender):
            self.count_answer(sender)


def encode_daytime(clock: Clock, leap: int, health: int) -> bytes:
    """Return NIST's line for this moment. Raises CommandLineError for a clock that it cannot say."""
    return daytime.encode(daytime.make_nist_time(clock.now() // _NANO, leap=leap, health=health))


def encode_rfc868(clock: Clock) -> bytes:
    """Return the four bytes of RFC 868 for this moment."""
    return rfc868.encode(clock.now() // _NANO)


def narrate_ntp(narrator: Narrator, who: str, packet: bytes, now: float) -> None:
    """Tell of a packet field by field, beside the call that moved it."""
    for field in ntp.describe(ntp.decode(packet), now):
        narrator.tell(who, "field", (field.offset, field.name), field.value, note=field.meaning)
