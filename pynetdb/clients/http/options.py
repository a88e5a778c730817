"""What the user asks http-get for, and what it took."""

from typing import NamedTuple

from pynetdb.clients.http.byte_range import Range
from pynetdb.clients.http.content_coding import CODINGS
from pynetdb.clients.http.proxy import Proxies

# Nobody means to fetch more without saying so; a server that never stops cannot fill the disk.
MAX_SIZE = 2**30


class FetchOptions(NamedTuple):
    """What the user asks for, apart from the URL.

    `fields` are sent besides, or in place of, our own. `unix` is the path of a socket to connect to,
    whatever the URL's host. `authorities` is a file of certificates that are trusted in place of the
    system's. A body has at most `max_size` bytes, as they are delivered; None is no limit. With
    `decoded` content codings are asked for and undone, otherwise it stays as it comes. With `stall` the
    deadline is for the beginning of the answer, and its body may take as long as it does, with no silence of
    more than so many seconds. What fails is tried `retries` more times; `retry_refused` says whether also
    where nobody listens. `proxies` says who is asked through whom.
    """

    method: str = "GET"
    fields: tuple[tuple[str, str], ...] = ()
    range: Range | None = None
    follow: bool = False
    insecure: bool = False
    authorities: str | None = None
    unix: str | None = None
    max_size: int | None = MAX_SIZE
    decoded: bool = True
    stall: float | None = None
    retries: int = 0
    retry_refused: bool = False
    proxies: Proxies | None = None

    @property
    def codings(self) -> tuple[str, ...]:
        """The content codings that are undone: those that we or a field of the user's ask for."""
        asked = [value for name, value in self.fields if name.lower() == "accept-encoding"]
        if not self.decoded or self.range is not None:
            return ()
        if not asked:
            return CODINGS
        named = {member.partition(";")[0].strip().lower() for value in asked for member in value.split(",")}
        return tuple(coding for coding in CODINGS if {coding, f"x-{coding}", "*"} & named)


class Phases:
    """What each phase took in seconds; `tls` is None where there was none."""

    def __init__(
        self,
        dns: float = 0.0,
        connect: float = 0.0,
        tls: float | None = None,
        first_byte: float = 0.0,
        total: float = 0.0,
    ) -> None:
        self.dns = dns
        self.connect = connect
        self.tls = tls
        self.first_byte = first_byte
        self.total = total

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
