"""Text from strangers, made safe to show on a terminal, which is asked what it obeys."""

import os
import re
import sys
from collections.abc import Mapping
from typing import IO

# C0 but for tab and newline, DEL and C1, the bidirectional controls that reorder what a reader sees
# (Unicode 15, table of Bidi_Control), the line and paragraph separators, and lone surrogates, which
# cannot be written as UTF-8 at all.
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_REST = f"\x7f-\x9f{_BIDI}\u2028\u2029\ud800-\udfff"
# As text: `re` compiles them when the first stranger speaks, and remembers.
_UNSAFE = f"[\x00-\x08\x0b-\x1f{_REST}]"
_UNSAFE_OR_BREAK = f"[\x00-\x1f{_REST}]"

_INDENT = "    "
_COLOUR = "(\x1b\\[[0-9;]*m)"

_SHORT: Mapping[str, str] = {"\t": "\\t", "\n": "\\n", "\r": "\\r", "\x1b": "\\e"}


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    return _SHORT.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def _json_escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"


def safe(text: str) -> str:
    """Return `text` with everything that could command a terminal escaped; newlines and tabs stay."""
    return re.sub(_UNSAFE, _escape, text)


def safe_line(text: str) -> str:
    """Like `safe`, and one line: newlines and tabs are escaped too."""
    return re.sub(_UNSAFE_OR_BREAK, _escape, text)


def wrap_line(line: str, width: int) -> str:
    """Break a line where a terminal of so many columns would, and indent what follows.

    Left to the terminal, what somebody has padded just so would begin at the left edge, and look like a
    line of its own. `line` is safe, but for colours of ours, which take no room.
    """
    # No character takes more than two columns.
    if 2 * len(line) <= width or width <= 2 * len(_INDENT):
        return line
    from pynetdb.text_width import split_widths

    pieces: list[str] = []
    column = 0
    for part in re.split(_COLOUR, line):
        if part.startswith("\x1b"):
            pieces.append(part)
            continue
        for character, cells in split_widths(part):
            if column + cells > width:
                pieces.append("\n" + _INDENT)
                column = len(_INDENT)
            pieces.append(character)
            column += cells
    return "".join(pieces)


def safe_json(document: str) -> str:
    """Escape what JSON allows raw inside its strings but a terminal would obey.

    `document` is JSON text as `json.dumps(..., ensure_ascii=False)` writes it: the C0 characters in its
    strings are escaped already, and those between its values are only layout. The value is unchanged.
    """
    return re.sub(_UNSAFE, _json_escape, document)


def obeys_escapes(stream: IO[str]) -> bool:
    """Say whether a stream is a terminal that obeys escape sequences; one of Windows is told to."""
    if not stream.isatty() or os.environ.get("TERM") == "dumb":
        return False
    if sys.platform == "win32":
        from pynetdb.windows_console import obeys_escapes

        try:
            return obeys_escapes(stream.fileno())
        except (OSError, ValueError):
            return False  # What an editor offers in place of a console.
    return True


def decoded(data: bytes) -> str:
    """Return bytes from a peer as text: UTF-8, and `\\xff` for what is not."""
    return data.decode("utf-8", "backslashreplace")
