"""Which encodings of one byte a character fit a text, by the letters that its words would have in them."""

import re
from collections import Counter
from itertools import pairwise, zip_longest
from math import log2
from operator import attrgetter
from typing import NamedTuple

# What a language writes beyond ASCII, the frequent first, and in which encodings, the usual first.
_WESTERN = ("cp1252", "mac_roman", "cp850", "latin-1")
_CENTRAL = ("cp1250", "iso8859-2", "cp852")
_LATIN = {
    # French, German, Spanish, Portuguese, Italian, Swedish, Danish, Icelandic, Dutch, Catalan.
    _WESTERN: "éèàêçôûâîùëïœÿ üäöß óíáéñúü ãçáéíóõêâúôà èàùòìé äåöé øæåéö áíðóéþúýöæ ëéïèüö àéèóíçúïü",
    # Czech, Slovak, Polish, Hungarian, Croatian, Romanian.
    _CENTRAL: "íáéěýřčšůžúťňďó áíéčýúšžľťôňäďóĺŕ ąęłóżśćńź áéöíóőüúű čšžćđ ăîâşţ",
    ("cp1254",): "ıiüşğçöâ",
    # Lithuanian, Latvian, Estonian.
    ("cp1257",): "ėšųįžūčąę āīūēšņļžģķč äõüöšž",
}
_OTHERS = {
    # Russian, Ukrainian, Bulgarian, Serbian.
    ("cp1251", "koi8-r", "cp866"): "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё аоиетнрсвлкдпмзяугъбчцжщхюшфйь",
    ("cp1251", "koi8-r", "koi8-u"): "оанивіертсклудмпяьзйгбчюхщжшцїєфґ",
    ("cp1251",): "аоиенрсјткудлвпмгзбчњцшжљхћфђџ",
    ("cp1253",): "αοιετσνηυρπκμλςωόίήάδγέθώύχφβξζψ",
    ("cp1255",): "יולהארמתבשנעקדחפםגצטןכזסךףץ",
    ("cp1256",): "اليمنوترهبسدعفقحكةجشصىخأطضثغذزئءظإؤآ",
    ("cp874",): "านร่กอเ้งมยัลิวดทีสตะปบคหุแจูพชื์ขใไโ็ผซถ",
}

# Marks that stand before words, and those that stand behind words and numbers.
_BEFORE = "\u20ac’‘“„–—\u00a0«»¿¡·µ¢¥¤¨´¬¯¦"
_BEHIND = "”…°£§¹²³½¼¾±×÷©®™ªº¶¸"

# How many bits it takes to say a character: a letter by its rank, and what is rare in any text.
_CAPITAL, _MARK, _OTHER_LETTER, _SYMBOL, _CONTROL = 1.0, 5.0, 9.0, 11.0, 14.0
# What is more improbable in a word: a capital behind a small letter, letters of two scripts, two accents,
# and a mark that belongs behind it.
_JUMP, _MIXTURE, _ACCENTS, _WRONG_MARK = 5.0, 7.0, 2.0, 14.0
# Text that is not in Unicode is mostly in cp1252, and seldom in an encoding that its letters mostly have not.
_USUAL, _UNUSUAL = 8.0, 3.0
_SURE = 5.0
"""So many bits better than others: then it is that one."""

_LETTERS = bytes([*range(0x41, 0x5B), *range(0x61, 0x7B), *range(0x80, 0x100)])
# A word with something beyond ASCII; so many of them, and so much of each, show what a text is.
_WORD = re.compile(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*")
_MAX_WORDS = 4000
_MAX_WORD = 60


class Reading(NamedTuple):
    """What a text would be in one encoding."""

    encoding: str
    bits: float
    strange: float
    """The share of what is not ASCII that is seldom in such text."""
    latin: bool


class WordGuess:
    """Finds the encodings in which the words of a text are likely.

    A word that comes again shows nothing new, so each counts once.
    """

    def __init__(self) -> None:
        self._seen = b""
        self._words: set[bytes] = set()
        self._rest = b""

    def feed(self, data: bytes, final: bool = False) -> None:
        """Look at a piece of the text; `final` says that it is the last."""
        self._seen += bytes(set(data.translate(None, self._seen)))
        if len(self._words) > _MAX_WORDS:
            return
        text = self._rest + data
        self._rest = b"" if final else text[len(text.rstrip(_LETTERS)) :][-_MAX_WORD:]
        for match in _WORD.finditer(text) if not text.isascii() else ():
            if final or match.end() < len(text):
                self._words.add(match[0][:_MAX_WORD])

    def best(self) -> list[Reading]:
        """Return the likeliest reading, with those that are hardly less likely and are another text."""
        text = b"\n".join(self._words)
        best: list[Reading] = []
        others = set()
        for reading in self._readings(text):
            if best and reading.bits > best[0].bits + _SURE:
                break
            read = text.decode(reading.encoding)
            if read not in others:
                best.append(reading)
                others.add(read)
        return best

    def _readings(self, text: bytes) -> list[Reading]:
        """Return what words would be in each encoding that has all bytes of the text, the likely first."""
        found: dict[str, Reading] = {}
        counts = Counter(text), Counter(pairwise(text))
        for alphabets, latin in ((_LATIN, True), (_OTHERS, False)):
            for encodings, letters in alphabets.items():
                for number, encoding in enumerate(encodings):
                    table = bytes(range(256)).decode(encoding, "replace")
                    if any(table[byte] == "\ufffd" for byte in self._seen):
                        continue
                    reading = _read(encoding, table, _languages(letters, latin), latin, *counts)
                    usual = -_USUAL if encoding == "cp1252" else _UNUSUAL * number
                    reading = reading._replace(bits=reading.bits + usual)
                    found[encoding] = min(reading, found.get(encoding, reading), key=attrgetter("bits"))
        return sorted(found.values(), key=attrgetter("bits"))


def _languages(letters: str, latin: bool) -> list[dict[str, int]]:
    """Return the ranks of the letters of each language, of Latin ones also of all of them together."""
    languages = letters.split()
    if latin:
        # In a list of names they are mixed.
        languages.append("".join(map("".join, zip_longest(*languages, fillvalue=""))))
    return [{letter: rank for rank, letter in enumerate(dict.fromkeys(letters))} for letters in languages]


def _read(
    encoding: str,
    table: str,
    languages: list[dict[str, int]],
    latin: bool,
    characters: "Counter[int]",
    pairs: "Counter[tuple[int, int]]",
) -> Reading:
    """Return what a text would be where `table` has the character of each byte: in the likeliest language."""
    high = [(table[byte], count) for byte, count in characters.items() if byte > 127]
    joints = sum(
        count * _improbability(table[one], table[other], latin)
        for (one, other), count in pairs.items()
        if one > 127 or other > 127
    )
    found = []
    for ranks in languages:
        bits = [(_count_bits(character, ranks), count) for character, count in high]
        strange = sum(count for bit, count in bits if bit >= _OTHER_LETTER)
        found.append((sum(bit * count for bit, count in bits), strange))
    bits_of_best, strange = min(found)
    count = max(1, sum(count for _, count in high))
    return Reading(encoding, joints + bits_of_best, strange / count, latin)


def _improbability(one: str, other: str, latin: bool) -> float:
    """Return how much less likely it is that a character stands before another."""
    if one in _BEHIND and other.isalpha():
        return _WRONG_MARK
    if one in _BEFORE + _BEHIND or other in _BEFORE + _BEHIND or "\n" in (one, other):
        return 0.0
    bits = 0.0
    if other.isupper() and one.isalpha():
        bits = _JUMP if one.islower() else -_CAPITAL
    if one.isascii() or other.isascii():
        return bits if latin else bits + _MIXTURE
    return bits + _ACCENTS if latin else bits


def _count_bits(character: str, ranks: dict[str, int]) -> float:
    """Return how many bits say a character of a language with these letters."""
    rank = ranks.get(character.lower()[0])
    if rank is not None:
        return 1 + log2(rank + 2) + _CAPITAL * character.isupper()
    if character in _BEFORE + _BEHIND:
        return _MARK
    if character.isalpha():
        return _OTHER_LETTER
    return _CONTROL if character < "\xa0" else _SYMBOL
