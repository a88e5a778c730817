"""A timeline as SVG, as text and as Mermaid say the same."""

from xml.etree import ElementTree

import pytest

from pynetdb.draw.timeline import Panel, Ranking, Series, Timeline
from pynetdb.draw.timeline_svg import amount, clock, duration, timeline_svg

SVG = "{http://www.w3.org/2000/svg}"


def made(seconds: float = 10.0, name: str = "j.db") -> Timeline:
    line = Timeline(name, 1_000_000_000.0, seconds, seconds / 10, [])
    points = [(n * seconds / 10, float(n)) for n in range(10)]
    line.panels = [
        Panel("Requests", "a second", "bars", [Series("all", points), Series("failed", points[:2])]),
        Panel("Latency", "ms", "lines", [Series("median", points), Series("one point", points[3:4])]),
        Panel("Offset", "ms", "dots", [Series("<b>a", [(at, value - 5) for at, value in points])]),
        Panel("Flat", "", "dots", [Series("x", [(1.0, 0.0)])]),
        Panel("Nothing", "", "steps", [Series("x", [(1.0, 0.0)])]),
    ]
    line.marks = {"drop<": [(seconds / 2, 3)]}
    line.rankings = [
        Ranking("Who", [("Joe<b>\x1b[31m" + "x" * 99, 2.0, "2 messages"), ("Ann", 0.0, "none")], more=5)
    ]
    return line


def test_the_picture() -> None:
    root = ElementTree.fromstring(timeline_svg(made()))
    words = " ".join(root.itertext())
    for word in ("Requests", "median", "<b>a", "drop< 3", "Joe<b>\\e[31m", "and 5 more", "a second"):
        assert word in words
    hovers = [text.text or "" for text in root.iter(f"{SVG}title")]
    assert "2001-09-09T01:46:43.000000Z\nall: 3 a second" in hovers
    assert len([path for path in root.iter(f"{SVG}path") if path.get("class") == "mark"]) == 5


def test_the_highest_bar_reaches_the_top() -> None:
    root = ElementTree.fromstring(timeline_svg(made()))
    bar = next(path for path in root.iter(f"{SVG}path") if path.get("class") == "s0 bar")
    tops = [float(part.split("V")[1].split("h")[0]) for part in (bar.get("d") or "").split("M")[1:]]
    assert min(tops) == 24 and len(tops) == 9


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1e-5, "10 µs"), (0.02, "20 ms"), (1, "1 s"), (90, "1.5 min"), (7200, "2 h"), (86400, "1 d")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_numbers_and_moments() -> None:
    assert [amount(value) for value in (0, 0.25, 1234, 3e6, 2e9, -1500)] == [
        "0",
        "0.25",
        "1.23k",
        "3M",
        "2G",
        "-1.5k",
    ]
    assert [clock(made(whole), whole / 2) for whole in (2, 600, 1e6)] == [
        "+1 s",
        "01:51:40",
        "2001-09-14 20:40",
    ]
    assert clock(made(2), 0) == "01:46:40.000"
