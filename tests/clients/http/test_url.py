"""URLs taken apart, joined, and refused (RFC 3986)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.clients.http.url import UrlError, split_url


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


def test_whom_a_url_reaches_and_with_what() -> None:
    url = split_url("https://user:p%40ss@example.org:8443/a?b")
    assert (url.scheme, url.host, url.port, url.target) == ("https", "example.org", 8443, "/a?b")
    assert (url.authority, url.origin) == ("example.org:8443", ("https", "example.org", 8443))
    assert url.authorization == "Basic dXNlcjpwQHNz"
    assert "p%40ss" not in repr(url) and "p%40ss" not in str(url)
    assert split_url("http://a").authorization is None
    assert split_url("http://[fe80::1%25lo]/").authority == "[fe80::1]"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://",
        "ftp://a/",
        "http://a:0/",
        "http://a:99999/",
        "http://a b/",
        "http://a/\n",
        "http://[1]/",
    ],
)
def test_what_cannot_be_asked_for(text: str) -> None:
    with pytest.raises(UrlError):
        split_url(text)


@pytest.mark.parametrize(
    ("text", "credentials"),
    [("http://token@a/", "token:"), ("http://@a/", None), ("http://:@a/", ":"), ("http://u:p@a/", "u:p")],
)
def test_credentials(text: str, credentials: str | None) -> None:
    assert split_url(text).credentials == credentials
