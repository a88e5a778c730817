"""A timeline as one chart of Mermaid."""

from pynetdb.draw.timeline import Panel, Series, Timeline
from pynetdb.draw.timeline_mermaid import timeline_mermaid


def test_the_panel_that_counts_something_is_drawn() -> None:
    line = Timeline('j"%%.db', 1_000_000_000.0, 4.0, 1.0, [])
    line.panels = [
        Panel("Bytes", "a second", "lines", [Series("sent", [(0.0, 1.0)])]),
        Panel(
            "Requests",
            "a second",
            "bars",
            [Series("all", [(0.0, 2.0), (1.5, 4.0), (3.0, 6.0)]), Series("none", [])],
        ),
    ]
    assert timeline_mermaid(line).splitlines() == [
        "xychart-beta",
        '    title "j___.db: Requests"',
        '    x-axis ["+500 ms", "+1.5 s", "+2.5 s", "+3.5 s"]',
        '    y-axis "a second"',
        "    bar [2.000000, 4.000000, 0.000000, 6.000000]",
    ]


def test_nothing_to_draw() -> None:
    assert timeline_mermaid(Timeline("j", 0.0, 1.0, 1.0, [])).startswith("xychart-beta")
