"""What all sockets of a command share: who is told of calls and of events."""

from typing import TYPE_CHECKING, Protocol

from pynetdb.events.stream import Events
from pynetdb.narration import SILENT, Narrator
from pynetdb.net.sockets import Sockets

if TYPE_CHECKING:
    from pynetdb.net.faults.faults import Faults
    from pynetdb.net.tls import TlsFiles


class Journal(Protocol):
    """What can be asked of a journal that is being written."""

    def last_messages(self, most: int) -> list[tuple[str, str]]:
        """Return sender and text of the last public messages of earlier chat rooms, the oldest first."""
        ...


class Network:
    """Made by the options, and handed down whole to whoever makes sockets.

    `narrator` is told of each call, `events` of what happened; either is false if nobody listens.
    `tls` says with which certificate servers speak TLS, None for none. `ip_version` is 4 or 6 where only such
    addresses are used.
    `faults` are those to inject and `journal` is where earlier runs can be looked up, or None.
    `sockets` makes every socket. A new power that all networking commands share is one more field.
    """

    def __init__(
        self,
        narrator: Narrator = SILENT,
        events: Events | None = None,
        faults: "Faults | None" = None,
        journal: Journal | None = None,
        tls: "TlsFiles | None" = None,
        ip_version: int | None = None,
    ) -> None:
        self.narrator = narrator
        self.faults = faults
        self.journal = journal
        self.events = Events() if events is None else events
        self.tls = tls
        self.sockets = Sockets(self.narrator, ip_version)
