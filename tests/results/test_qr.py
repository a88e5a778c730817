"""QR codes: the address that a phone can reach, drawn so that it is read on any terminal."""

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from pynetdb.events import Ready, WebReady
from pynetdb.results.qr import QrCodes, draw

MATRIX = [[1, 0, 1], [0, 1, 0], [1, 1, 0]]


def drawn(colour: bool) -> list[list[int]]:
    """Read a drawing back, dark as 1."""
    text = draw(MATRIX, colour=colour)
    rows = []
    for line in text.splitlines():
        if colour:
            assert line.startswith("\x1b[30;107m") and line.endswith("\x1b[0m")
            line = line.removeprefix("\x1b[30;107m").removesuffix("\x1b[0m")
        rows += [[int((character in ink) is colour) for character in line] for ink in ("▀█", "▄█")]
    return rows


@pytest.mark.parametrize("colour", [True, False])
def test_what_is_drawn_is_the_code_with_light_around_it(colour: bool) -> None:
    rows = drawn(colour)
    assert [row[2:5] for row in rows[2:5]] == MATRIX
    rest = [row for number, row in enumerate(rows) if not 2 <= number < 5]
    assert len(rows) >= 7 and not any(map(any, rest)) and not any(row[0] or row[-1] for row in rows)


class Said:
    def __init__(self) -> None:
        self.text = ""

    def say(self, text: str) -> None:
        self.text += text


def ready(*urls: str) -> Ready:
    return Ready("serve-http", "0.0.0.0", 8080, urls[0], 1, urls=urls)


@pytest.mark.parametrize(
    ("event", "address"),
    [
        (ready("http://127.0.0.1:80", "http://192.168.1.5:80"), "http://192.168.1.5:80"),
        (WebReady(("https://[::1]:9/t/", "https://[fd00::1]:9/t/")), "https://[fd00::1]:9/t/"),
        (ready("http://127.0.0.1:80"), None),
        (ready("tcp://192.168.1.5:80"), None),
    ],
)
def test_the_address_is_one_for_others(
    monkeypatch: pytest.MonkeyPatch, event: Any, address: str | None
) -> None:
    asked = []

    def make(url: str, **options: Any) -> Any:
        asked.append(url)
        return SimpleNamespace(matrix=MATRIX)

    monkeypatch.setitem(sys.modules, "segno", SimpleNamespace(make=make))
    said = Said()
    QrCodes(said, colour=True).receive(event)  # type: ignore[arg-type]
    assert asked == ([] if address is None else [address]) and bool(said.text) is (address is not None)


def test_without_segno_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "segno", None)
    said = Said()
    QrCodes(said, colour=True).receive(ready("http://192.168.1.5:80"))  # type: ignore[arg-type]
    assert said.text == ""
