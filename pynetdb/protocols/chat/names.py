"""Names in a chat room: which are fit to be one, and which are the same."""

import unicodedata

# As long as a line of conversation can carry in front of it.
MAX_NAME = 20

SERVER = "*server*"
HISTORY = "*history*"

# How the refusal of a private line begins whose recipient is not there: clients know it by this.
NOBODY = "nobody here is called "

# Letters by Unicode's book that no reader sees: with them two names could look alike.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(code) for code in range(0xFE00, 0xFE10)
}


def fold_name(name: str) -> str:
    """Return what two names share that people would take for the same one: NFKC, then casefold."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def is_reserved(name: str) -> bool:
    """Say whether a name belongs to the server alone."""
    return fold_name(name).startswith("*")


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
    if is_reserved(name):
        return "names that begin with * are the server's"
    return None
