"""What never enters a journal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.journal.redaction import redact


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("/a.txt?x=1", "/a.txt?x=1"),
        ("http://ann:secret@host/x", "http://***@host/x"),
        ("cannot reach http://ann@host:80/", "cannot reach http://***@host:80/"),
        ("/x?token=abc&y=2", "/x?token=***&y=2"),
        ("/x?y=2&api_key=abc", "/x?y=2&api_key=***"),
        ("/x?X-Amz-Signature=ab%20c;Password=q", "/x?X-Amz-Signature=***;Password=***"),
        ("/say?session=abc#top", "/say?session=***#top"),
        ("/mail@example/?to=ann@example.com", "/mail@example/?to=ann@example.com"),
        ("/x?token=", "/x?token=***"),
        ("?access_token=a?b", "?access_token=***"),
        ("http://u:p@ss@h/?q=a@b", "http://***@h/?q=a@b"),
        ("/?next=http://u:p@ss@h/x", "/?next=http://***@h/x"),
        ("/?next=http%3A%2F%2Fu%3Ap%40ss%40h%2Fx&y=ann%40b", "/?next=http%3A%2F%2F***@h%2Fx&y=ann%40b"),
        ("/?next=http:%2F%2Fu:p@h/x", "/?next=http:%2F%2F***@h/x"),
        ("/?to%6ben=B&to%254ben=B&a+key=B", "/?to%6ben=***&to%254ben=***&a+key=***"),
        (
            "/?token[]=A&user[password]=B&user%5Bpass%5D=C",
            "/?token[]=***&user[password]=***&user%5Bpass%5D=***",
        ),
        ("/?next=/login?token=A&x=1", "/?next=/login?token=***&x=1"),
        (
            "/?next=%2Flogin%3Fa%3D1%26token%3DA%26b%3D2&x=1",
            "/?next=%2Flogin%3Fa%3D1%26token%3D***%26b%3D2&x=1",
        ),
        ("/callback#access_token=A&x=1", "/callback#access_token=***&x=1"),
        ("/a=b?x=1", "/a=b?x=1"),
        ("pass=A&x=1", "pass=***&x=1"),
    ],
)
def test_secrets(text: str, redacted: str) -> None:
    assert redact(text) == redacted
    assert redact(redacted) == redacted


@pytest.mark.parametrize(
    "name",
    [
        "sig",
        "signature",
        "pass",
        "passwd",
        "pwd",
        "password",
        "secret",
        "client_secret",
        "token",
        "id_token",
        "csrf-token",
        "key",
        "api_key",
        "apikey",
        "apiKey",
        "access_key",
        "accesskey",
        "AWSAccessKeyId",
        "auth",
        "authorization",
        "session",
        "PHPSESSION",
        "sid",
        "connect.sid",
        "jwt",
        "code",
        "state",
        "credential",
        "X-Amz-Signature",
        "X-Amz-Credential",
        "X-Amz-Security-Token",
    ],
)
def test_what_is_a_secret_by_its_name(name: str) -> None:
    assert redact(f"/?x=1&{name}=VALUE&y=2") == f"/?x=1&{name}=***&y=2"


@pytest.mark.parametrize(
    "name",
    ["x", "q", "page", "monkey", "keyword", "passenger", "signal", "side", "statement", "sort", "id", "user"],
)
def test_what_is_none(name: str) -> None:
    assert redact(f"/?{name}=VALUE") == f"/?{name}=VALUE"


@given(st.text("?&;#=%3FDB26tokensig[]@:/ +", max_size=60))
def test_what_is_redacted_stays_as_it_is(text: str) -> None:
    assert redact(redact(text)) == redact(text)
