"""A page that needs nothing else: its style and its pictures are in it, and no script."""

from collections.abc import Sequence

from pynetdb.draw.escaping import xml, xml_lines
from pynetdb.draw.sequence import SequenceChart
from pynetdb.draw.sequence_svg import SequenceDrawing, format_after, names
from pynetdb.draw.style import PAGE, STYLE
from pynetdb.wording import format_count, timestamp


def page(title: str, body: str) -> str:
    """Return a page with a style for screens, light and dark, and for paper."""
    # Nothing may be loaded and nothing run, whatever a peer managed to say.
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{xml(title)}</title>\n<style>{STYLE}{PAGE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )


def sequence_page(chart: SequenceChart) -> str:
    """Return a sequence chart with all of its steps in words below it."""
    body = [
        f"<h1>{xml(names(chart.lifelines))}</h1>",
        *_section(chart),
        "<h2>Step by step</h2>",
        *_table(chart),
    ]
    return page(" and ".join(line.name for line in chart.lifelines), "\n".join(body) + "\n")


def chapters_page(title: str, chapters: Sequence[tuple[str, Sequence[SequenceChart]]]) -> str:
    """Return a page of several sequence charts under headings; the steps in words are folded."""
    body = [f"<h1>{xml(title)}</h1>"]
    for heading, charts in chapters:
        body.append(f"<h2>{xml(heading)}</h2>")
        for chart in charts:
            body += [f"<h3>{xml(names(chart.lifelines))}</h3>", *_section(chart)]
            body += ["<details><summary>Step by step</summary>", *_table(chart), "</details>"]
    return page(title, "\n".join(body) + "\n")


def _section(chart: SequenceChart) -> list[str]:
    drawing = SequenceDrawing(chart)
    data = [arrow for arrow in chart.arrows if arrow.kind == "data"]
    lost = sum(arrow.lost for arrow in data)
    told = f"{format_count(len(data), 'arrow')} with data, {lost or 'none'} of them lost; "
    told += f"from {timestamp(chart.began)} on; point at anything to read what it was"
    return [
        f"<p>{xml(told)}</p>",
        *(f"<p>{xml(text)}</p>" for text in shortfalls(chart)),
        # On a phone two lifelines are made smaller, more are scrolled.
        '<div class="picture"><div style="'
        f"min-width:{drawing.width * (0.66 if len(chart.lifelines) < 3 else 0.8):.0f}px;"
        f'max-width:{drawing.width * 1.15:.0f}px">',
        drawing.figures(),
        "</div></div>",
    ]


def shortfalls(chart: SequenceChart) -> list[str]:
    """Return what is not in the picture."""
    told = []
    if chart.left_out:
        told.append(
            f"The first {format_count(len(chart.steps), 'step')}; {chart.left_out} more are left out."
        )
    if chart.missing:
        told.append(
            f"The traces lack {format_count(chart.missing, 'call')}: the disk was full or too slow for them."
        )
    return told


def _table(chart: SequenceChart) -> list[str]:
    rows = [
        "<table><thead><tr><th>#</th><th class=when>time</th><th>who</th><th>what, and what it means</th>",
        "</tr></thead><tbody>",
    ]
    for number, step in enumerate(chart.steps, 1):
        calls = "<br>".join(
            f"<code{' class=bad' if call.error else ''}>{xml(str(call))}</code>" for call in step.calls
        )
        who = f"{xml(step.call.who)}<small>{xml(step.lifeline.detail)}</small>"
        rows.append(
            f'<tr><td class="number">{number}</td>'
            f'<td class="number when">{format_after(step.call.time - chart.began)}</td>'
            f'<td class="who">{who}</td><td>{calls}<small>{xml_lines(step.call.note)}</small></td></tr>'
        )
    return [*rows, "</tbody></table>"]
