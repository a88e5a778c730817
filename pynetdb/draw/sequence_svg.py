"""A sequence chart as SVG: one picture, or slices that a page can break between."""

import textwrap
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from pynetdb.draw.escaping import xml, xml_lines
from pynetdb.draw.sequence import Arrow, Lifeline, SequenceChart, Step
from pynetdb.draw.style import STYLE

SPACING = 320
_GUTTER, _MARGIN = 112, 104
_HEADER = 46
# Of the two fonts, in pixels.
_LABEL, _LINE = 17, 13
_WRAP = 48
# Rows of a slice: what fits on a printed page and leaves no half empty one.
_SLICE = 8


@dataclass
class Slice:
    """Rows that belong together: no arrow crosses its edges."""

    top: float
    bottom: float
    markup: list[str]


class SequenceDrawing:
    """Knows where everything is, and writes it."""

    def __init__(self, chart: SequenceChart) -> None:
        self._chart = chart
        self._x = {line: _GUTTER + SPACING * number for number, line in enumerate(chart.lifelines)}
        self.width = _GUTTER + SPACING * max(len(chart.lifelines) - 1, 1) + _MARGIN
        self._steps: dict[int, list[Step]] = defaultdict(list)
        for step in chart.steps:
            self._steps[step.row].append(step)
        self._starting: dict[int, list[Arrow]] = defaultdict(list)
        for arrow in chart.arrows:
            self._starting[arrow.sent_row].append(arrow)
        self._notes = self._first_notes()
        self._tops, self._lines = self._places()

    def svg(self) -> str:
        """Return the whole picture as a file of its own."""
        height = self._tops[-1] + 20
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {height:g}"'
            f' width="{self.width}" height="{height:g}" role="img">',
            f"<title>{xml(' and '.join(line.name for line in self._chart.lifelines))}</title>",
            f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{self.width}" height="{height:g}"/>',
            *self._header(),
        ]
        for part in self.slices():
            parts += self._vertical(part.top, part.bottom) + part.markup
        return "\n".join([*parts, "</svg>", ""])

    def figures(self) -> str:
        """Return the picture as slices that follow each other without a gap, for a page."""
        parts = [self._figure(0, _HEADER, self._header())]
        parts += [
            self._figure(part.top, part.bottom, self._vertical(part.top, part.bottom) + part.markup)
            for part in self.slices()
        ]
        return "\n".join(parts)

    def _figure(self, top: float, bottom: float, markup: list[str]) -> str:
        box = f"0 {top:g} {self.width} {bottom - top:g}"
        # One block, so that nothing but a printed page comes between two slices.
        return f'<svg viewBox="{box}" role="img">' + "\n".join(markup) + "</svg>"

    def slices(self) -> Iterator[Slice]:
        """Yield the rows, cut where no arrow is on its way."""
        last: dict[int, int] = defaultdict(int)
        for arrow in self._chart.arrows:
            last[arrow.first_row] = max(last[arrow.first_row], arrow.last_row)
        begin, until = 0, 0
        for row in range(self._chart.rows):
            until = max(until, last[row])
            if row == self._chart.rows - 1 or (row >= until and row - begin + 1 >= _SLICE):
                markup = [text for number in range(begin, row + 1) for text in self._row(number)]
                yield Slice(self._tops[begin], self._tops[row + 1], markup)
                begin = row + 1

    # Where things are

    def _first_notes(self) -> dict[Step, list[str]]:
        """The explanations: each once, where it is needed first."""
        notes: dict[Step, list[str]] = {}
        told: set[str] = set()
        for step in self._chart.steps:
            if step.call.note and step.call.note not in told:
                told.add(step.call.note)
                notes[step] = textwrap.wrap(xml_width(step.call.note), _WRAP)[:4]
        return notes

    def _places(self) -> tuple[list[float], list[float]]:
        tops, lines = [float(_HEADER)], []
        for row in range(self._chart.rows):
            steps = self._steps[row]
            labels = max(len(self._starting[row]), 1)
            lines.append(tops[-1] + 4 + labels * _LABEL)
            below = sum(len(self._notes.get(step, ())) for step in steps) * _LINE
            pills = 20 if any(step.state for step in steps) else 0
            tops.append(lines[-1] + below + pills + 9)
        return tops, lines

    # What is drawn

    def _header(self) -> list[str]:
        parts = []
        for line, x in self._x.items():
            kind = "who" if line.traced else "who stranger"
            parts.append(
                f'<g class="{kind}"><rect x="{x - 88}" y="4" width="176" height="38" rx="5"/>'
                f'<text x="{x}" y="20" class="name">{xml(line.name[:26])}</text>'
                f'<text x="{x}" y="35" class="file">{xml(line.detail[:30])}</text></g>'
            )
        return parts

    def _vertical(self, top: float, bottom: float) -> list[str]:
        return [
            f'<line class="life{"" if line.traced else " stranger"}" x1="{x}" x2="{x}"'
            f' y1="{top:g}" y2="{bottom:g}"/>'
            for line, x in self._x.items()
        ]

    def _row(self, row: int) -> Iterator[str]:
        y = self._lines[row]
        steps = self._steps[row]
        if steps:
            # A send may be told a little later than the recv that it caused.
            after = min(step.call.time for step in steps) - self._chart.began
            yield f'<text class="time" x="4" y="{y + 4:g}">{format_after(after)}</text>'
        for number, arrow in enumerate(self._starting[row]):
            yield from self._arrow(arrow, y - 5 - number * _LABEL)
        below = y + _LINE + (19 if any(step.state for step in steps) else 0)
        for step in steps:
            if not self._chart.of_step[step] and not step.state:
                yield self._aside(step, y)
            for line in self._notes.get(step, ()):
                yield self._beside(step, below, "note", line)
                below += _LINE
        for step in steps:
            if step.state:
                yield self._pill(step, y)

    def _arrow(self, arrow: Arrow, label_y: float) -> Iterator[str]:
        x1, x2 = self._x[arrow.source], self._x[arrow.destination]
        y1, y2 = (self._lines[row] for row in (arrow.sent_row, arrow.received_row))
        if x1 == x2:
            x2 = x1 + 40  # A process that talks to itself.
        sign = 1 if x2 > x1 else -1
        tip = x1 + (x2 - x1) * 0.62 if arrow.lost else x2 - sign * 2
        kind = f"arrow {arrow.kind}{' lost' if arrow.lost else ''}"
        anchor = "start" if sign > 0 else "end"
        yield f'<g class="{kind}"><title>{xml_lines(describe(arrow))}</title>'
        # Wide and invisible: easy to point at.
        yield f'<path class="reach" d="M{x1} {y1:g}L{tip:g} {y2:g}"/><path d="M{x1} {y1:g}L{tip:g} {y2:g}"/>'
        yield _cross(tip, y2) if arrow.lost else _head(x1, y1, tip, y2)
        text = arrow.text + (", lost" if arrow.lost else "")
        yield f'<text x="{x1 + sign * 12}" y="{label_y:g}" text-anchor="{anchor}">{xml(text)}</text></g>'

    def _aside(self, step: Step, y: float) -> str:
        alarming = step.call.error or step.call.name == "fault"
        text = self._beside(step, y, "call error" if alarming else "call", step.title, describe_step(step))
        return text + f'<circle class="dot" cx="{self._x[step.lifeline]}" cy="{y - 4:g}" r="3"/>'

    def _beside(self, step: Step, y: float, kind: str, text: str, title: str = "") -> str:
        left = step.lifeline is self._chart.lifelines[-1] and len(self._chart.lifelines) > 1
        x = self._x[step.lifeline] + (-12 if left else 12)
        anchor = "end" if left else "start"
        hover = f"<title>{xml_lines(title)}</title>" if title else ""
        short = text if len(text) <= _WRAP - 4 or kind == "note" else text[: _WRAP - 6] + "..."
        return f'<text class="{kind}" x="{x}" y="{y:g}" text-anchor="{anchor}">{hover}{xml(short)}</text>'

    def _pill(self, step: Step, y: float) -> str:
        x, text = self._x[step.lifeline], step.state or ""
        width = 12 + 6.2 * len(text)
        return (
            f'<g class="state"><title>{xml_lines(describe_step(step))}</title>'
            f'<rect x="{x - width / 2:g}" y="{y + 4:g}" width="{width:g}" height="17" rx="8.5"/>'
            f'<text x="{x}" y="{y + 16:g}">{xml(text)}</text></g>'
        )


def _head(x1: float, y1: float, x2: float, y2: float) -> str:
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5 or 1.0
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    left = f"{x2 - 9 * ux + 4 * uy:.1f} {y2 - 9 * uy - 4 * ux:.1f}"
    right = f"{x2 - 9 * ux - 4 * uy:.1f} {y2 - 9 * uy + 4 * ux:.1f}"
    return f'<path class="head" d="M{x2:g} {y2:g}L{left}L{right}Z"/>'


def _cross(x: float, y: float) -> str:
    return f'<path class="cross" d="M{x - 6:g} {y - 6:g}l12 12m0 -12l-12 12"/>'


def xml_width(text: str) -> str:
    """Return a note with its blanks made plain, so that it can be wrapped."""
    return " ".join(text.split())


def format_after(seconds: float) -> str:
    """Return a time since the beginning: `0.21 ms`, `1.250 s`."""
    return f"{seconds * 1000:.2f} ms" if abs(seconds) < 1 else f"{seconds:.3f} s"


def describe_step(step: Step) -> str:
    """Return the calls of a step with their explanations, for people who point at it."""
    return "\n".join(f"{call.who} {call}\n({call.note})" for call in step.calls)


def describe(arrow: Arrow) -> str:
    """Return what an arrow stands for: the bytes, both calls, the time between them."""
    lines = [f"{arrow.size} bytes" if arrow.kind == "data" else arrow.text]
    lines += [describe_step(step) for step in (arrow.sent, arrow.received) if step]
    if arrow.sent and arrow.received:
        lines.append(f"{format_after(max(arrow.received.call.time - arrow.sent.call.time, 0.0))} on the way")
    if arrow.lost:
        lines.append("it was never received")
    return "\n".join(lines)


def names(lifelines: list[Lifeline]) -> str:
    """Return who takes part, in words."""
    *others, last = [f"{line.name} ({line.detail})" for line in lifelines]
    return f"{', '.join(others)} and {last}" if others else last
