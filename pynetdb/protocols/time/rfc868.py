"""The time protocol (RFC 868): four bytes, the seconds since 1900."""

from dataclasses import dataclass

from pynetdb.errors import ProtocolError
from pynetdb.protocols.time.era import find_era, to_count_since_1900, to_unix_seconds
from pynetdb.protocols.time.field import Field, format_moment

# RFC 868: "a 32 bit binary number", most significant byte first.
SIZE = 4


@dataclass(frozen=True, slots=True)
class TimeReceived:
    """The time that a server told."""

    seconds: int
    """Since 1900: the 32 bits of the wire."""
    unix: int
    """Seconds since 1970, in the era nearest to the local clock."""

    @property
    def warning(self) -> str:
        """Why this is hard to believe; empty if it is not."""
        return "" if self.seconds else "the server says 0, as one does that has no time"


@dataclass(frozen=True, slots=True)
class SurplusIgnored:
    """More came than the protocol knows, as from inetutils-inetd, which sends eight bytes."""

    size: int
    """Bytes in all, the four that counted among them."""

    @property
    def warning(self) -> str:
        """What the user is told."""
        return f"time reply of {self.size} bytes, expected {SIZE}: the first {SIZE} count"


class Reader:
    """Turns the bytes of one answer into events, wherever the network cut them."""

    def __init__(self, now: float) -> None:
        """`now` is the local clock in seconds since 1970; it chooses the era."""
        self._now = now
        self._data = b""
        self._size = 0

    def receive_data(self, data: bytes) -> list[TimeReceived | SurplusIgnored]:
        """Return the time once its four bytes are there. A peer that goes on is counted, not stored."""
        complete = self._size >= SIZE
        self._size += len(data)
        self._data += data[: SIZE - len(self._data)]
        if complete or self._size < SIZE:
            return []
        count = int.from_bytes(self._data, "big")
        return [TimeReceived(count, to_unix_seconds(count, self._now))]

    def receive_eof(self) -> list[TimeReceived | SurplusIgnored]:
        """Say whether there was more. Raises ProtocolError if there was less."""
        if self._size < SIZE:
            raise ProtocolError(f"time reply of {self._size} bytes, expected {SIZE}")
        return [SurplusIgnored(self._size)] if self._size > SIZE else []


def decode(data: bytes, now: float) -> list[TimeReceived | SurplusIgnored]:
    """Return the events of a datagram. Raises ProtocolError for one of less than four bytes."""
    reader = Reader(now)
    return reader.receive_data(data) + reader.receive_eof()


def encode(unix: int) -> bytes:
    """Return a moment in seconds since 1970 as the four bytes of the wire."""
    return to_count_since_1900(unix).to_bytes(SIZE, "big")


def describe(received: TimeReceived) -> list[Field]:
    """Return the reply in words."""
    moment = format_moment(received.unix * 1_000_000_000)
    what = f"{received.seconds} s since 1900: {moment}, era {find_era(received.unix)}"
    return [Field(0, "time", f"{received.seconds:08x}", what)]
