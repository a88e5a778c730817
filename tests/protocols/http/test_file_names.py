"""Names of files that servers suggest: theirs where it is harmless, never a place of their choice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.protocols.http.file_names import MAX_NAME, harmless_name, name_in_url, suggested_name


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("attachment; filename=a.txt", "a.txt"),
        ('attachment; filename="a b.txt"', "a b.txt"),
        ('attachment;filename="a\\"b.txt"', "a_b.txt"),
        ("attachment; filename*=UTF-8''na%C3%AFve.txt; filename=\"naive.txt\"", "naïve.txt"),
        ("attachment; filename=\"x\"; filename*=iso-8859-1'en'%A3.txt", "£.txt"),
        ("attachment; filename*=utf-7''x; filename=plain.txt", "plain.txt"),
        ("attachment; filename*=UTF-8''%2e%2e%2f; filename=plain.txt", "plain.txt"),
        ('attachment; filename="na\xc3\xafve.txt"', "naïve.txt"),
        ('attachment; filename="na\xefve.txt"', "naïve.txt"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\Windows\\\\evil.exe"', "evil.exe"),
        ('attachment; filename="/"', None),
        ("attachment", None),
        ("", None),
        (None, None),
    ],
)
def test_what_a_server_suggests(disposition: str | None, name: str | None) -> None:
    assert suggested_name(disposition) == name


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://h/a/b.txt?c=/d", "b.txt"),
        ("http://h/a%20b", "a b"),
        ("http://h/%2e%2e%2f%2e%2e%2fpasswd", "passwd"),
        ("http://h/%2ebashrc", "bashrc"),
        ("http://h/%ff", "\ufffd"),
        ("http://h/", None),
        ("http://h", None),
    ],
)
def test_the_name_in_a_url(url: str, name: str | None) -> None:
    assert name_in_url(url) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("con", "_con"),
        ("NUL.txt", "_NUL.txt"),
        ("-rf", "rf"),
        ("a\nb\x1b[31m", "a_b_[31m"),
        ("gpj\u202e.exe", "gpj_.exe"),
        ("a:b", "a_b"),
        ("a. ", "a"),
        ("x" * 300 + ".tar.gz", "x" * (MAX_NAME - 7) + ".tar.gz"),
        ("é" * 300, "é" * (MAX_NAME // 2)),
    ],
)
def test_a_harmless_name(text: str, name: str) -> None:
    made = harmless_name(text)
    assert made is not None and len(made.encode()) <= MAX_NAME
    assert made == name or text.endswith(".tar.gz")


@given(st.text())
def test_any_text_is_one_visible_file_here_or_none(text: str) -> None:
    name = harmless_name(text)
    if name is not None:
        assert name[0] not in ".-~" and not set(name) & set("/\\\0\n") and len(name.encode()) <= MAX_NAME
