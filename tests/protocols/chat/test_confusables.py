"""Skeletons: what looks alike has the same, what does not has another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.protocols.chat.confusables import make_skeleton
from pynetdb.protocols.chat.names import fold_name


@pytest.mark.parametrize(
    ("name", "double"),
    [
        ("joe", "jое"), ("joe", "јое"), ("Joe", "Ϳοe"), ("BOB", "ВОВ"), ("bob", "b0b"), ("Alice", "Аlісе"), ("paul", "pauI"),
        ("paul", "раu1"), ("anna", "аnnа"), ("Zoë", "Zое\u0308"), ("ХОР", "XOP"), ("Kate", "Κаtе"), ("sue", "ѕuе"), ("tom", "том"),
        ("оса", "oca"), ("ann", "ａｎｎ"), ("ann", "𝐚𝐧𝐧"), ("ivy", "іvу"), ("Ёж", "Ëж"), ("*a", "∗a"), ("lee", "Iee"), ("nick", "nісκ"),
    ],
)  # fmt: skip
def test_doubles(name: str, double: str) -> None:
    assert make_skeleton(name) == make_skeleton(double)
    assert fold_name(name) != fold_name(double) or name in ("ann",)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("joe", "jon"),
        ("e", "é"),
        ("Анна", "Инна"),
        ("o", "ö"),
        ("Νίκος", "Νίκη"),
        ("user2", "user3"),
        ("ann", "anna"),
    ],
)
def test_others(one: str, other: str) -> None:
    assert make_skeleton(one) != make_skeleton(other)


@given(st.text(max_size=20))
def test_a_skeleton_is_its_own_skeleton(name: str) -> None:
    skeleton = make_skeleton(name)
    assert make_skeleton(skeleton) == skeleton


@given(st.text("abcdefghkmnopqrstuvwxyzABCDEFGHKMNPQRSTUVWXYZ2456789-_", max_size=20))
def test_plain_names_look_like_nothing_but_themselves(name: str) -> None:
    assert make_skeleton(name) == name.casefold()
