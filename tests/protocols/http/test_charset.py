"""Charsets: the mark, the field, the meta element, in this order."""

import pytest

from pynetdb.protocols.http.charset import find_charset, is_binary, may_be_marked


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("text/plain; charset=iso-8859-1", b"caf\xe9 \x93x\x94", "café \u201cx\u201d"),
        ("text/html; charset='Big5'", b"\xba\xfb\xb0\xf2", "維基"),
        ("text/html; charset=x-sjis", b"\x93\xfa\x96{", "日本"),
        ("text/plain; charset=KOI8-R", b"\xc1", "а"),
        ("text/plain; charset=utf-99", "ä".encode(), "ä"),
        ("text/plain; charset=base64", b"YQ==", "YQ=="),
        ("text/csv", b"\xff\xfei\0d\0", "id"),
        ("text/csv", b"\xfe\xff\0i\0d", "id"),
        ("text/csv", b"\xff\xfe\0\0i\0\0\0", "i"),
        ("text/csv; charset=iso-8859-1", b"\xef\xbb\xbfid", "id"),
        ("text/html", b'<meta charset="iso-8859-1"><h1>caf\xe9', '<meta charset="iso-8859-1"><h1>café'),
        ("text/html", b"<meta charset=utf-16>\xc3\xa4", "<meta charset=utf-16>ä"),
        ("text/html", b"<p>\xc3\xa4", "<p>ä"),
        ("text/plain", b'<meta charset="iso-8859-1">\xc3\xa4', '<meta charset="iso-8859-1">ä'),
        (None, b"\xc3\xa4", "ä"),
    ],
)
def test_how_a_body_is_read(content_type: str | None, body: bytes, text: str) -> None:
    assert body.decode(find_charset(content_type, body)) == text


def test_whether_a_mark_may_still_come() -> None:
    assert [may_be_marked(data) for data in (b"", b"\xef\xbb", b"\xff\xfe", b"\xff\xfeab", b"a")] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_what_is_no_text() -> None:
    assert is_binary(b"\x89PNG\r\n\0", "utf-8")
    assert not is_binary(b"i\0d\0", "utf-16")
    assert not is_binary(b"text" * 1000 + b"\0", "utf-8")
