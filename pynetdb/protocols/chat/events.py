"""What a chat server says to its clients: events in lines, read and written."""

from dataclasses import dataclass

from pynetdb.protocols.lines import LineReader
from pynetdb.protocols.record import Record

# Room for a server's longest line with everything in it escaped; one that never sends a newline cannot
# fill the client's memory.
MAX_LINE = 64 * 1024


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Joined(Record):
    """Somebody joined, perhaps we."""

    name: str


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Left(Record):
    """Somebody left."""

    name: str


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Said(Record):
    """Somebody said a line to everybody."""

    sender: str
    text: str


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Whispered(Record):
    """Somebody said a line to us alone."""

    sender: str
    text: str


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Goodbye(Record):
    """The server lets us go; it closes after this."""


Event = Joined | Left | Said | Whispered | Goodbye


def encode(event: Event) -> str:
    """Return an event as its lines; their text goes over the wire as UTF-8."""
    match event:
        case Joined(name):
            return f"NEW {name}\n"
        case Left(name):
            return f"LEFT {name}\n"
        case Said(sender, text):
            return encode_said(sender, text)
        case Whispered(sender, text):
            return f"PRIVATE {sender}\n{text}\n"
        case _:
            return "GOODBYE\n"


def encode_said(sender: str, text: str) -> str:
    """Return the lines of Said(sender, text), of which a busy room has no need to make the object."""
    return f"MESSAGE {sender}\n{text}\n"


class EventReader:
    """Takes a server's bytes apart, however they are cut.

    Blank and unknown lines are passed over: the textbook's server adds some. What is not UTF-8 comes
    as `\\xff`; making text safe for a terminal is left to who shows it.
    """

    def __init__(self) -> None:
        self._lines = LineReader(MAX_LINE, "the chat server")
        self._header: tuple[type[Said] | type[Whispered], str] | None = None  # the first of two lines

    def receive_data(self, data: bytes) -> list[Event]:
        """Return the events that are complete now. Raises ProtocolError for a line without an end."""
        events: list[Event] = []
        for line in self._lines.receive_data(data):
            self._read(line.decode("utf-8", "backslashreplace"), events)
        return events

    def _read(self, line: str, events: list[Event]) -> None:
        if self._header is not None:
            kind, sender = self._header
            self._header = None
            events.append(kind(sender, line))
            return
        # A relayed MESSAGE that ended in a newline brings an empty line behind it: it matches nothing below.
        word, _, name = line.partition(" ")
        match word:
            case "NEW" if name:
                events.append(Joined(name))
            case "LEFT" if name:
                events.append(Left(name))
            case "MESSAGE" if name:
                self._header = (Said, name)
            case "PRIVATE" if name:
                self._header = (Whispered, name)
            case "GOODBYE":
                events.append(Goodbye())
