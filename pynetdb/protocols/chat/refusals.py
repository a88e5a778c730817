"""Why a room refuses something: with the words of the member for itself, without them for others."""

from pynetdb.protocols.chat.names import NOBODY
from pynetdb.terminal import safe_line


class Refusal(str):
    """A reason as the member is told it, which quotes what the member said."""

    discreet: str
    """The same without those words."""

    def __new__(cls, text: str, discreet: str) -> "Refusal":
        """Make a reason of both."""
        refusal = super().__new__(cls, text)
        refusal.discreet = discreet
        return refusal


def describe_nobody(recipient: str) -> Refusal:
    """Return the refusal of a private line to somebody who is not there."""
    return Refusal(f"{NOBODY}{safe_line(recipient)}", "nobody here has that name")


def describe_unknown(word: str) -> Refusal:
    """Return the refusal of a line that begins with no command."""
    expected = "expected ADD, MESSAGE, PRIVATE or QUIT"
    return Refusal(f"unknown command '{safe_line(word)}': {expected}", f"unknown command: {expected}")


def describe_taken(name: str) -> Refusal:
    """Return the refusal of a name that somebody has."""
    return Refusal(f"the name {name} is taken", "the name is taken")


def describe_like(name: str, double: str) -> Refusal:
    """Return the refusal of a name that looks like somebody's."""
    return Refusal(f"the name {name} looks like {double}, who is here", "the name looks like a member's")
