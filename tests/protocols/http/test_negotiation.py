"""What a client would rather have: weights, stars, nonsense."""

import pytest

from pynetdb.protocols.http.fields import Fields
from pynetdb.protocols.http.negotiation import accepts_coding, prefers_json


@pytest.mark.parametrize(
    ("field", "accepted"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("*", True),
        ("*;q=0", False),
        ("gzip;q=0, *", False),
        ("br", False),
        ("", False),
        (" , ;q=1", False),
        ("gzip;q=nonsense", False),
        ("gzip;q=7", True),
        ("gzip;level=9", True),
    ],
)
def test_codings(field: str, accepted: bool) -> None:
    assert accepts_coding(field, "gzip") is accepted


@pytest.mark.parametrize(
    ("field", "preferred"),
    [
        (None, False),
        ("application/json", True),
        ("text/html, application/json", False),
        ("text/html;q=0.5, application/json", True),
        ("application/*", True),
        ("*/*", False),
    ],
)
def test_json(field: str | None, preferred: bool) -> None:
    fields = Fields([] if field is None else [("Accept", field)])
    assert prefers_json(fields) is preferred
