"""A timeline as text: a line of blocks for each series, a bar for each who takes part."""

from collections.abc import Iterator, Sequence

from pynetdb.draw.timeline import Series, Timeline
from pynetdb.draw.timeline_svg import amount, span
from pynetdb.terminal import safe_line

_BLOCKS = " ▁▂▃▄▅▆▇█"
_NAME = 12


def timeline_text(line: Timeline, width: int) -> str:
    """Return the timeline in lines of `width` columns."""
    return "\n".join(safe_line(text).rstrip() for text in _lines(line, max(width, 60))) + "\n"


def _lines(line: Timeline, width: int) -> Iterator[str]:
    yield line.name
    yield span(line)
    columns = width - _NAME - 26
    for panel in line.panels:
        yield ""
        yield f"{panel.title}, {panel.unit}"
        for series in panel.series:
            if series.points:
                values = [value for _, value in series.points]
                blocks = "".join(_blocks(line, series, columns, counts=panel.kind in ("bars", "steps")))
                told = f"{amount(min(values))} to {amount(max(values))}"
                yield f"  {_short(series.name, _NAME):<{_NAME}} │{blocks}│ {told}"
    if line.marks:
        yield ""
        yield "Faults of our own making"
        for kind, marks in sorted(line.marks.items()):
            series = Series(kind, [(at, float(count)) for at, count in marks])
            blocks = "".join(_blocks(line, series, columns, counts=True))
            yield f"  {_short(kind, _NAME):<{_NAME}} │{blocks}│ {sum(count for _, count in marks)}"
    for ranking in line.rankings:
        yield ""
        yield ranking.title
        most = max(number for _, number, _ in ranking.rows) or 1
        for name, number, told in ranking.rows:
            bar = "█" * max(round(number / most * 24), 1)
            yield f"  {_short(name, 24):<24} {bar:<24} {told}"
        if ranking.more > 0:
            yield f"  and {ranking.more} more"


def _blocks(line: Timeline, series: Series, columns: int, *, counts: bool) -> list[str]:
    """One character a column: the mean of what falls into it; a blank where nothing was measured."""
    sums: list[list[float]] = [[] for _ in range(columns)]
    whole = max(line.seconds, line.bucket)
    for at, value in series.points:
        sums[min(int(at / whole * columns), columns - 1)].append(value)
    means = [sum(values) / len(values) if values else None for values in sums]
    known = [mean for mean in means if mean is not None]
    low, high = (0.0 if counts else min(known)), max(known)
    return [_block(mean, low, high, counts) for mean in means]


def _block(mean: float | None, low: float, high: float, counts: bool) -> str:
    if mean is None or (counts and not mean):
        return " "
    share = 1.0 if high == low else (mean - low) / (high - low)
    return _BLOCKS[1 + min(int(share * 8), 7)]


def _short(text: str, columns: int) -> str:
    return text if len(text) <= columns else text[: columns - 1] + "…"


def rows_of(line: Timeline) -> Sequence[str]:
    """Return the runs, a line each."""
    return ["  ".join(filter(None, fact)) for fact in line.facts]
