"""One moment by which a whole exchange must be over, or at most so long a silence."""

import time

from pynetdb.errors import DeadlineError


class Deadline:
    """`timeout` seconds from now; not a per-call timeout, so a peer that drips bytes cannot stretch it.

    `whom` is named in the error.
    """

    def __init__(self, timeout: float, whom: str) -> None:
        self.timeout = timeout
        self.whom = whom
        self._end = time.monotonic() + timeout

    def renew(self) -> None:
        """Count from now on."""
        self._end = time.monotonic() + self.timeout

    def left(self) -> float:
        """Return the seconds that are left, 0 when there are none."""
        return max(self._end - time.monotonic(), 0.0)

    def remaining(self) -> float:
        """Return the seconds that are left, more than 0; raise DeadlineError when there are none."""
        left = self.left()
        if not left:
            raise self.passed()
        return left

    @property
    def told(self) -> float:
        """The timeout as people are told of it: a share of another one is never a round number."""
        return round(self.timeout, 2 if self.timeout > 0.1 else 3)

    def passed(self) -> DeadlineError:
        """Return the error that says so."""
        return DeadlineError(f"{self.whom}: no complete answer within {self.told:g} s", hint="deadline")


class StallError(DeadlineError):
    """The peer has been silent for longer than the user allowed."""


class StallLimit(Deadline):
    """At most `timeout` seconds of waiting at a time, for what may take long as a whole.

    What we do between two waits, such as writing to somebody slow, is no silence of the peer's.
    """

    def left(self) -> float:
        """Return the seconds that the next wait may take."""
        return self.timeout

    def passed(self) -> DeadlineError:
        """Return the error that says so."""
        return StallError(f"{self.whom}: nothing came for {self.timeout:g} s", hint="stall")
