"""Targets: names that stay below the root, links that stay on the host."""

from urllib.parse import unquote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.protocols.http.requests import RequestRefusedError
from pynetdb.protocols.http.targets import (
    TargetPath,
    make_slash_location,
    quote_name,
    quote_path,
    resolve_target,
)


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/", TargetPath((), True, "")),
        ("/a", TargetPath(("a",), False, "")),
        ("/a/b/?q=1?2", TargetPath(("a", "b"), True, "q=1?2")),
        ("//a///b", TargetPath(("a", "b"), False, "")),
        ("/./a/.", TargetPath(("a",), True, "")),
        ("/%61%20b", TargetPath(("a b",), False, "")),
        ("/%2561", TargetPath(("%61",), False, "")),
        ("/caf%C3%A9", TargetPath(("café",), False, "")),
        ("/%ff", TargetPath(("\udcff",), False, "")),
        ("/a+b", TargetPath(("a+b",), False, "")),
        ("/...", TargetPath(("...",), False, "")),
        ("/a?/../%00", TargetPath(("a",), False, "/../%00")),
        ("http://host:80/a?q", TargetPath(("a",), False, "q")),
        ("HTTP://host", TargetPath((), True, "")),
        ("http://host?q", TargetPath((), True, "q")),
        ("/http://evil.example/nums.txt", TargetPath(("http:", "evil.example", "nums.txt"), False, "")),
        ("/dir?next=http://a.b/c", TargetPath(("dir",), False, "next=http://a.b/c")),
        ("http://host/ftp://a/b?c://d", TargetPath(("ftp:", "a", "b"), False, "c://d")),
    ],
)
def test_paths(target: str, path: TargetPath) -> None:
    assert resolve_target(target) == path


@pytest.mark.parametrize(
    ("status", "target"),
    [
        (400, "/.."), (400, "/../a"), (400, "/a/../b"), (400, "/%2e%2e/a"), (400, "/.%2E/a"), (400, "/..%2fa"),
        (400, "/a/..%5c..%5cb"), (400, "/..\\..\\a"), (400, "/%2f..%2fa"), (400, "/a%00b"), (400, "/%"), (400, "/%4"),
        (400, "/%zz"), (400, "/%u002e"), (400, "*"), (400, "host:80"), (400, ""), (404, "/a%2fb"), (404, "/%2fetc%2fpasswd"),
        (400, "http://host/../a"), (400, "/%+1"), (400, "/../http://host/a"), (400, "a/http://host/b"),
    ],
)  # fmt: skip
def test_refused(status: int, target: str) -> None:
    with pytest.raises(RequestRefusedError) as caught:
        resolve_target(target)
    assert caught.value.status == status


def test_escapes_are_decoded_once() -> None:
    assert resolve_target("/%252e%252e/%252f").names == ("%2e%2e", "%2f")


@pytest.mark.parametrize(
    "name", ["C:", "a%5cb", "nul", "CON.txt", "com1", "a.", "a%20", "a:stream", "a%2a", "lpt9 .x", "%01"]
)
def test_what_windows_does_not_take_for_a_name(name: str) -> None:
    assert resolve_target(f"/{name}").names == (unquote(name),)
    with pytest.raises(RequestRefusedError) as caught:
        resolve_target(f"/{name}", windows=True)
    assert caught.value.status == 404


def test_windows_takes_plain_names() -> None:
    assert resolve_target("/console/nul1.txt/%C3%A9", windows=True).names == ("console", "nul1.txt", "é")


NAMES = (
    st.text(min_size=1)
    .filter(lambda name: name not in (".", ".."))
    .filter(lambda name: not set("/\0\\") & set(name) and name.encode("utf-8", "ignore").decode() == name)
)


@given(st.lists(NAMES, max_size=4), st.booleans())
def test_what_is_quoted_resolves_to_itself(names: list[str], directory: bool) -> None:
    path = quote_path(names, directory=directory)
    assert resolve_target(path) == TargetPath(tuple(names), directory or not names, "")


def test_bytes_that_are_no_text_survive() -> None:
    assert quote_name("\udcff") == "%FF"
    assert quote_path([], directory=True) == "/"


@given(st.text("/\\.%2eE5cCfF0a:@", max_size=20).map("/".__add__))
def test_no_target_leaves_the_root(target: str) -> None:
    try:
        path = resolve_target(target)
    except RequestRefusedError:
        return
    assert not {"", ".", ".."} & set(path.names)
    assert not any(character in name for name in path.names for character in "/\0")


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/a/b", "http://host/a/b/"),
        ("/b?x=1", "http://host/b/?x=1"),
        ("/b?next=http://a.b/c", "http://host/b/?next=http://a.b/c"),
        ("//evil.example", "http://host/evil.example/"),
        ("/http:%20x", "http://host/http%3A%20x/"),
        ("/a%0d%0ab", "http://host/a%0D%0Ab/"),
    ],
)
def test_the_missing_slash_stays_on_the_host(target: str, location: str) -> None:
    relative = make_slash_location(resolve_target(target))
    assert relative.startswith("./")
    assert urljoin(f"http://host{target}", relative) == location


@given(st.text("/\\.:%20ab@?", min_size=1, max_size=12).map("/".__add__))
def test_no_redirect_leaves_the_host(target: str) -> None:
    try:
        path = resolve_target(target)
    except RequestRefusedError:
        return
    if path.names and not path.directory:
        assert urlsplit(urljoin("http://host/", make_slash_location(path))).netloc == "host"
