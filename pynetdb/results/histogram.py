"""How values are spread, in one line of block characters, for people at a terminal."""

import os
import sys
from array import array
from collections.abc import Sequence
from math import log

from pynetdb.results.output import Output

_BLOCKS = "▁▂▃▄▅▆▇█"
_COLUMNS = 32
# Of fewer values the figures say all.
_FEWEST = 5
# From such a ratio on, columns grow with the values: the slowest of round trips is a hundred times the rest.
_WIDE = 8.0


def histogram(values: Sequence[float], unit: str) -> str | None:
    """Return `0.2 ms ▁▃█▅ ▁ 1.4 ms`; None for too few values, or ones that are all the same.

    A blank is a column without a value. With more than eight times between the least and the greatest the
    columns are on a logarithmic scale.
    """
    if len(values) < _FEWEST or min(values) == max(values):
        return None
    low, high = min(values), max(values)
    logarithmic = low > 0 and high / low > _WIDE
    placed = [log(value) - log(low) for value in values] if logarithmic else [value - low for value in values]
    whole = max(placed)
    counts = [0] * _COLUMNS
    for place in placed:
        counts[min(int(place / whole * _COLUMNS), _COLUMNS - 1)] += 1
    most = max(counts)
    blocks = "".join(_BLOCKS[-(-count * 8 // most) - 1] if count else " " for count in counts)
    scale = ", logarithmic" if logarithmic else ""
    return f"{low:.3g} {unit} {blocks} {high:.3g} {unit}{scale}"


def wants_histogram(output: Output) -> bool:
    """Say whether somebody looks: at a terminal that draws, without --quiet."""
    if output.verbosity < 0 or sys.stderr is None:
        return False
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def show_histogram(output: Output, what: str, values: Sequence[float], unit: str) -> None:
    """Say on standard error how `values` are spread, where somebody looks."""
    line = histogram(values, unit) if wants_histogram(output) else None
    if line is not None:
        output.info(f"{what}: {line}")


class Gaps:
    """The milliseconds between moments: the first million of them, so that memory has an end."""

    _MOST = 1_000_000

    def __init__(self) -> None:
        self.values = array("d")
        self._last: float | None = None

    def add(self, moment: float) -> None:
        """Take a moment, in seconds."""
        if self._last is not None and len(self.values) < self._MOST:
            self.values.append(max(moment - self._last, 0.0) * 1000)
        self._last = moment
