"""Names: which are fit, and which are the same (protocols.md, section 5)."""

import pytest

from pynetdb.protocols.chat.names import (
    MAX_NAME,
    NOBODY,
    Refusal,
    check_name,
    describe_nobody,
    describe_taken,
    fold_name,
    is_reserved,
)


@pytest.mark.parametrize(
    "name",
    [
        "Joe",
        "joe:x",
        "Zoë",
        "王小明",
        "x" * MAX_NAME,
        "🦊",
        "O'Neil",
        "a*b",
        "a∗b",
        "e\u0301",
        "Zoe\u0308",
        "שָׁלוֹם",
        "สวัสดี",
        "नमस्ते",
        "が",
        "1\u20e3",
        "Ёлка",
        "Αθήνα",
    ],
)
def test_fit(name: str) -> None:
    assert check_name(name) is None


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "empty"),
        ("x" * (MAX_NAME + 1), "21 characters"),
        ("a b", "white space"),
        (" a", "white space"),
        ("a\u00a0b", "white space"),
        ("a\u2028b", "white space"),
        ("a\tb", "control"),
        ("a\x1b[2J", "control"),
        ("a\x85b", "control"),
        ("a\u202eb", "invisible"),
        ("a\u200bb", "invisible"),
        ("a\u3164", "invisible"),
        ("a\ufe0f", "invisible"),
        ("*server*", "server's"),
        ("*", "server's"),
        ("＊server", "server's"),
        ("﹡server", "server's"),
        ("∗server∗", "server's"),
        ("⁎history", "server's"),
        ("✱", "server's"),
        ("\u0301", "combining mark"),
        ("\u0301joe", "combining mark"),
        ("\u20dd", "combining mark"),
        ("-\u0301a", "combining mark"),
        ("´a", "combining mark"),
        ("゛", "combining mark"),
        ("a\U000e0101", "invisible"),
        ("a\u180b", "invisible"),
    ],
)
def test_unfit(name: str, reason: str) -> None:
    assert reason in (check_name(name) or "")


@pytest.mark.parametrize(
    ("one", "other"),
    [("Joe", "jOE"), ("ﬁn", "FIN"), ("Ｊoe", "joe"), ("straße", "STRASSE"), ("e\u0301", "É")],
)
def test_the_same(one: str, other: str) -> None:
    assert fold_name(one) == fold_name(other)


def test_different() -> None:
    assert fold_name("joe") != fold_name("jo")
    assert is_reserved("*history*")
    assert not is_reserved("history")


@pytest.mark.parametrize(
    "refusal",
    [
        describe_nobody("SECRET\x1b"),
        describe_taken("SECRET"),
        describe_taken("SECRET", "SECRET2"),
    ],
)
def test_what_the_member_said_is_in_one_of_both(refusal: Refusal) -> None:
    assert "SECRET" in refusal
    assert refusal.isprintable()
    assert "SECRET" not in refusal.discreet


def test_clients_know_that_nobody_is_there_by_how_it_begins() -> None:
    assert describe_nobody("Bob") == NOBODY + "Bob"
