"""Time servers: NTP (RFC 5905), daytime (RFC 867) and time (RFC 868), with a clock that may be wrong."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from pynetdb.narration import Narrator
from pynetdb.net.addresses import written
from pynetdb.net.server.connection import Connection, Handler
from pynetdb.net.server.server import Server
from pynetdb.net.server.udp_socket import DatagramHandler, Endpoint
from pynetdb.protocols.time import daytime, ntp, rfc868

_NANO = 1_000_000_000


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


class NtpServer(DatagramHandler):
    """Answers mode 3 and nothing else, and never with more bytes than it got."""

    def __init__(self, server: Server, clock: Clock, settings: NtpSettings, narrator: Narrator) -> None:
        self._server = server
        self._clock = clock
        self._settings = settings
        self._narrator = narrator
        self._reference = ntp.to_timestamp(clock.now())

    def datagram(self, endpoint: Endpoint, data: bytes, sender: Any) -> None:
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
            told = f"a datagram of {len(data)} bytes that is no question: not answered"
            self._server.tell({"event": "ignored", "from": written(sender), "bytes": len(data)}, told)
            return
        endpoint.send(answer, sender)
        if self._narrator:
            for question_or_answer in (data, answer):
                narrate_ntp(self._narrator, "server", question_or_answer, self._clock.now() / _NANO)
        _answered(self._server, "ntp", sender)


class SaysTheTime(Handler, DatagramHandler):
    """Says something to whoever connects, or to whoever sends a datagram, then closes.

    What a client says is ignored, as RFC 867 and RFC 868 have it.
    """

    def __init__(self, server: Server, protocol: str, says: Callable[[], bytes]) -> None:
        self._server = server
        self._protocol = protocol
        self._says = says

    def connected(self, connection: Connection) -> None:
        connection.write(self._says())
        connection.finish()
        _answered(self._server, self._protocol, connection.peer)

    def datagram(self, endpoint: Endpoint, data: bytes, sender: Any) -> None:
        if endpoint.may_answer(sender):
            endpoint.send(self._says(), sender)
            _answered(self._server, self._protocol, sender)


def daytime_line(clock: Clock, leap: int, health: int) -> bytes:
    """Return NIST's line for this moment. Raises CommandLineError for a clock that it cannot say."""
    return daytime.encode(daytime.make_nist_time(clock.now() // _NANO, leap=leap, health=health))


def time868_bytes(clock: Clock) -> bytes:
    """Return the four bytes of RFC 868 for this moment."""
    return rfc868.encode(clock.now() // _NANO)


def narrate_ntp(narrator: Narrator, who: str, packet: bytes, now: float) -> None:
    """Tell of a packet field by field, beside the call that moved it."""
    for field in ntp.describe(ntp.decode(packet), now):
        narrator.tell(who, "field", (field.offset, field.name), field.value, note=field.meaning)


def _answered(server: Server, protocol: str, peer: Any) -> None:
    if server.tells:
        event = {"event": "answer", "protocol": protocol, "from": written(peer)}
        server.tell(event, f"told {written(peer)} the time ({protocol})")
    server.counted()
