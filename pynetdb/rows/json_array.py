"""Rows from a text that is one value of JSON: an array of objects, or an object that holds one."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from pynetdb.errors import DatabaseError
from pynetdb.rows.geojson import is_collection, read_features
from pynetdb.rows.json_places import Places, Row, describe_error
from pynetdb.rows.json_shapes import find_rows
from pynetdb.rows.json_values import DuplicateKeyError, RowDecoder
from pynetdb.rows.source import Source

# So many objects of an array are read together.
_ROWS = 500
_SPACE = " \t\n\r"


def read_array(
    source: Source,
    decoder: RowDecoder,
    places: Places,
    at: Sequence[str] | None,
    tell: Callable[[str], None],
) -> Iterator[tuple[list[Row], list[int]]]:
    """Read objects, some at a time, each with its line; `at` are the keys that lead to them.

    Without keys the features of GeoJSON are rows, of which `tell` is told what became of them; any other
    object is a row itself. Raises DatabaseError, by line and item, for what is not JSON or not an object.
    """
    text = _Window(source, decoder, places)
    if text.peek() != "[":
        line = text.line
        value = places.require_row(text.value(), line)
        if text.peek():
            raise places.error(text.line, "text after the end of the JSON value (one object a line is jsonl)")
        if at is None:
            rows = read_features(value, places, line, tell) if is_collection(value) else [value]
        else:
            rows = find_rows(value, at, places, line)
        for start in range(0, len(rows), _ROWS):
            part = rows[start : start + _ROWS]
            yield part, [line] * len(part)
        return
    if at is not None:
        raise places.error(text.line, f"an array, expected an object with {at[0]!r}")
    text.skip()
    text.item = 1
    rows = []
    lines: list[int] = []
    closing = text.peek()
    while closing != "]":
        text.peek()
        line = text.line
        rows.append(places.require_row(text.value(), line, text.item))
        lines.append(line)
        closing = text.peek()
        if closing not in (",", "]"):
            raise text.error(text.line, "is not JSON (expected , or ] after a value of the array)")
        text.item += 1
        if closing == ",":
            text.skip()
        if len(rows) == _ROWS:
            yield rows, lines
            rows, lines = [], []
    text.skip()
    if text.peek():
        raise places.error(text.line, "text after the end of the JSON value")
    if rows:
        yield rows, lines


class _Window:
    """A part of the text that moves along with what is read of it."""

    def __init__(self, source: Source, decoder: RowDecoder, places: Places) -> None:
        self._pieces = source.pieces()
        self._decoders = decoder
        self._decoder, self._judged = decoder.plain, False
        self._places = places
        self._text = ""
        self._at = 0
        self.line = 1
        self.item: int | None = None
        """Which item of the array is being read, if it is an array."""

    def error(self, line: int, message: str) -> DatabaseError:
        """Return the error for what is wrong on a line."""
        return self._places.error(line, message, self.item)

    def peek(self) -> str:
        """Pass over white space; return the character after it, or an empty text at the end."""
        while True:
            text, at = self._text, self._at
            while at < len(text) and text[at] in _SPACE:
                at += 1
            self._move(at)
            if at < len(text):
                return text[at]
            if not self._more():
                return ""

    def skip(self) -> None:
        """Pass over one character."""
        self._move(self._at + 1)

    def value(self) -> Any:
        """Read the value that begins here. Raises DatabaseError where none does."""
        wanted = 1
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
                # A number goes on after the end of what has been read, perhaps.
                complete = end < len(self._text) or not self._more()
                if complete and (self._judged or self._is_decoder_right()):
                    self._move(end)
                    return value
            except RecursionError as error:
                raise self.error(self.line, "is not JSON (nested too deeply)") from error
            except DuplicateKeyError as error:
                raise self.error(self.line, str(error)) from error
            except ValueError as error:
                # It may only be incomplete. Each time as much again is read, so that a long value is
                # looked at a few times only.
                more = self._more(wanted)
                wanted *= 2
                if not more:
                    line = self.line + self._text.count("\n", self._at, getattr(error, "pos", self._at))
                    raise self.error(line, describe_error(error)) from error
                self._places.bound(len(self._text), self.line)

    def _move(self, end: int) -> None:
        self.line += self._text.count("\n", self._at, end)
        self._at = end

    def _more(self, pieces: int = 1) -> bool:
        """Read on; return whether there was anything."""
        more = "".join(islice(self._pieces, pieces))
        if more:
            self._text = self._text[self._at :] + more
            self._at = 0
            self._decoder, self._judged = self._decoders.plain, False
        return bool(more)

    def _is_decoder_right(self) -> bool:
        """Whether the decoder suits the text, at which nobody has looked yet; if not, take one that does."""
        self._judged, tried = True, self._decoder
        self._decoder = self._decoders.choose(self._text)
        return self._decoder is tried
