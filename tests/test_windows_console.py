"""Keys and modes of a console of Windows."""

import os
import sys
from collections.abc import Iterator

import pytest

if sys.platform != "win32":
    pytest.skip("platform: needs Windows", allow_module_level=True)

from pynetdb.windows_console import obeys_escapes, read_key


def read(text: str) -> list[bytes]:
    """What the keys behind these characters are told as; they are all there at once."""
    keys: Iterator[str] = iter(text)
    left = len(text)

    def getwch() -> str:
        nonlocal left
        left -= 1
        return next(keys)

    found = []
    while left:
        found.append(read_key(getwch, lambda: left > 0))
    return found


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("a", [b"a"]),
        ("\r", [b"\r"]),
        ("\b", [b"\b"]),
        ("é€", ["é".encode(), "€".encode()]),
        ("\ud83d\ude00", ["😀".encode()]),
        ("\xe0H\xe0P\xe0M\xe0K", [b"\x1b[A", b"\x1b[B", b"\x1b[C", b"\x1b[D"]),
        ("\x00G\x00O\x00S", [b"\x1b[H", b"\x1b[F", b"\x1b[3~"]),
        ("\x00;", [b""]),
        ("à", ["à".encode()]),
        ("às", ["às".encode()]),
        ("\x1a", [b"\x04"]),
    ],
)
def test_keys(typed: str, told: list[bytes]) -> None:
    assert read(typed) == told


def test_control_c() -> None:
    with pytest.raises(KeyboardInterrupt):
        read("\x03")


def test_what_is_no_console_obeys_nothing() -> None:
    reading, writing = os.pipe()
    with open(os.devnull, "w") as nul:
        assert not obeys_escapes(writing) and not obeys_escapes(nul.fileno())
    os.close(reading)
    os.close(writing)
    assert not obeys_escapes(writing)
