"""The records of delimited text that is polluted: those that are right, and what others are taken for."""

import io
import re
from collections import deque
from collections.abc import Callable, Iterator
from itertools import count, islice
from typing import NamedTuple

from pynetdb.errors import DatabaseError
from pynetdb.rows.csv_grammar import CsvGrammar
from pynetdb.rows.csv_reader import MAX_FIELD, too_long

# In a record that is not right a quoted field over more lines than these is a stray quote.
_MAX_LINES = 100


class LenientRecord(NamedTuple):
    """A record, or a blank line."""

    line: int
    fields: list[str]
    """None for a blank line."""
    stray: bool = False
    """Whether a quote of it was taken as it stands."""
    after_blank: bool = False
    """Whether a blank line stands before it, which whoever leaves those out says."""


class LenientRecords:
    """Cuts a text into records, each as the grammar has it wherever that is possible.

    Otherwise a quote that quotes nothing is a character like others, and a carriage return outside of quotes
    ends a line. Raises DatabaseError for a line that is too long.
    """

    def __init__(self, pieces: Iterator[str], name: str, line: int) -> None:
        """`name` is the text's, `line` the number of its first line."""
        self._lines = _Lines(pieces, lambda: too_long(name, self._line))
        self._line = line

    def use_grammar(self, grammar: CsvGrammar) -> None:
        """Say what a record is, from here on."""
        self._grammar = grammar
        self._quote = grammar.quote or '"'
        quote = re.escape(self._quote)
        inside, end = f"(?:[^{quote}]|{quote}{quote})*+", f"(?={re.escape(grammar.delimiter)}|\\Z)"
        self._inside = re.compile(inside)
        self._quoted = re.compile(f"{quote}({inside}){quote}{end}")
        self._stray = re.compile(f"{quote}(.*?){quote}{end}", re.DOTALL)

    def __iter__(self) -> Iterator[LenientRecord]:
        for line in self._lines:
            number = self._line
            self._line += 1
            text = _without_end(line)
            if not text:
                yield LenientRecord(number, [])
            elif self._grammar.quote is None or self._quote not in text:
                yield LenientRecord(number, text.split(self._grammar.delimiter))
            elif (more := self._find_end(text)) is not None:
                record = self._take(line, more)
                yield LenientRecord(number, self._grammar.fields(_without_end(record)))
            else:
                yield LenientRecord(number, *self._split(line))

    def _find_end(self, text: str) -> int | None:
        """Return how many lines more end the record that begins with a text, None if it is not right."""
        match = self._grammar.first_line.match(text)
        if match is None:
            return None
        if not match.lastgroup:
            return 0
        held = 0
        for number, line in enumerate(self._lines.ahead(), 1):
            held += len(line)
            match = self._grammar.next_line.match(_without_end(line))
            if match is None or held > MAX_FIELD:
                return None
            if not match.lastgroup:
                return number
        return None

    def _take(self, line: str, more: int) -> str:
        """Return a line together with so many more."""
        if not more:
            return line
        text = io.StringIO(newline="")
        for _ in range(more):
            text.write(line)
            # In quotes a carriage return alone ends no line.
            self._line += not line.endswith("\r")
            line = next(self._lines)
        text.write(line)
        return text.getvalue()

    def _split(self, line: str) -> tuple[list[str], bool]:
        """Return the fields of a record that begins with a line, and whether one has a stray quote."""
        delimiter, quote = self._grammar.delimiter, self._quote
        text = _without_end(line)
        fields = []
        stray = False
        at = 0
        while True:
            blank = 0
            while text.startswith(" ", at + blank):
                blank += 1
            if blank and self._quoted.match(text, at + blank):
                # `1, "a, b"` means a quoted field; the spaces in front of it are nothing.
                stray = True
                at += blank
            if text.startswith(quote, at):
                if self._is_open(text, at + 1) and (more := self._find_quote()):
                    line = self._take(line, more)
                    text = _without_end(line)
                match = self._quoted.match(text, at)
                if match is None:
                    stray = True
                    match = self._stray.match(text, at)
                if match is not None:
                    fields.append(match[1].replace(quote * 2, quote))
                    at = match.end()
                    if at == len(text):
                        return fields, stray
                    at += 1
                    continue
            after = text.find(delimiter, at)
            field = text[at:] if after < 0 else text[at:after]
            stray = stray or quote in field
            fields.append(field)
            if after < 0:
                return fields, stray
            at = after + 1

    def _is_open(self, text: str, at: int) -> bool:
        """Whether a quoted field whose first character is there goes on behind the text."""
        match = self._inside.match(text, at)
        return match is not None and match.end() == len(text)

    def _find_quote(self) -> int:
        """Return how many lines more end a quoted field, 0 if it is not ended soon."""
        for number, line in enumerate(islice(self._lines.ahead(), _MAX_LINES), 1):
            text = _without_end(line)
            match = self._inside.match(text)
            end = match.end() if match else 0
            if end < len(text):
                return number if text[end + 1 : end + 2] in ("", self._grammar.delimiter) else 0
        return 0


class _Lines:
    """The lines of a text with their ends, of which some can be looked at before they are taken."""

    def __init__(self, pieces: Iterator[str], fail: Callable[[], DatabaseError]) -> None:
        self._pieces = _whole_lines(pieces, fail)
        # What was looked at is kept as text: as lines it would take many times the room.
        self._ahead: deque[str] = deque()
        self._lines: list[str] = []
        self._at = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        while self._at == len(self._lines):
            text = self._ahead.popleft() if self._ahead else next(self._pieces)
            self._lines = list(io.StringIO(text, newline=""))
            self._at = 0
        self._at += 1
        return self._lines[self._at - 1]

    def ahead(self) -> Iterator[str]:
        """The lines that come next, which stay there."""
        yield from islice(self._lines, self._at, None)
        for number in count():
            if number == len(self._ahead):
                text = next(self._pieces, None)
                if text is None:
                    return
                self._ahead.append(text)
            yield from io.StringIO(self._ahead[number], newline="")


def _without_end(line: str) -> str:
    return line.rstrip("\r\n")


def _whole_lines(pieces: Iterator[str], fail: Callable[[], DatabaseError]) -> Iterator[str]:
    """Cut a text behind a line end, that is LF, CRLF or CR, whichever comes."""
    rest: list[str] = []
    held = 0
    for piece in pieces:
        # A CR at the end may be half of a CRLF.
        cut = 1 + max(piece.rfind("\n"), piece.rfind("\r", 0, len(piece) - 1))
        if cut:
            yield "".join([*rest, piece[:cut]])
            rest, held = [], 0
        rest.append(piece[cut:])
        held += len(piece) - cut
        if held > MAX_FIELD:
            raise fail()
    if held:
        yield "".join(rest)
