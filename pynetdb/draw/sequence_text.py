"""A sequence chart as text, for a terminal."""

import textwrap
import unicodedata
from collections.abc import Iterator

from pynetdb.draw.page import shortfalls
from pynetdb.draw.sequence import Arrow, Lifeline, SequenceChart, Step
from pynetdb.draw.sequence_svg import format_after
from pynetdb.terminal import safe_line

_GUTTER = 20
# Half of the names at both edges.
_MARGIN = 12
_NARROWEST, _WIDEST = 34, 64


def sequence_text(chart: SequenceChart, width: int) -> str:
    """Return the chart in lines of `width` columns, or more if the lifelines need them."""
    return "\n".join(line.rstrip() for line in _Drawing(chart, width).lines()) + "\n"


class _Drawing:
    def __init__(self, chart: SequenceChart, width: int) -> None:
        self._chart = chart
        gaps = max(len(chart.lifelines) - 1, 1)
        self._gap = min(max((width - _GUTTER - _MARGIN) // gaps, _NARROWEST), _WIDEST)
        self._x = {line: _GUTTER + number * self._gap for number, line in enumerate(chart.lifelines)}
        self._width = _GUTTER + gaps * self._gap + _MARGIN
        self._told: set[str] = set()
        self._numbers: dict[Arrow, int] = {}

    def lines(self) -> Iterator[str]:
        yield self._across({line: line.name for line in self._chart.lifelines}, bar=" ")
        yield self._across({line: line.detail for line in self._chart.lifelines}, bar=" ")
        rows: dict[int, list[Step]] = {}
        for step in self._chart.steps:
            rows.setdefault(step.row, []).append(step)
        for steps in rows.values():
            yield from self._row(steps)
        yield from shortfalls(self._chart)

    def _row(self, steps: list[Step]) -> Iterator[str]:
        after = format_after(min(step.call.time for step in steps) - self._chart.began).rjust(11)
        drawn: set[Arrow] = set()
        for step in steps:
            for arrow in self._chart.of_step[step]:
                if arrow not in drawn:
                    drawn.add(arrow)
                    yield self._arrow(arrow, step, after)
                    after = ""
            if not self._chart.of_step[step] and not step.state:
                yield from self._beside(step, [step.title], after)
                after = ""
        if states := {step.lifeline: f"[{step.state}]" for step in steps if step.state}:
            yield self._across(states, after)
        for step in steps:
            note = step.call.note
            if note and note not in self._told:
                self._told.add(note)
                yield from self._beside(step, textwrap.wrap(f"({note})", self._gap - 4))

    # Lines of cells: a character each, wide ones take two

    def _blank(self, start: str = "", bar: str = "│") -> list[str]:
        cells = [" "] * self._width
        for line, x in self._x.items():
            cells[x] = bar if line.traced or bar == " " else "┊"
        _put(cells, 0, start)
        return cells

    def _across(self, texts: dict[Lifeline, str], start: str = "", bar: str = "│") -> str:
        """Texts that stand across their lifelines."""
        cells = self._blank(start, bar)
        for line, text in texts.items():
            text = _cut(safe_line(text), self._gap - 2)
            _put(cells, max(self._x[line] - _columns(text) // 2, 0), text)
        return "".join(cells)

    def _beside(self, step: Step, texts: list[str], start: str = "") -> Iterator[str]:
        """Texts beside a lifeline: to its right, or of the last one to its left."""
        left = step.lifeline is self._chart.lifelines[-1] and len(self._chart.lifelines) > 1
        x = self._x[step.lifeline]
        for number, text in enumerate(texts):
            cells = self._blank("" if number else start)
            text = _cut(safe_line(text), self._gap - 3)
            _put(cells, x - 1 - _columns(text) if left else x + 2, text)
            yield "".join(cells)

    def _arrow(self, arrow: Arrow, step: Step, start: str) -> str:
        """One line: the whole arrow, or with its number the part that leaves or arrives here."""
        cells = self._blank(start)
        whole = arrow.first_row == arrow.last_row
        leaves = arrow.sent is step or arrow.sent is None
        x1, x2 = self._x[arrow.source], self._x[arrow.destination]
        if x1 == x2:
            x2 = x1 + self._gap - 2
        low, high, right = min(x1, x2), max(x1, x2), x2 > x1
        dash = "─" if arrow.kind == "data" else "╌"
        for x in range(low + 1, high):
            if cells[x] == " ":
                cells[x] = dash
        number = "" if whole else f"({self._numbers.setdefault(arrow, len(self._numbers) + 1)})"
        text = f" {arrow.text} " if leaves else f" {number} "
        text = _cut(text, self._gap - 8)
        _put(cells, low + 3 if right else high - 2 - _columns(text), text)
        if (whole and not arrow.lost) or not leaves:
            _put(cells, x2 - 1 if right else x2 + 1, "▶" if right else "◀")
        elif arrow.lost:
            self._end(cells, x2, right, " lost ✗ ")
        else:
            self._end(cells, x2, right, f" {number} ")
        return "".join(cells)

    @staticmethod
    def _end(cells: list[str], x: int, right: bool, text: str) -> None:
        _put(cells, x - len(text) if right else x + 1, text)


def _put(cells: list[str], x: int, text: str) -> None:
    for one in text:
        columns = _columns(one)
        if x >= len(cells) or x + columns > len(cells):
            return
        if columns == 0:
            cells[x - 1] += one
            continue
        cells[x] = one
        if columns == 2:
            cells[x + 1] = ""
        x += columns


def _columns(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(
        0 if unicodedata.combining(one) or unicodedata.category(one) in ("Mn", "Me", "Cf")
        else 2 if unicodedata.east_asian_width(one) in "WF" else 1
        for one in text
    )  # fmt: skip


def _cut(text: str, columns: int) -> str:
    while _columns(text) > columns:
        text = text[:-2] + "…" if text.endswith("…") else text[:-1] + "…"
    return text
