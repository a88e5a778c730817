"""What the user of a chat client types: one table, which the terminal's client and the page both read.

A pattern is a regular expression that Python and JavaScript read alike, without regard to case. The first
that matches a whole line, blanks around it aside, says what the line means; one that none matches is for
everybody.
"""

import re
from dataclasses import asdict, dataclass
from typing import Any

from pynetdb.protocols.chat.commands import MAX_LINE
from pynetdb.protocols.chat.names import HERE, HISTORY, NOBODY, SERVER, WHO


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of line. Its groups, if it has any, are the recipient and the text."""

    meaning: str
    pattern: str
    usage: str
    help: str


RULES = (
    Rule("private", r"private[ \t]+([^: \t][^:]*):(.*)", "private NAME:TEXT", "say TEXT to NAME alone"),
    # Half of a private line is a mistake: said aloud it would tell all what was meant for one.
    Rule("unclear", r"private(?:[ \t].*)?", "", "to one alone: private NAME:TEXT"),
    Rule("who", r"/who", "/who", "see who is here"),
    Rule("help", r"/help", "/help", "see what can be typed"),
    Rule("quit", r"quit", "quit", "leave"),
)

_COMPILED = [(rule, re.compile(rule.pattern, re.IGNORECASE | re.DOTALL)) for rule in RULES]

HELP = (
    *(f"{rule.usage}: {rule.help}" for rule in RULES if rule.usage),
    "anything else: say it to all",
)


def parse(line: str) -> tuple[Rule, str, str] | None:
    """Return what a line means, with its recipient and its text; None if it is to be said to everybody."""
    stripped = line.strip()
    for rule, pattern in _COMPILED:
        if match := pattern.fullmatch(stripped):
            recipient, text = match.groups() or ("", "")
            return rule, recipient.rstrip(), text
    return None


def to_json() -> dict[str, Any]:
    """Return the table for a client that is not Python, with the words by which the server is known."""
    return {
        "rules": [asdict(rule) for rule in RULES],
        "help": list(HELP),
        "max_line": MAX_LINE,
        "server": {"name": SERVER, "history": HISTORY, "who": WHO, "here": HERE, "nobody": NOBODY},
    }
