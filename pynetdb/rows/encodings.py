"""Which encodings fit bytes that are not in the one that was expected."""

import codecs
import re
from collections.abc import Iterable

# Multi-byte encodings first: what decodes as one of them, with letters of its own, is hardly another.
# UTF-16 without a mark shows by its zero bytes. Single-byte ones fit nearly anything, so theirs is the last
# word, and several may fit.
_CANDIDATES = (
    "utf-8", "shift_jis", "euc_kr", "euc_jp", "gb18030", "big5", "cp1252", "cp1251", "mac_roman", "latin-1",
)  # fmt: skip
_JAPANESE = {"shift_jis", "euc_jp"}
_CHINESE = {"gb18030", "big5"}
_WIDE = _JAPANESE | _CHINESE | {"euc_kr"}
_LATIN = {"cp1252", "mac_roman", "latin-1"}

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

# Beside the letters of Western Europe: what word processors make of quotes, dashes and dots.
_TYPOGRAPHY = "\u20ac\u2019\u2018\u201c\u201d\u2013\u2014\u2026\u00a0\u00b0\u00a3\u00a7\u0153\u0152"

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
        self._marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
        names: Iterable[str] = _CANDIDATES
        if self._marked is None and head.count(0) > len(head) // 5:
            # ASCII in UTF-16 has every other byte zero.
            names = ("utf-16-le",) if head[1::2].count(0) > head[::2].count(0) else ("utf-16-be",)
        elif self._marked is not None:
            names = (self._marked,)
        self._decoders = {name: codecs.getincrementaldecoder(name)() for name in names}
        self._wide = dict.fromkeys(self._decoders, 0)
        self._strange = dict.fromkeys(self._decoders, 0)
        self._high = self._pairs = 0
        self._last_high = False
        self._accents = 0
        self._rest = b""
        self._counted = 0
        self._kana = dict.fromkeys(self._decoders, 0)

    def feed(self, data: bytes, final: bool = False) -> None:
        """Look at a piece of the text; `final` says that it is the last."""
        self._count_accents(data[:100_000], final)
        for byte in data[:100_000]:
            high = byte > 127
            self._high += high
            self._pairs += high and self._last_high
            self._last_high = high
        for name, decoder in list(self._decoders.items()):
            try:
                text = decoder.decode(data, final)
            except UnicodeDecodeError:
                del self._decoders[name]
                continue
            for character in text[:100_000]:
                if character > "\x7f":
                    self._wide[name] += 1
                    self._strange[name] += _is_strange(character, name)
                    self._kana[name] += "\u3040" <= character <= "\u30ff"

    def _count_accents(self, data: bytes, final: bool) -> None:
        """Count them wherever the text was cut: those are kept back whose neighbours are still to come."""
        text, counted = self._rest + data, self._counted
        end = max(counted, len(text) - (0 if final else 2))
        self._accents += sum(counted <= match.start() < end for match in _ACCENT.finditer(text))
        self._rest = text[max(0, end - 2) :]
        self._counted = min(end, 2)

    def best(self) -> str | None:
        """Return the encoding that fits best, None if none does."""
        names = list(self._decoders)
        return min(names, key=lambda name: (self._share(name), names.index(name)), default=None)

    def _share(self, name: str) -> float:
        """How much of what is not ASCII would be strange in that encoding."""
        share = self._strange[name] / max(1, self._wide[name])
        # In Latin letters those with accents stand alone, in Cyrillic none is ASCII.
        if name in _LATIN and self._pairs > self._high / 2:
            share += 0.5
        if name in _WIDE:
            share += self._accents / max(1, self._high)
        # Japanese is never without kana for long.
        if name in _JAPANESE and not self._kana[name]:
            share += 0.3
        return share


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
    if encoding == "cp1251":
        return not "\u0410" <= character <= "\u044f"
    if encoding in _LATIN:
        return not ("\u00c0" <= character <= "\u00ff" or character in _TYPOGRAPHY)
    return False
