"""What a server serves: the handlers of a protocol, and what of the server's life it decides."""

from typing import TYPE_CHECKING, Any

from pynetdb.net.server.connection import ConnectionHandler
from pynetdb.net.server.udp_socket import DatagramHandler

if TYPE_CHECKING:
    from pynetdb.events.event import Event
    from pynetdb.net.server.server import Server


class Service:
    """A protocol, as a Server serves it. Subclasses set what differs from these defaults.

    `attached` comes first, then `prepare`, before anything is bound, then `ready`, then `stopping`, then
    `close`, then `last_event`.
    """

    name = "service"
    """Our command's name: `serve-echo`."""
    scheme = "tcp"
    """Of the URL at which it is reached."""
    serving = ""
    """What people find at its URL with a browser, in words; empty for what is not for browsers."""
    client = ""
    """Our command that talks to it; it finds its defaults in the environment of COMMAND. Empty for none."""
    streams: ConnectionHandler | None = None
    """The handler of connections; None serves none."""
    datagrams: DatagramHandler | None = None
    """The handler of datagrams, on the same port; None serves none."""
    counts_itself = False
    """Whether something else than connections or datagrams is counted: then it calls `Server.count`."""
    receives_only = False
    """Whether datagrams are received for their own sake: then faults befall those, otherwise the answers."""
    shares_port = False
    """Whether others on this machine may receive at the same port, as the members of a multicast group do."""
    emits_datagrams = True
    """Whether the server emits an event for each datagram; otherwise the service does so itself."""

    def attached(self, server: "Server") -> None:
        """Get to know the server: its loop, its events, its network."""

    def prepare(self) -> None:
        """Fetch what the service needs of others; may run the loop. Raises PynetdbError if that fails."""

    @property
    def is_busy(self) -> bool:
        """Whether others are still to be told something before the server ends."""
        return False

    def ready(self) -> None:
        """The server listens, and everybody was told."""

    def stopping(self) -> None:
        """The server begins to stop; its sockets are still open."""

    def close(self) -> None:
        """Let go of what `prepare` has fetched; works in any state."""

    def statistics(self) -> dict[str, Any]:
        """Return figures of the service's own for the summary."""
        return {}

    def last_event(self, reason: str | None, summary: dict[str, Any]) -> "Event":
        """Return what is told at the very end."""
        from pynetdb.events.life import Stopped

        return Stopped(reason, summary)
