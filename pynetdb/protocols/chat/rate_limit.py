"""How much somebody may say, and how soon again."""


class Allowance:
    """A bucket of `2 * rate` words, at least one, that fills with `rate` a second; `now` is in seconds."""

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._left = self._most = max(2.0 * rate, 1.0)
        self._now = now

    def whole(self, now: float) -> int:
        """Return how many may be said now."""
        self._left = min(self._most, self._left + (now - self._now) * self._rate)
        self._now = now
        # A word that is due this very moment must not be missed for a rounding error.
        return max(0, int(self._left + 1e-6))

    def spend(self, number: int) -> None:
        """So many were said, perhaps more than allowed: what follows waits the longer."""
        self._left -= number

    @property
    def wait(self) -> float:
        """Seconds, from the last `whole` on, until one more may be said; 0 if one may."""
        return max(0.0, (1.0 - self._left) / self._rate)
