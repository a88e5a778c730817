"""Names that look alike: their skeletons, after UTS #39 section 4.

Two names are confusable when their skeletons are equal. Unicode's table has thousands of rows; this one has
the letters and digits of Latin, Greek and Cyrillic (and a few of Armenian) that a reader in a chat takes for
each other, and the asterisks, because a name that begins with one is the server's.
"""

import unicodedata

# What each line's characters are taken for. As they are written, before case is folded: a capital I is taken
# for a small l, and the small i is not. The small Cyrillic and Greek letters whose capitals look Latin are
# here too, since names compare without case.
_LOOK_LIKE = {
    "*": "∗⁎٭⁕⋆✱✲✳✶✻✼✽꙳⚹🞯🞰🞱🞲🞳🞴🞵🞶🞷🞸🞹🞺🞻🞼🞽🞾🞿𐌟",
    "a": "аɑαᴀ",
    "b": "ьвʙƅᏏ",
    "c": "сϲᴄⅽ",
    "d": "ԁᴅⅾ",
    "e": "еҽᴇ℮",
    "f": "ꜰſϝ",
    "g": "ɡɢᶃց",
    "h": "һнʜհ",
    "i": "іıιɩɪⅰ",
    "j": "јϳᴊ",
    "k": "кκĸᴋ",
    "l": "I|1ӏӀІΙƖǀʟⅼⅠ∣׀",
    "m": "мᴍⅿ",
    "n": "ոηɴп",
    "o": "0оοσօᴏס",
    "p": "рρϱᴘ",
    "q": "ԛզ",
    "r": "гʀᴦ",
    "s": "ѕꜱƽ",
    "t": "тτᴛ",
    "u": "υսʋᴜ",
    "v": "ѵνᴠⅴ",
    "w": "ԝѡωᴡ",
    "x": "хχⅹ×",
    "y": "уүγʏ",
    "z": "ᴢ",
    "A": "АΑ",
    "B": "ВΒЬ",
    "C": "СϹ",
    "D": "Ԁ",
    "E": "ЕΕ",
    "H": "НΗ",
    "J": "ЈͿ",
    "K": "КΚ",
    "M": "МΜϺ",
    "N": "Ν",
    "O": "ОΟՕ",
    "P": "РΡ",
    "Q": "Ԛ",
    "S": "ЅՏ",
    "T": "ТΤ",
    "U": "Ս",
    "V": "Ѵ",
    "W": "Ԝ",
    "X": "ХΧ",
    "Y": "УΥҮϒ",
    "Z": "Ζ",
    "3": "ЗзӠӡƷʒȜȝ",
    "6": "б",
    "ß": "βϐ",
    "æ": "ӕ",
    "Æ": "Ӕ",
    "ə": "ә",
    "Ə": "Ә",
    "ɛ": "εԑ",
    "Γ": "Г",
    "Π": "П",
    "Φ": "Ф",
    "φ": "ф",
}
_SKELETON = str.maketrans({letter: model for model, letters in _LOOK_LIKE.items() for letter in letters})


def make_skeleton(name: str) -> str:
    """Return what two names share that a reader would take for the same one.

    Only for comparing: a skeleton is no name, and some are equal to other names.
    """
    # Decomposed, so that a letter with an accent is compared by its letter and its accent; once more after
    # NFKC, which makes plain letters of full-width and mathematical ones.
    plain = unicodedata.normalize("NFD", name).translate(_SKELETON)
    plain = unicodedata.normalize("NFKD", plain).translate(_SKELETON)
    # And once more for capitals that are in no line, but whose small letters are.
    return unicodedata.normalize("NFKD", plain.casefold()).translate(_SKELETON)
