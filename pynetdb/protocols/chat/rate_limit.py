"""How much somebody may say, and how soon again: token buckets."""

from collections import deque
from typing import Any

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

    def is_full(self, now: float) -> bool:
        """Say whether nothing of what was taken is missing any more."""
        self.available(now)
        return self._tokens >= self._max_tokens

    def take(self, number: int) -> None:
        """Take so many tokens, perhaps more than there are: what follows waits the longer."""
        self._tokens -= number

    @property
    def time_until_next(self) -> float:
        """Seconds, from the last `available` on, until there is one more token; 0 if there is one."""
        return max(0.0, (1.0 - self._tokens) / self._rate)


# How many buckets are kept for who may come back: far more than leave a room in the seconds that one takes to
# fill, and few enough for memory.
_MAX_LEFT = 10_000


class AddressBuckets:
    """A bucket for everybody, who cannot empty a new one by coming back.

    Who comes from an address that somebody has left goes on with the bucket that was left, unless it is full
    again. Those who are here at a time have each their own: a class behind one address is not one member.
    """

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._left: dict[Any, deque[TokenBucket]] = {}
        self._count = 0

    def arrive(self, address: Any, now: float) -> TokenBucket:
        """Return the bucket of somebody who comes from `address`."""
        left = self._left.get(address)
        while left:
            # The last one first: it is the one that has the least in it.
            bucket = left.pop()
            self._count -= 1
            if not left:
                del self._left[address]
            if not bucket.is_full(now):
                return bucket
        return TokenBucket(self._rate, now)

    def leave(self, address: Any, bucket: TokenBucket, now: float) -> None:
        """Keep the bucket of somebody who goes, as long as something is missing in it."""
        if bucket.is_full(now):
            return
        if self._count >= _MAX_LEFT:
            self._sweep(now)
        if self._count < _MAX_LEFT:
            self._left.setdefault(address, deque()).append(bucket)
            self._count += 1

    def _sweep(self, now: float) -> None:
        for address, left in list(self._left.items()):
            kept = deque(bucket for bucket in left if not bucket.is_full(now))
            if kept:
                self._left[address] = kept
            else:
                del self._left[address]
        self._count = sum(map(len, self._left.values()))
