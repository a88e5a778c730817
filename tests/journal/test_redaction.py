"""What never enters a journal."""

import pytest

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
    ],
)
def test_secrets(text: str, redacted: str) -> None:
    assert redact(text) == redacted
    assert redact(redacted) == redacted
