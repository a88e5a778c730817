"""Which fields a user may add to a request."""

import pytest

from pynetdb.clients.http.request_fields import parse_fields


def test_fields() -> None:
    assert parse_fields(["A: b", "C:d: e \t", "Empty:"]) == (("A", "b"), ("C", "d: e"), ("Empty", ""))


@pytest.mark.parametrize(
    "text", ["no colon", "a b: c", "a: b\r\nc: d", "Content-Length: 5", "transfer-encoding:x"]
)
def test_what_may_not_be_sent(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has words of its own
        parse_fields([text])
