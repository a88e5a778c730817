"""How far a download is, drawn on standard error while it lasts."""

import sys
import time

from pynetdb.results.output import wants_colour

# Seconds between two pictures: often enough to be seen moving, too seldom to slow a download down.
_INTERVAL = 0.1
_WIDTH = 30


class Progress:
    """A line that is drawn again and again, on a terminal alone and not where `quiet`."""

    def __init__(self, *, quiet: bool) -> None:
        self._on = not quiet and wants_colour(sys.stderr)
        self._drawn = 0.0

    def draw(self, size: int, length: int | None) -> None:
        """Show that `size` bytes are there, of `length` if that is known."""
        if not self._on or time.monotonic() - self._drawn < _INTERVAL:
            return
        self._drawn = time.monotonic()
        done = f"{size / 1e6:.1f} MB"
        if length:
            share = min(size / length, 1.0)
            done = f"[{'#' * int(share * _WIDTH):<{_WIDTH}}] {share:4.0%} {done}"
        sys.stderr.write(f"\r\x1b[K{done}")
        sys.stderr.flush()

    def close(self) -> None:
        """Take the line off the terminal."""
        if self._on and self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
