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
    return len(text) if text.isascii() else sum(width for _, width in split_widths(text))


def cut_text(text: str, most: int) -> str:
    """Return a text of at most so many columns, with `…` at the end of one that was longer."""
    if text_width(text) <= most:
        return text
    held = 0
    parts = []
    for part, width in split_widths(text):
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


def split_widths(text: str) -> Iterator[tuple[str, int]]:
    """Each character of a text and how many columns it adds to those before."""
    base = before = ""
    held = 0  # What is taken by the sign that the character may belong to.
    flag = False
    for character in text:
        width = character_width(character)
        if character == _EMOJI_STYLE:
            width = 2 - held if held == 1 and _may_be_emoji(base) else 0
            held += width
        elif (
            width
            and held
            and (
                (before == _JOINER and (held == 2 or _is_symbol(base)))
                or "\U0001f3fb" <= character <= "\U0001f3ff"
            )
        ):
            width = 2 - held if held == 2 or _is_symbol(base) else width
            held += width
        elif "\U0001f1e6" <= character <= "\U0001f1ff":
            width, flag = (0, False) if flag else (2, True)
            base, held = character, 2
        elif width:
            base, held, flag = character, width, False
        yield character, width
        before = character


def _is_symbol(character: str) -> bool:
    return unicodedata.category(character) == "So"


def _may_be_emoji(character: str) -> bool:
    """Whether a sign is drawn as an emoji where that is asked for; digits are, as keys."""
    if character.isascii():
        return character in "0123456789#*"
    return not character.isalpha() or character == "\u2139"
