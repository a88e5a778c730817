"""What all sockets of a command share: who is told of calls and of events."""

from pynetdb.events.stream import Events
from pynetdb.narration import SILENT, Narrator
from pynetdb.net.sockets import Sockets


class Network:
    """Made by the options, and handed down whole to whoever makes sockets.

    `narrator` is told of each call, `events` of what happened; either is false if nobody listens.
    `sockets` makes every socket. A new power that all networking commands share is one more field.
    """

    def __init__(self, narrator: Narrator = SILENT, events: Events | None = None) -> None:
        self.narrator = narrator
        self.events = Events() if events is None else events
        self.sockets = Sockets(self.narrator)
