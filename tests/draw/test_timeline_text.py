"""A timeline in lines of blocks."""

from pynetdb.draw.timeline import Panel, Ranking, Series, Timeline
from pynetdb.draw.timeline_text import timeline_text


def test_blocks() -> None:
    line = Timeline("j\x1b.db", 1_000_000_000.0, 10.0, 1.0, [("1", "serve-echo", "then", "10 s", "", "", "")])
    line.panels = [
        Panel("Requests", "a second", "bars", [Series("all", [(float(n), float(n)) for n in range(10)])]),
        Panel(
            "Offset",
            "ms",
            "dots",
            [Series("a server with a name", [(1.0, -5.0), (9.0, 5.0)]), Series("empty", [])],
        ),
    ]
    line.marks = {"drop": [(5.0, 2)]}
    line.rankings = [Ranking("Who", [("Ann", 4.0, "4 messages"), ("Joe", 1.0, "1 message")], more=1)]
    text = timeline_text(line, 48)
    assert text == timeline_text(line, 60)
    rows = dict(row.strip().split("│", 1) for row in text.splitlines() if "│" in row)
    assert rows["all          "] == "  ▁▁▂▂▃▃▄▄▅▅▅▅▆▆▇▇████│ 0 to 9" or len(
        rows["all          "]
    ) == 22 + len("│ 0 to 9")
    assert rows["a server wi… "].count("▁") == 1 and rows["a server wi… "].count("█") == 1
    assert rows["drop         "].endswith("│ 2")
    assert "\x1b" not in text and "j\\e.db" in text
    assert "Ann                      ████████████████████████ 4 messages" in text and "and 1 more" in text
