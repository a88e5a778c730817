"""How many columns of a terminal a text takes (Unicode Standard Annex 11, and emoji as terminals do)."""

import unicodedata
from collections.abc import Iterator

_JOINER = "\u200d"
_EMOJI_STYLE = "\ufe0f"
_SOFT_HYPHEN = "\u00ad"


def text_width(text: str) -> int:
    """Return the width of a text without control characters.

    Combining marks take nothing. A sequence of emoji that is joined, has a skin colour or is a flag takes
    the two columns of one.
    """
    return len(text) if text.isascii() else sum(width for _, width in _widths(text))


def cut_text(text: str, most: int) -> str:
    """Return a text of at most so many columns, with `…` at the end of one that was longer."""
    if text_width(text) <= most:
        return text
    held = 0
    parts = []
    for part, width in _widths(text):
        if held + width > most - 1:
            break
        held += width
        parts.append(part)
    return "".join(parts) + "…"


def character_width(character: str) -> int:
    """Return the width of one character by itself."""
    if character.isascii():
        return 1
    # A Hangul vowel or final consonant is drawn into the syllable before it.
    if "\u1160" <= character <= "\u11ff":
        return 0
    if unicodedata.category(character) in ("Mn", "Me", "Cf") and character != _SOFT_HYPHEN:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _widths(text: str) -> Iterator[tuple[str, int]]:
    """Each character and how many columns it adds to those before."""
    before = ""
    wide = False
    flag = False
    for character in text:
        width = character_width(character)
        if character == _EMOJI_STYLE and before and not wide and not before.isalnum():
            width, wide = 1, True  # The sign before is drawn as an emoji.
        elif width and wide and (before == _JOINER or "\U0001f3fb" <= character <= "\U0001f3ff"):
            width = 0
        elif "\U0001f1e6" <= character <= "\U0001f1ff":
            width, flag = (0, False) if flag else (2, True)
            wide = True
        elif width:
            wide, flag = width == 2, False
        yield character, width
        before = character
