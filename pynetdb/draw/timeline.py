"""A timeline: what was counted, second by second, as panels that share their time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

# Fewer buckets than a screen has columns, more than eyes can tell apart.
MAX_BUCKETS = 400

WIDTHS = (1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 60, 600, 3600, 86400)
"""The buckets that there are, in seconds: each is a prefix of an ISO 8601 time, one more is a day."""

_PREFIXES = (26, 25, 24, 23, 22, 21, 19, 18, 16, 15, 13, 10)
"""How many characters of `2012-11-28T19:30:19.118400Z` name the bucket of each width."""

PanelKind = Literal["steps", "bars", "lines", "dots"]


@dataclass
class Series:
    """One line of a panel: values by seconds since the beginning."""

    name: str
    points: list[tuple[float, float]]


@dataclass
class Panel:
    """One picture over the time; where nothing was measured there is a gap, or zero for what is counted."""

    title: str
    unit: str
    kind: PanelKind
    series: list[Series]


@dataclass
class Ranking:
    """Who did how much of something, most first."""

    title: str
    rows: list[tuple[str, float, str]]
    """A name, a number that makes the bar, and what is said about it."""
    more: int = 0
    """How many others there are."""


@dataclass
class Timeline:
    """The whole picture."""

    name: str
    began: float
    """Seconds since 1970."""
    seconds: float
    bucket: float
    facts: list[tuple[str, ...]]
    """A row for each run: what ran, from when, how long, how it ended."""
    panels: list[Panel] = field(default_factory=list)
    marks: dict[str, list[tuple[float, int]]] = field(default_factory=dict)
    """Faults of our own making by their kind: when, and how many."""
    rankings: list[Ranking] = field(default_factory=list)


def bucket_width(seconds: float) -> tuple[float, int]:
    """Return the width of the buckets for so many seconds, and the length of the prefix that names one."""
    for width, prefix in zip(WIDTHS, _PREFIXES, strict=True):
        if seconds / width <= MAX_BUCKETS:
            return width, prefix
    return WIDTHS[-1], _PREFIXES[-1]


def per_second(counts: Sequence[tuple[float, float]], bucket: float) -> list[tuple[float, float]]:
    """Return counts as rates."""
    return [(at, count / bucket) for at, count in counts]


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of the values do not exceed (nearest rank)."""
    rank = -(-len(ordered) * share // 1)
    return ordered[max(int(rank), 1) - 1]
