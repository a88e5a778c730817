"""A sequence chart as Mermaid, which forges draw where it stands in Markdown."""

from collections.abc import Iterator

from pynetdb.draw.escaping import mermaid
from pynetdb.draw.page import shortfalls
from pynetdb.draw.sequence import Arrow, SequenceChart, Step
from pynetdb.wording import format_count

_ARROWS = {"data": "->>", "connect": "-->>", "end": "-->>"}


def sequence_mermaid(chart: SequenceChart) -> str:
    """Return the chart as a `sequenceDiagram` (https://mermaid.js.org/syntax/sequenceDiagram.html).

    Mermaid has one row an arrow: it stands where the send was. What a recv joined is said beside it.
    """
    names = {line: f"p{number}" for number, line in enumerate(chart.lifelines)}
    lines = ["sequenceDiagram"]
    lines += [
        f"participant {names[line]} as {mermaid(f'{line.name}, {line.detail}')}" for line in chart.lifelines
    ]
    told: set[str] = set()
    for step in chart.steps:
        me = names[step.lifeline]
        arrows = chart.of_step[step]
        for arrow in arrows:
            if arrow.sent is step or arrow.sent is None:
                sign, text = (
                    ("-x", f"{arrow.text}, lost") if arrow.lost else (_ARROWS[arrow.kind], arrow.text)
                )
                lines.append(f"{names[arrow.source]}{sign}{names[arrow.destination]}: {mermaid(text)}")
        lines += [f"Note over {me}: {text}" for text in _notes(step, arrows, told)]
    lines += [f"Note over p0: {mermaid(text)}" for text in shortfalls(chart)]
    return "\n    ".join(lines) + "\n"


def _notes(step: Step, arrows: list[Arrow], told: set[str]) -> Iterator[str]:
    parts = []
    if not arrows and not step.state:
        parts.append(step.title)
    if step.state:
        parts.append(step.state)
    joined = [arrow for arrow in arrows if arrow.received is step and arrow.kind == "data"]
    if len(joined) > 1:
        parts.append(f"one {step.call.name} of {format_count(step.call.bytes or 0, 'byte')}")
    if step.call.note and step.call.note not in told:
        told.add(step.call.note)
        parts.append(f"({step.call.note})")
    if parts:
        yield "<br/>".join(map(mermaid, parts))
