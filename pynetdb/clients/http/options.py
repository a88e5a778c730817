"""What the user asks http-get for, and what it took."""

from dataclasses import dataclass

from pynetdb.clients.http.byte_range import Range

# Nobody means to fetch more without saying so; a server that never stops cannot fill the disk.
MAX_SIZE = 2**30


@dataclass(frozen=True)
class FetchOptions:
    """What the user asks for, apart from the URL.

    `fields` are sent besides, or in place of, our own. `trusted` is a file of certificates to trust alone, or
    the SHA-256 of the one that the server must have. `unix` is the path of a socket to connect to, whatever
    the URL's host. A body has at most `max_size` bytes, decoded. What fails is tried `retries` more times;
    `retry_refused` says whether also where nobody listens.
    """

    method: str = "GET"
    fields: tuple[tuple[str, str], ...] = ()
    range: Range | None = None
    follow: bool = False
    insecure: bool = False
    unix: str | None = None
    max_size: int = MAX_SIZE
    retries: int = 0
    retry_refused: bool = False
    trusted: str | None = None


@dataclass
class Phases:
    """What each phase took in seconds; `tls` is None where there was none."""

    dns: float = 0.0
    connect: float = 0.0
    tls: float | None = None
    first_byte: float = 0.0
    total: float = 0.0

    def add(self, other: "Phases") -> None:
        """Add what another connection took, but for the total: pauses between two belong to it."""
        self.dns += other.dns
        self.connect += other.connect
        self.first_byte += other.first_byte
        if other.tls is not None:
            self.tls = (self.tls or 0.0) + other.tls

    def milliseconds(self) -> dict[str, float | None]:
        """Return the phases by the names of the JSON output."""
        return {
            name: None if seconds is None else round(seconds * 1000, 3)
            for name, seconds in vars(self).items()
        }
