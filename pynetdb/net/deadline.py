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

    def passed(self) -> DeadlineError:
        """Return the error that says so."""
        return DeadlineError(f"{self.whom}: no complete answer within {self.timeout:g} s", hint="deadline")

    def progress(self) -> None:
        """Take note that something came: a deadline does not care, a stall limit begins anew."""


class StallError(DeadlineError):
    """The peer has been silent for longer than the user allowed."""


class StallLimit(Deadline):
    """At most `timeout` seconds between two signs of life, for what may take long as a whole."""

    def progress(self) -> None:
        """Begin anew."""
        self.renew()

    def passed(self) -> DeadlineError:
        """Return the error that says so."""
        return StallError(f"{self.whom}: nothing came for {self.timeout:g} s", hint="stall")
