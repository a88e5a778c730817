"""How many rows to ask for at a time: few while they come slowly, so that each is shown soon."""

import time

# Seconds that some rows may take. Less, and more are asked for together; more, and fewer.
_QUICK = 0.01
_SLOW = 0.1


class Pace:
    """Decides how many rows are asked for next, by how long the last ones took; a block asks for some.

    It begins with `size` and goes up to `most`. One that is `steady` does not change.
    """

    def __init__(self, most: int, size: int = 1, *, steady: bool = False) -> None:
        self.size = min(size, most)
        self._most = most
        self._steady = steady
        self._asked = 0.0

    def slow_down(self) -> None:
        """Ask for fewer."""
        self.size = max(1, self.size // 4)

    def __enter__(self) -> "Pace":
        self._asked = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        seconds = time.monotonic() - self._asked
        if self._steady:
            return
        if seconds > _SLOW:
            self.slow_down()
        elif seconds < _QUICK:
            self.size = min(self._most, self.size * 4)
