"""Media types: what browsers insist on."""

import pytest

from pynetdb.protocols.http.media_types import DEFAULT_TYPE, guess_content_type


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("A.HTM", "text/html; charset=utf-8"),
        ("app.js", "text/javascript; charset=utf-8"),
        ("app.min.mjs", "text/javascript; charset=utf-8"),
        ("style.css", "text/css; charset=utf-8"),
        ("notes.txt", "text/plain; charset=utf-8"),
        ("data.json", "application/json"),
        ("a.wasm", "application/wasm"),
        ("a.svg", "image/svg+xml"),
        ("a.woff2", "font/woff2"),
        ("a.mp4", "video/mp4"),
        ("a.webm", "video/webm"),
        ("a.tar.gz", "application/gzip"),
        ("a.unheard-of", DEFAULT_TYPE),
        ("Makefile", DEFAULT_TYPE),
        (".html", DEFAULT_TYPE),
        ("", DEFAULT_TYPE),
        ("a.", DEFAULT_TYPE),
    ],
)
def test_types(name: str, expected: str) -> None:
    assert guess_content_type(name) == expected
