"""Names in a chat room: which are fit to be one, which are the same, and how one is refused."""

import unicodedata

from pynetdb.protocols.chat.confusables import make_skeleton
from pynetdb.terminal import safe_line

# As long as a line of conversation can carry in front of it: a longer name would push what others say off
# their screens.
MAX_NAME = 20

# Whose private lines are not a member's: refusals and the greeting, and what was said before one came.
SERVER = "*server*"
HISTORY = "*history*"

# How the refusal of a private line begins whose recipient is not there: clients know it by this.
NOBODY = "nobody here is called "

# Who asks the server itself for this, in a private line, is told who is here: in a line that begins so, with
# the names and ", " between them.
WHO = "who"
HERE = "here now: "

# Letters and marks by Unicode's book that no reader sees: with them two names could look alike. Fillers,
# Mongolian's and the other variation selectors.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0") | {
    chr(code) for code in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
}


def fold_name(name: str) -> str:
    """Return what two names share that people would take for the same one: NFKC, then casefold."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def read_members(text: str) -> list[str] | None:
    """Return the names in the server's line of who is here; None for any other line of its."""
    if not text.startswith(HERE):
        return None
    # What holds a blank is no name, but says how many more there are.
    return [name for name in text.removeprefix(HERE).split(", ") if name and " " not in name]


def is_reserved(name: str) -> bool:
    """Say whether a name belongs to the server alone."""
    return fold_name(name).startswith("*")


def _has_bare_mark(name: str) -> bool:
    """Say whether a mark has nothing of the name to stand on: it would join what is written before it."""
    base = False
    # Decomposed, because some symbols are a blank with a mark (U+00B4, U+309B).
    for character in unicodedata.normalize("NFKD", name):
        category = unicodedata.category(character)
        if category[0] == "M" and not base:
            return True
        # Emoji and symbols take marks too (a keycap's circle); punctuation and blanks do not.
        base = category[0] in "LNM" or category == "So"
    return False


def check_name(name: str) -> str | None:
    """Return why nobody may be called `name`, or None if somebody may."""
    if not name:
        return "the name is empty: expected ADD and a name"
    if len(name) > MAX_NAME:
        return f"the name has {len(name)} characters, expected at most {MAX_NAME}"
    # Not printable is what Unicode calls a separator or other: white space, control, format (the
    # bidirectional ones among them), unassigned and private characters.
    if not name.isprintable() or any(character.isspace() or character in _INVISIBLE for character in name):
        return "the name holds white space, control or invisible characters"
    if _has_bare_mark(name):
        return "the name holds a combining mark without a letter before it"
    if make_skeleton(name).startswith("*"):
        return "names that begin with * are the server's"
    return None


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


def describe_taken(name: str, double: str | None = None) -> Refusal:
    """Return the refusal of a name that somebody has, or that looks like `double`, who is here."""
    if double is None:
        return Refusal(f"the name {name} is taken", "the name is taken")
    return Refusal(f"the name {name} looks like {double}, who is here", "the name looks like a member's")
