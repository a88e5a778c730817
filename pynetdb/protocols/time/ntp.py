"""NTP version 4 as one question and its answer: the packet and what it proves (RFC 5905, RFC 4330).

Timestamps are the raw 64 bits of the wire: seconds since 1900 above, fractions below, 0 for unknown.
They are subtracted as integers and become seconds only then, so that nothing is lost to rounding and
2036 is a year like any other.
"""

import struct
from collections.abc import Mapping
from typing import NamedTuple

from pynetdb.errors import CommandLineError, ProtocolError
from pynetdb.protocols.time.era import ERA, find_era, to_count_since_1900, to_unix_seconds
from pynetdb.protocols.time.field import Field, format_moment

SIZE = 48
"""Bytes of the header. Extension fields and a MAC may follow in a reply and are not looked at."""

# RFC 5905, figure 10. The other modes are for servers among themselves.
CLIENT, SERVER = 3, 4
# Version 0 is older than NTP; 5 is a draft with another header.
VERSIONS = range(1, 5)
UNSYNCHRONISED = 3
"""The leap indicator of a server that does not know the time itself."""
MAX_STRATUM = 15

# RFC 5905, appendix A.1.1, MAXDISP: a server this far from its source, in seconds, has lost it. RFC 4330
# calls one second "a cozy number", which refuses honest servers behind satellites.
MAX_ROOT_DISTANCE = 16.0

# RFC 5905, figure 8; poll and precision are signed.
_LAYOUT = struct.Struct("!BBbbII4sQQQQ")
_MASK = (1 << 64) - 1
_NANO = 1_000_000_000

LEAPS = (
    "no warning",
    "the last minute of the month has 61 seconds",
    "the last minute of the month has 59 seconds",
    "the server is not synchronised",
)
MODES = (
    "reserved",
    "symmetric active",
    "symmetric passive",
    "client",
    "server",
    "broadcast",
    "control message",
    "private use",
)

KISSES: Mapping[str, str] = {
    "ACST": "the association belongs to a unicast server",
    "AUTH": "server authentication failed",
    "AUTO": "the Autokey sequence failed",
    "BCST": "the association belongs to a broadcast server",
    "CRYP": "cryptographic authentication or identification failed",
    "DENY": "access denied by the server",
    "DROP": "lost peer in symmetric mode",
    "INIT": "the server has not yet synchronised for the first time",
    "MCST": "the association belongs to a dynamically discovered server",
    "NKEY": "no key found",
    "RATE": "the server asks to be asked less often",
    "RMOT": "alteration of the association from a remote host",
    "RSTR": "access denied by the server's local policy",
    "STEP": "a step change in system time has occurred",
}
"""The kiss codes of RFC 5905, section 7.4, and what they say."""

LAST_WORDS = frozenset({"DENY", "RSTR", "RATE"})
"""After these the client must not ask this server again (RATE: not at this rate)."""


# Named tuples and not dataclasses: they are made at every start of time-query, where a dataclass costs five
# times as much, and nothing compares one kind with another.


class Packet(NamedTuple):
    """The header, field by field, integers as on the wire (RFC 5905, section 7.3)."""

    leap: int = 0
    version: int = 4
    mode: int = CLIENT
    stratum: int = 0
    poll: int = 0
    """Signed logarithm of seconds: 6 is 64 s."""
    precision: int = 0
    """Signed logarithm of seconds: -20 is about a microsecond."""
    root_delay: int = 0
    """In units of 2**-16 s, like `root_dispersion`."""
    root_dispersion: int = 0
    reference_id: bytes = bytes(4)
    reference: int = 0
    origin: int = 0
    receive: int = 0
    transmit: int = 0

    @property
    def root_distance(self) -> float:
        """How far the server's clock may be from the true time, in seconds."""
        return (self.root_delay / 2 + self.root_dispersion) / 65536

    @property
    def kiss(self) -> str:
        """The kiss code of a stratum 0 packet; empty for others and where there is none."""
        return _decode_word(self.reference_id) if self.stratum == 0 else ""


class Rejection(NamedTuple):
    """A reply that must not set a clock, and why."""

    name: str
    """One word: `length`, `version`, `mode`, `origin`, `kiss`, `unsynchronised`, `stratum`, `duplicate`,
    `receive`, `transmit`, `distance` or `reference`."""
    reason: str
    kind: str
    """`bogus`: perhaps a forgery, the true reply may still come; `unsynchronised`: the server itself says
    that it does not know; `kiss`: the server wants no more questions now."""


class Measurement(NamedTuple):
    """What four timestamps tell, in seconds."""

    offset: float
    """Positive: the local clock is behind the server's."""
    delay: float
    """The way there and back, without the time that the server took."""


def encode(packet: Packet) -> bytes:
    """Return the 48 bytes of `packet`."""
    first = packet.leap << 6 | packet.version << 3 | packet.mode
    return _LAYOUT.pack(first, *packet[3:])


def decode(data: bytes) -> Packet:
    """Return the header of a packet; what follows it is ignored. Raises ProtocolError if it is short."""
    if len(data) < SIZE:
        raise ProtocolError(f"NTP packet of {len(data)} bytes, expected {SIZE}")
    first, *rest = _LAYOUT.unpack_from(data)
    return Packet(first >> 6, first >> 3 & 7, first & 7, *rest)


def encode_request(transmit: int, version: int = 4) -> bytes:
    """Return a question that tells nothing about the client but 64 bits.

    `transmit` is the moment of sending or, better, 64 random bits with the moment remembered: who
    cannot see them cannot forge the reply. Not 0, which means unknown.
    """
    return encode(Packet(version=version, transmit=transmit))


def encode_reply(
    question: bytes,
    *,
    receive: int,
    transmit: int,
    reference: int = 0,
    stratum: int = 1,
    leap: int = 0,
    precision: int = -20,
    root_dispersion: int = 0,
    reference_id: bytes | None = None,
    kiss: str | None = None,
) -> bytes | None:
    """Return a server's answer, as long as `question`, or None where none is due (RFC 5905, section 14).

    `receive` and `transmit` are the moments when the question came and the answer goes. A `kiss` code
    takes the place of the time. Without a `reference_id` the source is the server's own clock.
    """
    # Exactly 48: who sends a MAC expects one, and no byte more may leave than came in. Modes 6 and 7
    # are those that made NTP servers amplifiers; replies to mode 4 would let two servers talk for ever.
    if len(question) != SIZE:
        return None
    asked = decode(question)
    if asked.mode != CLIENT or asked.version not in VERSIONS:
        return None
    answer = Packet(leap, asked.version, SERVER, stratum, asked.poll, precision, origin=asked.transmit)
    if kiss is not None:
        # The timestamps of a kiss are undefined. The client's own is what ntpd sends: it tells nothing,
        # and who computes with it sees at once that it is wrong.
        kissed = answer._replace(leap=UNSYNCHRONISED, stratum=0, reference_id=encode_kiss_code(kiss))
        return encode(kissed._replace(receive=asked.transmit, transmit=asked.transmit))
    if reference_id is None:
        reference_id = b"LOCL" if stratum == 1 else bytes((127, 127, 1, 0)) if stratum else bytes(4)
    return encode(
        answer._replace(
            root_dispersion=root_dispersion,
            reference_id=reference_id,
            reference=reference,
            receive=receive,
            transmit=transmit,
        )
    )


def encode_kiss_code(code: str) -> bytes:
    """Return a kiss code as a reference identifier. Raises CommandLineError for what cannot be one."""
    if not (1 <= len(code) <= 4 and code.isascii() and code.isprintable() and " " not in code):
        raise CommandLineError(f"{code!r}: expected one to four letters such as RATE or DENY", hint="kiss")
    return code.encode("ascii").ljust(4, b"\0")


def validate_reply(data: bytes, sent: int, previous: int = 0) -> Packet | Rejection:
    """Return the reply to the request with the transmit timestamp `sent`, or why it is none.

    `previous` is the transmit timestamp of the last accepted reply of the same server, 0 for none. That
    the datagram came from the server's address and port is for the socket to see to.
    """
    if len(data) < SIZE:
        return Rejection("length", f"NTP packet of {len(data)} bytes, expected {SIZE}", "bogus")
    packet = decode(data)
    return first_failure(packet, sent, previous) or packet


def first_failure(packet: Packet, sent: int, previous: int = 0) -> Rejection | None:
    """Return the first test of RFC 5905 (sections 8, 9.2, A.5.1.1) or RFC 4330 (section 5) that fails.

    None: all are passed.
    """
    # Whose reply it is comes first: a kiss is obeyed only from the server that was asked (section 7.4).
    if packet.version not in VERSIONS:
        return Rejection("version", f"version {packet.version}, expected 1 to 4", "bogus")
    if packet.mode != SERVER:
        return Rejection("mode", f"mode {packet.mode} ({MODES[packet.mode]}), expected 4 (server)", "bogus")
    if packet.origin != sent:
        told = f"origin timestamp {packet.origin:016x} is not what was sent, {sent:016x}"
        return Rejection("origin", told, "bogus")
    if packet.stratum == 0:
        return _judge_kiss(packet)
    if packet.leap == UNSYNCHRONISED:
        return Rejection("unsynchronised", "the server is not synchronised (leap 3)", "unsynchronised")
    if packet.stratum > MAX_STRATUM:
        word = "not synchronised" if packet.stratum == 16 else "reserved"
        told = f"stratum {packet.stratum} ({word}), expected 1 to {MAX_STRATUM}"
        return Rejection("stratum", told, "unsynchronised")
    return _first_bad_timestamp(packet, previous)


def _judge_kiss(packet: Packet) -> Rejection:
    code = packet.kiss
    if not code:
        return Rejection("unsynchronised", "the server is not synchronised (stratum 0)", "unsynchronised")
    if code.startswith("X"):
        return Rejection("kiss", f"experimental kiss code {code}, to be ignored", "bogus")
    told = f"kiss code {code}: {KISSES.get(code, 'not a code of RFC 5905')}"
    return Rejection("kiss", told, "kiss" if code in LAST_WORDS else "unsynchronised")


def _first_bad_timestamp(packet: Packet, previous: int) -> Rejection | None:
    if packet.transmit == 0:
        return Rejection("transmit", "transmit timestamp 0: the server does not say the time", "bogus")
    if packet.receive == 0:
        return Rejection("receive", "receive timestamp 0: the delay cannot be known", "bogus")
    if packet.transmit == previous:
        return Rejection("duplicate", "the same transmit timestamp as the reply before", "bogus")
    if packet.root_distance >= MAX_ROOT_DISTANCE:
        told = f"root distance {packet.root_distance:.3f} s, expected less than {MAX_ROOT_DISTANCE:.0f} s"
        return Rejection("distance", told, "unsynchronised")
    if packet.reference and subtract(packet.reference, packet.transmit) > 0:
        return Rejection("reference", "last set after this reply was sent", "bogus")
    return None


def subtract(a: int, b: int) -> int:
    """Return a - b as a signed 64-bit integer, in units of 2**-32 s; right across 2036 (section 6)."""
    return (a - b + (1 << 63) & _MASK) - (1 << 63)


def offset_and_delay(t1: int, t2: int, t3: int, t4: int, precision: float = 0.0) -> Measurement:
    """Return offset and delay (RFC 5905, section 8).

    The client sent at `t1` and received at `t4` of its clock; the server received at `t2` and sent at
    `t3` of its own. The delay is at least `precision`, the local clock's, in seconds: a fast network and
    a coarse clock could make it negative.
    """
    offset = (subtract(t2, t1) + subtract(t3, t4)) / (2 * ERA)
    delay = (subtract(t4, t1) - subtract(t3, t2)) / ERA
    return Measurement(offset, max(delay, precision))


def bound_error(packet: Packet, delay: float) -> float:
    """Return how wrong the offset may be at most, in seconds, if the server is honest about itself."""
    return delay / 2 + packet.root_distance


def to_timestamp(unix_ns: int) -> int:
    """Return nanoseconds since 1970 as a timestamp."""
    seconds, nanoseconds = divmod(unix_ns, _NANO)
    return to_count_since_1900(seconds) << 32 | (nanoseconds << 32) // _NANO


def to_unix_nanoseconds(stamp: int, now: float) -> int:
    """Return a timestamp as nanoseconds since 1970, in the era nearest to `now` (seconds since 1970)."""
    # `timestamp` rounds down by less than a quarter of a nanosecond: to the nearest gives it back.
    fraction = ((stamp & 0xFFFFFFFF) * _NANO + (1 << 31)) >> 32
    return to_unix_seconds(stamp >> 32, now) * _NANO + fraction


def format_reference(packet: Packet) -> str:
    """Return where the server has its time from: a kiss code, a name such as `GPS`, or an address.

    Above stratum 1 it is the IPv4 address of its own server, or a hash of the IPv6 one.
    """
    word = _decode_word(packet.reference_id) if packet.stratum <= 1 else ""
    if word or packet.stratum == 0:
        return word
    return ".".join(map(str, packet.reference_id))


def _decode_word(reference_id: bytes) -> str:
    """The identifier as text, or nothing if it is none: what a peer sent must not command a terminal."""
    text = reference_id.rstrip(b"\0").decode("latin-1")
    return text if text.isascii() and text.isprintable() else ""


def describe(packet: Packet, now: float) -> list[Field]:
    """Return the packet field by field, in words. `now` chooses the era, in seconds since 1970."""
    stamps = (packet.reference, packet.origin, packet.receive, packet.transmit)
    names = (
        ("reference timestamp", "the server's clock was last set"),
        ("origin timestamp", "copied from the request: proves which question this answers"),
        ("receive timestamp", "the request arrived"),
        ("transmit timestamp", "the packet was sent"),
    )
    fields = [
        Field(0, "leap indicator", str(packet.leap), LEAPS[packet.leap]),
        Field(0, "version", str(packet.version), f"NTP version {packet.version}"),
        Field(0, "mode", str(packet.mode), MODES[packet.mode]),
        Field(1, "stratum", str(packet.stratum), _describe_stratum(packet.stratum)),
        Field(2, "poll", str(packet.poll), f"2**{packet.poll} = {2.0**packet.poll:g} s between questions"),
        Field(
            3, "precision", str(packet.precision), f"2**{packet.precision} = {2.0**packet.precision:.3g} s"
        ),
        Field(4, "root delay", f"{packet.root_delay:08x}", f"{packet.root_delay / 65536:.6f} s"),
        Field(
            8, "root dispersion", f"{packet.root_dispersion:08x}", f"{packet.root_dispersion / 65536:.6f} s"
        ),
        Field(12, "reference identifier", packet.reference_id.hex(), _describe_reference(packet)),
    ]
    for place, (stamp, (name, what)) in enumerate(zip(stamps, names, strict=True)):
        fields.append(Field(16 + 8 * place, name, f"{stamp:016x}", _describe_timestamp(stamp, what, now)))
    return fields


def _describe_stratum(stratum: int) -> str:
    if stratum == 0:
        return "unspecified: a kiss code, or a request"
    if stratum == 1:
        return "primary: at the source itself"
    if stratum <= MAX_STRATUM:
        return f"secondary: {stratum - 1} server{'s' if stratum > 2 else ''} from the source"
    return "not synchronised" if stratum == 16 else "reserved"


def _describe_reference(packet: Packet) -> str:
    text = format_reference(packet)
    if packet.stratum == 0:
        return f"kiss code {text}: {KISSES.get(text, 'not a code of RFC 5905')}" if text else "none"
    return f"source {text}" if packet.stratum == 1 else f"its server {text}, or the hash of an IPv6 address"


def _describe_timestamp(stamp: int, what: str, now: float) -> str:
    if stamp == 0:
        return f"unknown ({what})"
    nanoseconds = to_unix_nanoseconds(stamp, now)
    # The client's own bits need not be a time at all, so an origin is not read as one.
    if what.startswith("copied"):
        return what
    return f"{format_moment(nanoseconds)}, era {find_era(nanoseconds // _NANO)} ({what})"
