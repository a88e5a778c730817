"""How much somebody may say, and how soon again: a token bucket."""

# A token that is due this very moment must not be missed for a rounding error.
_ROUNDING = 1e-6


class TokenBucket:
    """A bucket of `2 * rate` tokens, at least one, that fills with `rate` a second; `now` is in seconds.

    Twice the rate at once, so that who pastes a few lines is not held back, and who floods soon is.
    """

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._tokens = self._max_tokens = max(2.0 * rate, 1.0)
        self._now = now

    def available(self, now: float) -> int:
        """Return how many whole tokens are there now."""
        self._tokens = min(self._max_tokens, self._tokens + (now - self._now) * self._rate)
        self._now = now
        return max(0, int(self._tokens + _ROUNDING))

    def take(self, number: int) -> None:
        """Take so many tokens, perhaps more than there are: what follows waits the longer."""
        self._tokens -= number

    @property
    def time_until_next(self) -> float:
        """Seconds, from the last `available` on, until there is one more token; 0 if there is one."""
        return max(0.0, (1.0 - self._tokens) / self._rate)
