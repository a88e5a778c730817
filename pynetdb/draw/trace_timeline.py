"""A timeline from traces: connections that were open, bytes and calls, as the calls tell them."""

from collections import Counter
from collections.abc import Sequence

from pynetdb.draw.endpoints import RECEIVES, SENDS, Endpoint, find_endpoints
from pynetdb.draw.timeline import Panel, Series, Timeline, bucket_width
from pynetdb.draw.trace import Trace
from pynetdb.wording import format_count, timestamp


def trace_timeline(traces: Sequence[Trace]) -> Timeline:
    """Draw up the timeline of traces; of an exchange of which both sides are here both are counted."""
    calls = [call for trace in traces for call in trace.calls if call.who != "loop"] or traces[0].calls
    began = min(call.time for call in calls)
    seconds = max(call.time for call in calls) - began
    bucket, _ = bucket_width(seconds)
    line = Timeline(" and ".join(trace.name for trace in traces), began, seconds, bucket, [])
    for trace in traces:
        told = format_count(len(trace.calls), "call")
        line.facts.append(("", trace.name, timestamp(trace.calls[0].time), told, "", "", ""))
    moved: dict[str, Counter[int]] = {"received": Counter(), "sent": Counter()}
    made: Counter[int] = Counter()
    for call in calls:
        number = _number(call.time - began, bucket)
        made[number] += 1
        if call.bytes and not call.error and "MSG_PEEK" not in call.arguments:
            if call.name in RECEIVES:
                moved["received"][number] += call.bytes
            elif call.name in SENDS:
                moved["sent"][number] += call.bytes
    last = _number(seconds, bucket)
    opened = _opened([end for trace in traces for end in find_endpoints(trace)], began, bucket, last)
    panels = [
        Panel("Open connections", "at a time", "steps", [Series("connections", opened)]),
        Panel(
            "Bytes", "a second", "lines", [_rate(name, found, bucket, last) for name, found in moved.items()]
        ),
        Panel("Calls", "a second", "bars", [_rate("calls", made, bucket, last)]),
    ]
    line.panels = [
        panel for panel in panels if any(value for series in panel.series for _, value in series.points)
    ]
    return line


def _number(seconds: float, bucket: float) -> int:
    # Times are exact to a microsecond, their differences as floats are not quite.
    return int(seconds / bucket + 1e-3)


def _rate(name: str, found: Counter[int], bucket: float, last: int) -> Series:
    return Series(name, [(number * bucket, found[number] / bucket) for number in range(last + 1)])


def _opened(
    endpoints: Sequence[Endpoint], began: float, bucket: float, last: int
) -> list[tuple[float, float]]:
    """How many connections were open in each bucket: of one with both ends here, the accepted end counts."""
    accepted = [end for end in endpoints if end.accepted]
    counts: Counter[int] = Counter()
    for end in accepted or [e for e in endpoints if e.stream and e.opened and not e.opened.error]:
        first = _number(end.opened.time - began, bucket) if end.opened else 0
        until = _number(end.closed.time - began, bucket) if end.closed else last
        counts.update(range(first, until + 1))
    return [(number * bucket, float(counts[number])) for number in range(last + 1)]
