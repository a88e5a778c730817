"""One moment by which a whole exchange must be over."""

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

    def left(self) -> float:
        """Return the seconds that are left, 0 when there are none."""
        return max(self._end - time.monotonic(), 0.0)

    def remaining(self) -> float:
        """Return the seconds that are left, more than 0; raise DeadlineError when there are none."""
        left = self.left()
        if not left:
            raise self.passed()
        return left

    def passed(self) -> DeadlineError:
        """Return the error that says so."""
        return DeadlineError(f"{self.whom}: no complete answer within {self.timeout:g} s", hint="deadline")
