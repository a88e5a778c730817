"""A line being typed: keys in, a line and its picture out."""

import re
from codecs import getincrementaldecoder
from collections.abc import Callable, Sequence

from pynetdb.text_width import character_width

# A key that sends more than a character: CSI and SS3 sequences (ECMA-48), or Alt and a key.
_SEQUENCE = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|O.|[^\[O])", re.DOTALL)
_BEGUN = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*|O)?\Z")

_KEYS = {
    "\x1b[A": "up", "\x1bOA": "up", "\x10": "up",
    "\x1b[B": "down", "\x1bOB": "down", "\x0e": "down",
    "\x1b[C": "right", "\x1bOC": "right", "\x06": "right",
    "\x1b[D": "left", "\x1bOD": "left", "\x02": "left",
    "\x1b[H": "home", "\x1bOH": "home", "\x1b[1~": "home", "\x01": "home",
    "\x1b[F": "end", "\x1bOF": "end", "\x1b[4~": "end", "\x05": "end",
    "\x1b[3~": "delete", "\x7f": "backspace", "\x08": "backspace",
    "\x0b": "kill", "\x15": "clear", "\x17": "word", "\t": "complete", "\x04": "end of input",
    "\r": "enter", "\n": "enter",
}  # fmt: skip

# Enough to find one's own words of a lesson again.
_MAX_HISTORY = 200


class EndOfInput:
    """The user has nothing more to say (^D on an empty line)."""


class LineEditor:
    """Edits a line as shells do: arrows, Home and End, ^A ^E ^K ^U ^W, history, Tab.

    `names` are what Tab completes a word to.
    """

    def __init__(self, prompt: str, names: Callable[[], Sequence[str]]) -> None:
        self.text = ""
        self.cursor = 0
        self._prompt = prompt
        self._names = names
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._keys = ""
        self._history: list[str] = []
        self._place = 0
        self._draft = ""

    def receive_data(self, data: bytes) -> list[str | EndOfInput]:
        """Take what the terminal sent, and return the lines that were entered."""
        self._keys += self._decoder.decode(data)
        entered: list[str | EndOfInput] = []
        while self._keys and not _BEGUN.match(self._keys):
            match = _SEQUENCE.match(self._keys)
            key = match.group() if match else self._keys[0]
            self._keys = self._keys[len(key) :]
            name = _KEYS.get(key)
            if name == "enter":
                entered.append(self._enter())
            elif name == "end of input" and not self.text:
                entered.append(EndOfInput())
            elif name is not None:
                self._edit(name)
            elif key.isprintable():
                self._insert(key)
        return entered

    def picture(self, width: int) -> str:
        """Return what draws the line over the terminal's current row, of `width` columns.

        A line that is too long is shown in part, around the cursor, so that it never needs two rows.
        """
        room = max(width - len(self._prompt) - 1, 1)
        start = self.cursor
        used = 0
        while start > 0 and used + character_width(self.text[start - 1]) <= room:
            start -= 1
            used += character_width(self.text[start])
        end = self.cursor
        behind = 0
        while end < len(self.text) and used + behind + character_width(self.text[end]) <= room:
            behind += character_width(self.text[end])
            end += 1
        back = f"\x1b[{behind}D" if behind else ""
        return f"\r\x1b[K{self._prompt}{self.text[start:end]}{back}"

    def _enter(self) -> str:
        line = self.text
        if line and self._history[-1:] != [line]:
            self._history = [*self._history, line][-_MAX_HISTORY:]
        self._place = len(self._history)
        self.text, self.cursor = "", 0
        return line

    def _insert(self, text: str) -> None:
        self.text = self.text[: self.cursor] + text + self.text[self.cursor :]
        self.cursor += len(text)

    def _cut(self, start: int, end: int) -> None:
        self.text = self.text[:start] + self.text[end:]
        self.cursor = start

    def _edit(self, key: str) -> None:
        at, last = self.cursor, len(self.text)
        match key:
            case "left":
                self.cursor = max(at - 1, 0)
            case "right":
                self.cursor = min(at + 1, last)
            case "home":
                self.cursor = 0
            case "end":
                self.cursor = last
            case "backspace":
                self._cut(max(at - 1, 0), at)
            case "delete" | "end of input":
                self._cut(at, at + 1)
            case "kill":
                self._cut(at, last)
            case "clear":
                self._cut(0, at)
            case "word":
                self._cut(len(self.text[:at].rstrip().rpartition(" ")[0].rstrip(" ")), at)
            case "up" | "down":
                self._remember(-1 if key == "up" else 1)
            case _:
                self._complete()

    def _remember(self, step: int) -> None:
        place = self._place + step
        if not 0 <= place <= len(self._history):
            return
        if self._place == len(self._history):
            self._draft = self.text
        self._place = place
        self.text = self._history[place] if place < len(self._history) else self._draft
        self.cursor = len(self.text)

    def _complete(self) -> None:
        """Complete the word before the cursor as far as the names agree; a recipient gets its colon."""
        head = self.text[: self.cursor]
        before, _, word = head.rpartition(" ")
        found = [name for name in self._names() if name.casefold().startswith(word.casefold())]
        if not word or not found:
            return
        agreed = found[0]
        for name in found[1:]:
            while not name.casefold().startswith(agreed.casefold()):
                agreed = agreed[:-1]
        if len(found) == 1 and before.casefold() == "private":
            agreed += ":"
        self._cut(self.cursor - len(word), self.cursor)
        self._insert(agreed)
