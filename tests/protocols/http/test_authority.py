"""Authorities: which hosts can be, against the standard library's addresses."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.protocols.http.authority import is_absolute_form, is_authority


@pytest.mark.parametrize(
    "text", ["a", "a:80", "a:", "a%7e", "%41b%42", "-._~!$&'()*+,;=", "[::1]", "[::ffff:1.2.3.4]:80"]
)
def test_what_is_taken(text: str) -> None:
    assert is_authority(text.encode())
    assert is_absolute_form(f"http://{text}".encode())
    assert is_absolute_form(f"HTTPS://{text}/a?b".encode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":80",
        "a b",
        "a%zz",
        "a%4",
        "%",
        "u@a",
        "a/b",
        "a:b",
        "a:80:80",
        "[1:2:3]",
        "[1::2::3]",
        "[]",
        "[::1",
        "[v1.a]",
    ],
)
def test_what_is_not(text: str) -> None:
    assert not is_authority(text.encode())
    assert not is_absolute_form(f"http://{text} /".encode())


@pytest.mark.parametrize("target", ["a", "/a", "ftp://a/", "http:/a", "http://a#b", "/http://a/", "http://"])
def test_other_targets_are_not_absolute(target: str) -> None:
    assert not is_absolute_form(target.encode())


@given(st.ip_addresses(v=6).map(str) | st.text("0123456789abcdef:.", max_size=20))
def test_what_is_in_brackets_is_what_the_standard_library_takes(text: str) -> None:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        assert not is_authority(f"[{text}]".encode())
    else:
        assert is_authority(f"[{text}]".encode())


@given(st.binary(max_size=20))
def test_any_bytes_are_judged(text: bytes) -> None:
    assert is_absolute_form(b"http://" + text) >= is_authority(text)


def test_no_host_makes_the_match_backtrack() -> None:
    assert not is_authority(b"a%41" * 2000 + b"%")
