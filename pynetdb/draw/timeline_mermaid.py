"""A timeline as Mermaid: one chart, of the panel that says most."""

from pynetdb.draw.escaping import mermaid_quoted
from pynetdb.draw.timeline import Panel, Timeline
from pynetdb.draw.timeline_svg import clock

# What a forge's column of text has room for.
_MAX_COLUMNS = 40


def timeline_mermaid(line: Timeline) -> str:
    """Return an `xychart-beta` (https://mermaid.js.org/syntax/xyChart.html), which has one scale alone.

    So it is one panel: the first of those that count something, else the first of all.
    """
    counted = [panel for panel in line.panels if panel.kind == "bars"] or line.panels
    if not counted:
        return f'xychart-beta\n    title "{mermaid_quoted(line.name)}"\n    x-axis ["-"]\n    bar [0]\n'
    panel = counted[0]
    columns = min(_MAX_COLUMNS, max(round(line.seconds / line.bucket), 1))
    at = [clock(line, max(line.seconds, line.bucket) * (number + 0.5) / columns) for number in range(columns)]
    lines = [
        "xychart-beta",
        f'title "{mermaid_quoted(f"{line.name}: {panel.title}")}"',
        f"x-axis [{', '.join(chr(34) + mermaid_quoted(text) + chr(34) for text in at)}]",
        f'y-axis "{mermaid_quoted(panel.unit)}"',
    ]
    kind = "bar" if panel.kind in ("bars", "steps") else "line"
    lines += [f"{kind} [{', '.join(values)}]" for values in _means(line, panel, columns)]
    return "\n    ".join(lines) + "\n"


def _means(line: Timeline, panel: Panel, columns: int) -> list[list[str]]:
    whole = max(line.seconds, line.bucket)
    rows = []
    for series in panel.series:
        sums: list[list[float]] = [[] for _ in range(columns)]
        for at, value in series.points:
            sums[min(int(at / whole * columns), columns - 1)].append(value)
        if series.points:
            rows.append([f"{sum(values) / max(len(values), 1):.6f}" for values in sums])
    return rows
