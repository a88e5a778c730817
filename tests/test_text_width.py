"""Widths are those that a terminal gives to a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.text_width import character_width, cut_text, text_width


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("abc", 3), ("\u4e2d\u6587", 4), ("e\u0301", 1), ("\u00ad", 1), ("\ud55c", 2), ("\u1112\u1161\u11ab", 2),
        ("\U0001f44d\U0001f3fd", 2), ("\U0001f468\u200d\U0001f469\u200d\U0001f467", 2), ("\u2764\ufe0f", 2),
        ("\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7", 4), ("\uff21", 2), ("\u200b", 0), ("", 0), ("\u00e9", 1),
        ("1\ufe0f\u20e3", 2), ("\u2139\ufe0f", 2), ("a\ufe0f", 1), ("+\ufe0f", 1), ("\u270c\U0001f3fb", 2),
        ("\u26f9\U0001f3fd\u200d\u2640\ufe0f", 2), ("\u2764\u200d\U0001f525", 2), ("\u2764\ufe0f\u200d\U0001f525", 2),
        ("a\u200db", 2), ("x\U0001f3fb", 3), ("\U0001f3f3\ufe0f\u200d\U0001f308", 2), ("\u0915\u093e", 2),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466x", 3), ("\U0001f1e9x", 3),
    ],
)  # fmt: skip
def test_widths(text: str, width: int) -> None:
    assert text_width(text) == width


@given(st.text(max_size=20), st.integers(1, 12))
def test_what_is_cut_fits(text: str, most: int) -> None:
    cut = cut_text(text, most)
    assert text_width(cut) <= most
    assert cut == text or cut.endswith("…")


def test_one_character() -> None:
    assert [character_width(character) for character in "a\u738b\u0301"] == [1, 2, 0]
