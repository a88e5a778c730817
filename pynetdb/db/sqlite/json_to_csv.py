"""CSV made of JSON arrays, thousands of rows at a time.

What is not in need of quotes is JSON already, but for its quotes and brackets: then a block of rows is a
matter of a few passes at the speed of C. A line with more in it is read by `json`, and written by itself.
"""

import json
from collections.abc import Mapping, Sequence

from pynetdb.rows.csv_writer import csv_lines

# All but what JSON has between its values.
_NO_MARKS = bytes(set(range(256)) - set(b',"[]\n'))

# Between the lines of a block, where one is taken out: JSON has no control character as itself.
_GAP = b"\0"


class CsvMaker:
    """Makes CSV of lines that each are a JSON array of so many cells.

    `marks` says for which characters some texts have something else: those that JSON or CSV would write in
    another way. A text with any of them that needs quotes has them already.
    """

    def __init__(self, width: int, delimiter: str, marks: Mapping[str, str]) -> None:
        self._commas = width - 1
        self._delimiter = delimiter
        self._marks = [(mark.encode(), character.encode()) for mark, character in marks.items()]
        self._quote = next((mark for mark, character in marks.items() if character == '"'), None)
        self._characters = dict(marks)

    def convert(self, block: bytes) -> bytes:
        """Return the lines of a block as CSV; each ends with a newline."""
        clean, others = _take_out_escapes(block)
        if not self._are_alike(clean) and not self._are_plain(clean):
            clean, others = self._take_out_unlike(block)
        plain = clean.translate(None, b'"[]')
        if self._delimiter != ",":
            plain = plain.replace(b",", self._delimiter.encode())
        for mark, character in self._marks:
            plain = plain.replace(mark, character)
        if not others:
            return plain
        pieces = plain.split(_GAP)
        parts = [pieces[0]]
        for line, piece in zip(self._careful(others), pieces[1:], strict=True):
            parts += (line, piece)
        return b"".join(parts)

    def _are_alike(self, block: bytes) -> bool:
        """Whether what stands between values is the same in all rows, and in no text of the first one."""
        marks = block.translate(None, _NO_MARKS)
        first = marks[: marks.find(b"\n") + 1]
        if first.count(b",") != self._commas or first.count(b"[") != 1 or first.count(b"]") != 1:
            return False
        return marks == first * (len(marks) // len(first))

    def _are_plain(self, block: bytes) -> bool:
        """Whether there are as many commas and brackets as so many rows must have."""
        rows = block.count(b"\n")
        return block.count(b",") == self._commas * rows and block.count(b"[") == block.count(b"]") == rows

    def _take_out_unlike(self, block: bytes) -> tuple[bytes, list[bytes]]:
        pieces, others = [], []
        for line in block.splitlines(keepends=True):
            if (
                line.count(b",") == self._commas
                and line.count(b"[") == line.count(b"]") == 1
                and b"\\" not in line
            ):
                pieces.append(line)
            else:
                pieces.append(_GAP)
                others.append(line)
        return b"".join(pieces), others

    def _careful(self, lines: Sequence[bytes]) -> list[bytes]:
        document = b"[" + b",".join(lines) + b"]"
        rows = json.loads(document.decode("utf-8", "surrogateescape"), parse_float=str, parse_int=str)
        if self._marks:
            rows = [list(map(self._unmark, row)) for row in rows]
        texts = csv_lines(rows, self._delimiter)
        return [text.encode("utf-8", "surrogateescape") for text in texts]

    def _unmark(self, cell: str) -> str:
        quote = self._quote
        if quote is not None and cell.startswith(quote):
            cell = cell[len(quote) : -len(quote)].replace(quote * 2, quote)
        for mark, character in self._characters.items():
            cell = cell.replace(mark, character)
        return cell


def _take_out_escapes(block: bytes) -> tuple[bytes, list[bytes]]:
    """Return a block with a gap for each line that has a backslash in it, and those lines."""
    slash = block.find(b"\\")
    if slash < 0:
        return block, []
    pieces, others = [], []
    at = 0
    while slash >= 0:
        start = block.rfind(b"\n", at, slash) + 1 or at
        end = block.index(b"\n", slash) + 1
        pieces.append(block[at:start])
        others.append(block[start:end])
        at = end
        slash = block.find(b"\\", at)
    pieces.append(block[at:])
    return _GAP.join(pieces), others
