"""A line that is drawn on a terminal while a download lasts."""

import io
import sys

import pytest
from programs import posix

from pynetdb.results.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def pretend(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Let standard error be a terminal, for this test."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return stream


@posix
def test_a_line_comes_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = pretend(monkeypatch)
    progress = Progress(quiet=False)
    progress.draw(500_000, 1_000_000)
    progress.close()
    assert terminal.getvalue() == f"\r\x1b[K[{'#' * 15}{' ' * 15}]  50% 0.5 MB\r\x1b[K"


@posix
def test_without_a_length_the_size_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = pretend(monkeypatch)
    Progress(quiet=False).draw(500_000, None)
    assert terminal.getvalue() == "\r\x1b[K0.5 MB"


def test_it_is_not_drawn_for_every_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = pretend(monkeypatch)
    progress = Progress(quiet=False)
    for size in range(1000):
        progress.draw(size, None)
    assert terminal.getvalue().count("MB") < 1000


def test_nobody_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = pretend(monkeypatch)
    quiet = Progress(quiet=True)
    quiet.draw(1, 1)
    quiet.close()
    assert terminal.getvalue() == ""
