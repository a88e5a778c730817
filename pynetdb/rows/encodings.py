"""Which encodings fit bytes that are not in the one that was expected."""

import codecs
import re
from collections.abc import Iterable

from pynetdb.rows.alphabets import WordGuess

# Multi-byte encodings first: what decodes as one of them, with letters of its own, is hardly another.
# UTF-16 without a mark shows by its zero bytes. Single-byte ones fit nearly anything, so theirs is the last
# word, and several may fit.
_CANDIDATES = ("utf-8", "shift_jis", "euc_kr", "euc_jp", "gb18030", "big5")
_JAPANESE = {"shift_jis", "euc_jp"}
_CHINESE = {"gb18030", "big5"}
_WIDE = _JAPANESE | _CHINESE | {"euc_kr"}
_MOST = 3
"""So many encodings are named where several fit."""
# So many characters show what a text is.
_ENOUGH = 1_000_000

# One byte beyond ASCII beside a piece of a word: an accent in Latin letters. Where characters have two bytes,
# both are beyond ASCII, or the second alone is a letter.
_ACCENT = re.compile(
    rb"(?<=[A-Za-z]{2})[\x80-\xff](?![\x80-\xff])|(?<![\x80-\xff])[\x80-\xff](?=[A-Za-z]{2})"
)

# By the first byte: the ideographs of level 1 in GB 2312, Big5 and JIS X 0208.
_COMMON_ROWS = {
    "gb18030": range(0xB0, 0xD8),
    "big5": range(0xA4, 0xC7),
    "shift_jis": range(0x88, 0x98),
    "euc_jp": range(0xB0, 0xD0),
}

# What no text has, but for tabs and ends of lines, pages and files.
_CONTROLS = bytes({*range(32)} - {9, 10, 12, 13, 26})

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8"),
)


class EncodingGuess:
    """Finds the encodings in which all of a text can be read, piece by piece."""

    def __init__(self, head: bytes) -> None:
        """`head` is the beginning of the text, which is fed as well."""
        self._words: WordGuess | None = None
        names: Iterable[str] = [name for mark, name in _MARKS if head.startswith(mark)][:1]
        names = names or _find_utf_16(head)
        if not names and len(head) - len(head.translate(None, _CONTROLS)) <= len(head) / 10:
            names, self._words = _CANDIDATES, WordGuess()
        self._decoders = {name: codecs.getincrementaldecoder(name)() for name in names}
        self._wide = dict.fromkeys(self._decoders, 0)
        self._strange = dict.fromkeys(self._decoders, 0)
        self._high = self._pairs = 0
        self._last_high = False
        self._accents = 0
        self._rest = b""
        self._counted = 0
        self._kana = dict.fromkeys(self._decoders, 0)
        self._room = _ENOUGH

    def feed(self, data: bytes, final: bool = False) -> None:
        """Look at a piece of the text; `final` says that it is the last."""
        if self._words is not None:
            self._words.feed(data, final)
            self._count_accents(data, final)
        looking = self._words is not None and self._room > 0
        if looking and not data.isascii():
            self._room -= len(data)
            for byte in data:
                high = byte > 127
                self._high += high
                self._pairs += high and self._last_high
                self._last_high = high
        else:
            self._last_high = False
        for name, decoder in list(self._decoders.items()):
            try:
                text = decoder.decode(data, final)
            except UnicodeDecodeError:
                del self._decoders[name]
                continue
            for character in text if looking and not text.isascii() else "":
                if character > "\x7f":
                    self._wide[name] += 1
                    self._strange[name] += _is_strange(character, name)
                    self._kana[name] += "\u3040" <= character <= "\u30ff"

    def _count_accents(self, data: bytes, final: bool) -> None:
        """Count them wherever the text was cut: those are kept back whose neighbours are still to come."""
        text, counted = self._rest + data, self._counted
        end = max(counted, len(text) - (0 if final else 2))
        if self._room > 0 and not text.isascii():
            self._accents += sum(counted <= match.start() < end for match in _ACCENT.finditer(text))
        self._rest = text[max(0, end - 2) :]
        self._counted = min(end, 2)

    def best(self) -> str | None:
        """Return the encoding that fits best, None if none does."""
        return next(iter(self.candidates()), None)

    def candidates(self) -> list[str]:
        """Return the encoding that fits best, and with it those that fit hardly less."""
        names = list(self._decoders)
        if self._words is None:
            return names
        readings = self._words.best()
        likely = [reading.encoding for reading in readings[:_MOST]]
        if not names:
            return likely
        wide = min(names, key=lambda name: (self._share(name), names.index(name)))
        # In Latin letters those with accents stand alone.
        crowded = bool(readings) and readings[0].latin and self._pairs > self._high / 2
        if not readings or self._share(wide) <= readings[0].strange + 0.5 * crowded:
            # One character or two may be accents that stand so by chance.
            few = wide in _WIDE and self._wide[wide] < 3 and readings and readings[0].latin and not crowded
            return likely if few else [wide]
        return likely

    def _share(self, name: str) -> float:
        """How much of what is not ASCII would be strange in that encoding."""
        share = self._strange[name] / max(1, self._wide[name])
        if name in _WIDE:
            share += self._accents / max(1, self._high)
        # Japanese is never without kana for long.
        if name in _JAPANESE and not self._kana[name]:
            share += 0.3
        return share


def _find_utf_16(head: bytes) -> list[str]:
    """Return which UTF-16 a text without a mark is in: ASCII has every other byte zero there."""
    zeros = {"utf-16-be": head[::2].count(0), "utf-16-le": head[1::2].count(0)}
    name = max(zeros, key=lambda name: zeros[name])
    usual = zeros[name] * 5 > len(head) and sum(zeros.values()) - zeros[name] < zeros[name] / 4
    return [name] if usual else []


def _is_common(ideograph: str, encoding: str) -> bool:
    """Whether an ideograph is of the frequent ones, which all of these encodings have in rows of their own.

    In the rows behind them lie those that hardly a text has, and there pairs of Latin letters end up.
    """
    first, *others = ideograph.encode(encoding)
    rows = _COMMON_ROWS.get(encoding)
    return rows is None or (first in rows and (encoding != "gb18030" or others[0] > 0xA0))


def _is_strange(character: str, encoding: str) -> bool:
    """Whether a character is seldom in text of that encoding."""
    if encoding in _WIDE:
        ideograph = "\u4e00" <= character <= "\u9fff" and _is_common(character, encoding)
        own = (
            "\uac00" <= character <= "\ud7a3"
            if encoding == "euc_kr"
            else ideograph or (encoding in _JAPANESE and "\u3040" <= character <= "\u30ff")
        )
        # Punctuation, and letters as wide as those.
        return not (own or "\u3000" <= character <= "\u303f" or "\uff00" <= character <= "\uff60")
    return False
