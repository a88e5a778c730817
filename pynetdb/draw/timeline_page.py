"""A timeline as a page: the runs, the panels, who did how much."""

from pynetdb.draw.escaping import xml
from pynetdb.draw.page import page
from pynetdb.draw.timeline import Timeline
from pynetdb.draw.timeline_svg import WIDTH, span, timeline_figures

_COLUMNS = ("run", "command", "started", "took", "ended by", "at", "")


def timeline_page(line: Timeline) -> str:
    """Return a page with every panel; nothing in it runs or is loaded."""
    heads = "".join(f"<th>{name}</th>" for name in _COLUMNS)
    rows = "\n".join(
        "<tr>" + "".join(f"<td>{xml(text)}</td>" for text in fact) + "</tr>" for fact in line.facts
    )
    body = [
        f"<h1>{xml(line.name)}</h1>",
        f"<p>{xml(span(line))}; point at a column to read its numbers</p>",
        f'<div class="picture"><div style="min-width:{WIDTH * 0.62:.0f}px">',
        timeline_figures(line),
        "</div></div>",
    ]
    if line.facts:
        body += ["<h2>Runs</h2>", '<div class="picture">', f"<table><thead><tr>{heads}</tr></thead><tbody>"]
        body += [rows, "</tbody></table></div>"]
    return page(line.name, "\n".join(body) + "\n")
