"""Commands of other databases' shells, which are no SQL, and what does the same here."""

import re
from typing import NamedTuple

SQLITE3, PSQL, MYSQL = "the sqlite3 shell", "psql", "the mysql shell"


class ShellCommand(NamedTuple):
    """A command that was recognised."""

    text: str
    """How it was written, without what follows it."""
    shell: str
    """Whose it is; empty where several have it."""
    hint: str
    """The key in `hints.HINTS` of what does the same."""

    def __str__(self) -> str:
        return f"{self.text} is a command of {self.shell or 'other shells'}, not SQL"


# The dot commands may be shortened, as the sqlite3 shell lets its users do; the first that fits counts.
_DOTTED = (
    ("tables databases indexes indices", "tables listed"),
    ("schema fullschema", "schema shown"),
    ("dump", "schema shown"),
    ("headers mode separator width nullvalue", "format chosen"),
    ("output once excel www", "output file"),
    ("import", "data loaded"),
    ("read", "script read"),
    ("open", "database named"),
    ("quit exit", "nothing to leave"),
    ("parameter", "values given"),
    ("timeout", "time limited"),
    ("eqp explain", "plan shown"),
    ("help", "help shown"),
)

# What follows the backslash of psql, without the `+` and `S` that ask for more.
_BACKSLASHED = {
    "d": "tables listed", "dt": "tables listed", "dv": "tables listed", "di": "tables listed",
    "dn": "tables listed", "l": "tables listed", "list": "tables listed",
    "x": "format chosen", "a": "format chosen", "H": "format chosen", "pset": "format chosen",
    "t": "format chosen", "f": "format chosen", "G": "format chosen",
    "o": "output file", "g": "output file", "copy": "data loaded",
    "i": "script read", "ir": "script read", "c": "database named", "connect": "database named",
    "q": "nothing to leave", "set": "values given", "bind": "values given",
}  # fmt: skip

_WORDS = (
    (r"show\s+(?:(?:full|all|open)\s+)?(?:tables|databases|schemas|views|table\s+status)\b", "tables listed"),
    (r"show\s+(?:create\s+\w+|(?:full\s+)?(?:columns|fields)|index(?:es)?|keys)\b", "schema shown"),
    (r"(?:describe|desc)\b", "schema shown"),
    (r"use\s+[\w\"`]+$", "database named"),
    (r"source\s+\S+$", "script read"),
    (r"load\s+data\b", "data loaded"),
)  # fmt: skip


def recognise(sql: str) -> ShellCommand | None:
    """Return the shell's command that a text is; None for SQL, and for what nobody knows."""
    text = sql.strip().rstrip("; \t\r\n")
    word = text.split(None, 1)[0] if text else ""
    if re.fullmatch(r"\.[A-Za-z]\w*", word):
        return ShellCommand(word, SQLITE3, _find_dotted(word[1:].lower()))
    if re.fullmatch(r"\\[A-Za-z?!]+[+S]*", word):
        letters = word[1:].rstrip("+S")
        hint = "schema shown" if letters == "d" and word != text else _BACKSLASHED.get(letters, "help shown")
        return ShellCommand(word, PSQL, hint)
    if re.fullmatch(r"quit|exit|bye|q", text, re.IGNORECASE):
        return ShellCommand(text, "", "nothing to leave")
    if re.fullmatch(r"help|\?", text, re.IGNORECASE):
        return ShellCommand(text, "", "help shown")
    if re.fullmatch(r"(?:list\s+)?(?:tables|databases|schemas)", text, re.IGNORECASE):
        return ShellCommand(text, "", "tables listed")
    if re.fullmatch(r"schema", text, re.IGNORECASE):
        return ShellCommand(text, "", "schema shown")
    for pattern, hint in _WORDS:
        if match := re.match(pattern, text, re.IGNORECASE):
            return ShellCommand(" ".join(match.group().split()), MYSQL, hint)
    return None


def _find_dotted(word: str) -> str:
    for names, hint in _DOTTED:
        if any(name.startswith(word) for name in names.split()):
            return hint
    return "help shown"
