"""The arithmetic of http-get: URLs, decoding, charsets."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.clients.http.byte_range import Range
from pynetdb.clients.http.content_coding import Decoder
from pynetdb.clients.http.search import decoded_by
from pynetdb.clients.http.url import UrlError, split_url
from pynetdb.errors import ProtocolError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("example.org", "http://example.org/"),
        ("HTTP://EXAMPLE.org:80/a?b#c", "http://example.org/a?b"),
        ("https://[::1]:8443/./a/../b", "https://[::1]:8443/b"),
        ("https://[::1]", "https://[::1]/"),
        ("http://grüezi.ch/ä ö", "http://xn--grezi-lva.ch/%C3%A4%20%C3%B6"),
        ("http://a/%zz%41", "http://a/%25zz%41"),
        ("http://u:p@a", "http://a/"),
    ],
)
def test_urls(text: str, expected: str) -> None:
    assert str(split_url(text)) == expected


# RFC 3986 section 5.4.
@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("g", "/b/c/g"),
        ("./g/", "/b/c/g/"),
        ("/g", "/g"),
        ("?y", "/b/c/d;p?y"),
        ("", "/b/c/d;p?q"),
        ("..", "/b/"),
        ("../../../g", "/g"),
        (".", "/b/c/"),
        ("#s", "/b/c/d;p?q"),
    ],
)
def test_references(reference: str, expected: str) -> None:
    assert split_url("http://a/b/c/d;p?q").join(reference).target == expected


def test_references_to_other_places() -> None:
    base = split_url("http://a/b")
    assert str(base.join("//c:81/d")) == "http://c:81/d"
    assert str(base.join("https://c")) == "https://c/"
    for bad in ("file:///etc/passwd", "javascript:alert(1)", "http:///x"):
        with pytest.raises(UrlError):
            base.join(bad)


@given(st.text())
def test_any_text_is_a_url_or_an_error(text: str) -> None:
    try:
        url = split_url(text)
    except UrlError:
        return
    assert url.target.isascii() and " " not in url.target
    assert split_url(str(url)).target == url.target


@given(st.binary(), st.integers(1, 50), st.sampled_from([31, 15, -15]))
def test_decoding_does_not_depend_on_the_cut(data: bytes, size: int, wbits: int) -> None:
    packer = zlib.compressobj(wbits=wbits)
    packed = packer.compress(data) + packer.flush()
    decoder = Decoder("gzip" if wbits == 31 else "deflate")
    pieces = [packed[at : at + size] for at in range(0, len(packed), size)]
    # Whether there is a wrapper shows in the first two bytes: they are not cut.
    if size == 1:
        pieces = [packed[:2], *pieces[2:]]
    assert b"".join(piece for cut in pieces for piece in decoder.feed(cut)) == data
    decoder.finish()


def test_what_follows_a_body() -> None:
    with pytest.raises(ProtocolError):
        list(Decoder("gzip").feed(b"plain text"))
    with pytest.raises(ProtocolError):
        list(Decoder("deflate").feed(zlib.compress(b"x") + b"y"))


def test_charsets() -> None:
    assert decoded_by("text/plain; charset=iso-8859-1", b"\xe4") == "ä"
    assert decoded_by("text/plain; charset=utf-99", b"\xe4") == "\\xe4"
    assert decoded_by("text/plain; charset=base64", b"YQ==") == "YQ=="


@pytest.mark.parametrize("text", ["", "-", "-0", "3-2", "a-b", "1-2,3-4"])
def test_bad_ranges(text: str) -> None:
    with pytest.raises(ValueError, match="no range"):
        Range.parse(text)
