"""Rows from JSON lines: an object a line (https://jsonlines.org)."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from pynetdb.rows.json_line_pattern import LinePattern, Sorts, WrittenRows, find_pattern
from pynetdb.rows.json_numbers import may_be_inexact
from pynetdb.rows.json_places import Places, Row, describe_error
from pynetdb.rows.json_values import RowDecoder, decode_plain_rows, decode_row
from pynetdb.rows.source import Source

_SPACE = " \t\n\r"
# Of random bytes in hexadecimal, what might stand in a number.
_AS_LETTERS = str.maketrans("0123456789e", "ghijklmnopq")
# How often lines may be otherwise than the lines before: each time they are read twice.
_MAX_MISSES = 8


class JsonLines:
    """The lines of a source, some at a time.

    With `as_written` those that are written alike may come as WrittenRows. Raises DatabaseError, by the
    line, for what is not JSON or not an object.
    """

    def __init__(self, source: Source, decoder: RowDecoder, places: Places, *, as_written: bool) -> None:
        self._source = source
        self._decoder = decoder
        self._places = places
        self._plain = plain = not decoder.keep_numbers
        self._pattern: LinePattern | None = None
        self._sorts: Mapping[str, Sorts] = {}
        # Goes up with each block that is as it was expected, and down with each that is not.
        self._confidence = _MAX_MISSES if as_written and plain else 0
        # Between the lines of a block stands a text that cannot be in them, so that two lines which are
        # JSON only together, or one which is two values, do not pass as rows.
        self._mark = os.urandom(12).hex().translate(_AS_LETTERS)

    @property
    def has_pattern(self) -> bool:
        """Whether what comes next is expected to be WrittenRows."""
        return self._pattern is not None

    def groups(self) -> Iterator[tuple[list[Row] | WrittenRows, Sequence[int]]]:
        """Read on: rows, and the line of each."""
        first = 1
        rest: list[str] = []
        held = 0
        for piece in chain(self._source.pieces(), ("",)):
            cut = piece.rfind("\n") + 1
            if piece and not cut:
                rest.append(piece)
                held += len(piece)
                self._places.bound(held, first)
                continue
            block = "".join([*rest, piece[:cut]])
            rest = [piece[cut:]]
            held = len(piece) - cut
            count = block.count("\n") + (block[-1:] not in ("\n", ""))
            if not count:
                continue
            written = None if self._pattern is None else self._pattern.read(block, count)
            if written is not None:
                self._confidence = min(self._confidence + 1, _MAX_MISSES)
                yield written, range(first, first + count)
            else:
                if self._pattern is not None:
                    self._confidence -= 2
                rows, numbers = self._parse(block, first)
                if rows:
                    yield rows, numbers
            first += count

    def _parse(self, block: str, first: int) -> tuple[list[Row], Sequence[int]]:
        texts = block.split("\n")
        if not texts[-1]:
            texts.pop()
        between = f',"{self._mark}",'
        text = f"[{between.join(texts)}]"
        values, decoder = self._decode(block, text)
        rows = values[::2]
        if (
            len(values) != 2 * len(texts) - 1
            or values[1::2].count(self._mark) != len(texts) - 1
            or set(map(type, rows)) != {dict}
        ):
            return self._parse_line_by_line(texts, first, decoder)
        if decoder is self._decoder.written:
            # Rows with others inside are hardly ever alike, and here their numbers say nothing of them.
            self._pattern = None
        else:
            self._learn_pattern(texts[0], rows)
        return rows, range(first, first + len(texts))

    def _decode(self, block: str, text: str) -> tuple[list[Any], json.JSONDecoder]:
        """Return the array that a block has been made to, nothing if it is none, and what has decoded it."""
        decoder = plain = self._decoder.plain
        # What holds neither arrays nor, as plain rows, objects needs no closer look.
        inexact = may_be_inexact(block)
        if inexact or "[" in block or not self._plain:
            decoder = self._decoder.choose(block, inexact)
        if self._plain and decoder is plain:
            values = decode_plain_rows(text)
            if values is not None:
                return values, plain
            # Where rows have objects in them others will.
            self._plain = False
            decoder = self._decoder.choose(block, inexact)
        try:
            return decode_row(decoder, text), decoder
        except ValueError:
            return [], decoder

    def _learn_pattern(self, line: str, rows: list[Row]) -> None:
        found = find_pattern(line, rows, self._sorts) if self._confidence > 0 else None
        if found is None:
            self._pattern, self._confidence = None, 0
        else:
            self._sorts, self._pattern = found

    def _parse_line_by_line(
        self, texts: Sequence[str], first: int, decoder: json.JSONDecoder
    ) -> tuple[list[Row], list[int]]:
        """Read lines of which one is blank or wrong."""
        rows = []
        numbers = []
        for number, text in enumerate(texts, first):
            if text.strip(_SPACE):
                try:
                    value = decode_row(decoder, text)
                except ValueError as error:
                    raise self._places.error(number, describe_error(error)) from error
                rows.append(self._places.require_row(value, number))
                numbers.append(number)
        return rows, numbers
