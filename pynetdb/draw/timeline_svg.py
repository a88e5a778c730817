"""A timeline as SVG: panels under each other that share their time, rankings as bars."""

from collections.abc import Callable, Iterator

from pynetdb.draw.escaping import xml, xml_lines
from pynetdb.draw.style import STYLE
from pynetdb.draw.timeline import Panel, Ranking, Series, Timeline
from pynetdb.wording import timestamp

WIDTH = 960
_LEFT, _RIGHT = 74, 14
_TITLE, _PLOT, _AXIS = 24, 110, 26
_INNER = WIDTH - _LEFT - _RIGHT
_ROW = 22


def timeline_svg(line: Timeline) -> str:
    """Return the whole picture as a file of its own."""
    parts = [
        f'<text class="name" x="4" y="18">{xml(line.name)}</text>',
        f'<text class="time" x="4" y="34">{xml(span(line))}</text>',
    ]
    top = 44.0
    for height, markup in pieces(line):
        parts.append(f'<g transform="translate(0 {top:g})">{markup}</g>')
        top += height + 10
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top:g}" width="{WIDTH}"'
        f' height="{top:g}" role="img"><title>{xml(line.name)}</title><style>{STYLE}</style>'
        f'<rect class="paper" width="{WIDTH}" height="{top:g}"/>' + "\n".join(parts) + "</svg>\n"
    )


def timeline_figures(line: Timeline) -> str:
    """Return each part as a picture of its own, for a page."""
    return "\n".join(
        f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img">{markup}</svg>' for height, markup in pieces(line)
    )


def span(line: Timeline) -> str:
    """Return from when to when, and what one column is."""
    until = timestamp(line.began + line.seconds)
    return f"{timestamp(line.began)} to {until}, in steps of {duration(line.bucket)}"


def duration(seconds: float) -> str:
    """Return a short duration: `20 ms`, `1 s`, `10 min`."""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.4g} {unit}"
    return f"{seconds * 1e6:.4g} µs"


def pieces(line: Timeline) -> Iterator[tuple[float, str]]:
    """Yield each panel and ranking as its height and its markup."""
    for panel in line.panels:
        yield _TITLE + _PLOT + _AXIS, "\n".join(_panel(line, panel))
    if line.marks:
        yield _TITLE + _ROW * len(line.marks) + _AXIS, "\n".join(_faults(line))
    for ranking in line.rankings:
        yield _TITLE + _ROW * (len(ranking.rows) + bool(ranking.more)), "\n".join(_ranking(ranking))


def _x(line: Timeline, at: float) -> float:
    whole = max(line.seconds, line.bucket)
    return _LEFT + _INNER * min(max(at / whole, 0.0), 1.0)


def _panel(line: Timeline, panel: Panel) -> Iterator[str]:
    values = [value for series in panel.series for _, value in series.points]
    low, high = min(0.0, *values), max(0.0, *values)
    if panel.kind == "dots" and low < high:
        low, high = min(values), max(values)  # An offset has no natural zero.
    if low == high:
        low, high = low - (panel.kind == "dots"), high + 1
    bottom = _TITLE + _PLOT

    def y(value: float) -> float:
        return bottom - _PLOT * (value - low) / (high - low)

    unit = f'<tspan class="unit">{xml(panel.unit)}</tspan>'
    yield f'<text class="name" x="{_LEFT}" y="15">{xml(panel.title)} {unit}</text>'
    yield from _legend(panel)
    for value in (low, 0.0 if low < 0 < high else (low + high) / 2, high):
        place = f"{y(value):.1f}"
        zero = "" if value else " zero"
        yield f'<path class="life{zero}" d="M{_LEFT} {place}H{WIDTH - _RIGHT}"/>'
        label = f'text-anchor="end" x="{_LEFT - 6}" y="{y(value) + 4:.1f}"'
        yield f'<text class="time" {label}>{amount(value)}</text>'
    yield from _time_axis(line, bottom)
    for kind, marks in line.marks.items():
        path = "".join(f"M{_x(line, at + line.bucket / 2):.1f} {_TITLE}V{bottom}" for at, _ in marks)
        yield f'<path class="mark" d="{path}"><title>{xml(kind)}</title></path>'
    for number, series in enumerate(panel.series):
        yield _series(line, panel, series, number, y)
    yield from _hover(line, panel, bottom)


def _legend(panel: Panel) -> Iterator[str]:
    x = WIDTH - _RIGHT
    for number, series in reversed(list(enumerate(panel.series))):
        if len(panel.series) > 1 and series.points:
            name = series.name if len(series.name) <= 30 else series.name[:28] + "..."
            colour = "s2" if series.name == "failed" else f"s{number % 8}"
            yield f'<text class="{colour} key" text-anchor="end" x="{x}" y="15">{xml(name)}</text>'
            x -= 12 + int(6.4 * len(name))


def _series(line: Timeline, panel: Panel, series: Series, number: int, y: Callable[[float], float]) -> str:
    kind = "s2" if series.name == "failed" else f"s{number % 8}"
    width = _INNER * line.bucket / max(line.seconds, line.bucket)
    if panel.kind == "dots":
        dots = "".join(
            f'<circle cx="{_x(line, at):.1f}" cy="{y(value):.1f}" r="3"/>' for at, value in series.points
        )
        return f'<g class="{kind} dots">{dots}</g>'
    if panel.kind == "lines":
        points = " ".join(f"{_x(line, at):.1f},{y(value):.1f}" for at, value in series.points)
        single = "".join(f'<circle class="{kind} dots" cx="{_x(line, at):.1f}" cy="{y(value):.1f}" r="2.5"/>'
                         for at, value in series.points if len(series.points) == 1)  # fmt: skip
        return f'<polyline class="{kind} curve" points="{points}"/>{single}'
    path = "".join(
        f"M{_x(line, at):.1f} {y(0):.1f}V{y(value):.1f}h{max(width, 1):.2f}V{y(0):.1f}Z"
        for at, value in series.points
        if value
    )
    return f'<path class="{kind} bar" d="{path}"/>'


def _hover(line: Timeline, panel: Panel, bottom: float) -> Iterator[str]:
    """What each column holds, for people who point at it."""
    told: dict[float, list[str]] = {}
    for series in panel.series:
        for at, value in series.points:
            start = at // line.bucket * line.bucket
            if value or panel.kind in ("lines", "dots"):
                told.setdefault(start, []).append(f"{series.name}: {amount(value)} {panel.unit}")
    width = max(_INNER * line.bucket / max(line.seconds, line.bucket), 2)
    for start, lines in told.items():
        text = "\n".join([timestamp(line.began + start), *lines])
        yield (
            f'<rect class="column" x="{_x(line, start):.1f}" y="{_TITLE}" width="{width:.2f}"'
            f' height="{bottom - _TITLE}">'
            f"<title>{xml_lines(text)}</title></rect>"
        )


def _time_axis(line: Timeline, y: float) -> Iterator[str]:
    whole = max(line.seconds, line.bucket)
    for number in range(5):
        at = whole * number / 4
        anchor = ("start", "middle", "middle", "middle", "end")[number]
        place = f'text-anchor="{anchor}" x="{_x(line, at):.1f}" y="{y + 15}"'
        yield f'<text class="time" {place}>{clock(line, at)}</text>'


def clock(line: Timeline, at: float) -> str:
    """Return a moment as precisely as the picture is."""
    text = timestamp(line.began + at)
    if line.seconds > 86400 * 2:
        return text[:10] + " " + text[11:16]
    if line.seconds > 60:
        return text[11:19]
    return f"+{duration(at)}" if at else text[11:23]


def _faults(line: Timeline) -> Iterator[str]:
    yield f'<text class="name" x="{_LEFT}" y="15">Faults of our own making</text>'
    for number, (kind, marks) in enumerate(sorted(line.marks.items())):
        y = _TITLE + number * _ROW
        total = sum(count for _, count in marks)
        yield f'<text class="time" text-anchor="end" x="{_LEFT - 6}" y="{y + 14}">{xml(kind)} {total}</text>'
        for at, count in marks:
            x = _x(line, at)
            hover = f"<title>{xml(kind)}: {count}</title>"
            yield f'<rect class="fault" x="{x:.1f}" y="{y + 3}" width="3" height="14">{hover}</rect>'
    yield from _time_axis(line, _TITLE + _ROW * len(line.marks))


def _ranking(ranking: Ranking) -> Iterator[str]:
    yield f'<text class="name" x="4" y="15">{xml(ranking.title)}</text>'
    most = max(number for _, number, _ in ranking.rows) or 1
    for place, (name, number, told) in enumerate(ranking.rows):
        y = _TITLE + place * _ROW
        length = 400 * number / most
        short = name if len(name) <= 34 else name[:32] + "..."
        yield (
            f'<g><title>{xml(name)}</title><text text-anchor="end" x="236" y="{y + 15}">{xml(short)}</text>'
            f'<rect class="s0 bar" x="246" y="{y + 3}" width="{max(length, 1):.1f}" height="16"/>'
            f'<text class="time" x="{252 + length:.1f}" y="{y + 15}">{xml(told)}</text></g>'
        )
    if ranking.more > 0:
        y = _TITLE + len(ranking.rows) * _ROW + 15
        yield f'<text class="time" text-anchor="end" x="236" y="{y}">and {ranking.more} more</text>'


def amount(value: float) -> str:
    """Return a number in few characters: `1.2k`, `3M`, `0.25`."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if abs(value) >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"
