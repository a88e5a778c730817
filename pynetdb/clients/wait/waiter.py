"""Looks at every target again and again until all of them hold, or the time is over."""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue

from pynetdb.clients.wait.targets import Condition, Finding
from pynetdb.errors import DeadlineError, PynetdbError
from pynetdb.narration import SILENT, Call, Narrator, Observer
from pynetdb.net.deadline import Deadline
from pynetdb.net.network import Network
from pynetdb.threads import start_thread

# Long enough for two lost SYNs; a host that swallows packets is asked again. A server that is slow gets
# twice as long each time.
_FIRST_LOOK = 5.0
# The last look is shortly before the deadline, however long the pauses are.
_LAST_LOOK = 0.1


@dataclass(frozen=True)
class Progress:
    """Something new about a condition."""

    condition: Condition
    holds: bool
    reason: str
    seconds: float
    """Since the beginning."""
    looks: int


class _Relay(Observer):
    """Hands calls of a thread to the one that may write."""

    def __init__(self, queue: "SimpleQueue[Progress | Call | PynetdbError]") -> None:
        self._queue = queue

    def on_call(self, call: Call) -> None:
        self._queue.put(call)


class Waiter:
    """Looks at every condition in a thread of its own: one that is slow holds up none of the others.

    The threads only look; all is told by the caller's thread.
    """

    def __init__(
        self, conditions: Sequence[Condition], every: float, timeout: float, network: Network
    ) -> None:
        """`every` so many seconds is looked, for at most `timeout` seconds."""
        self.last: dict[Condition, Finding] = {}
        """What was found last where a condition does not hold yet."""
        self._conditions = conditions
        self._every = every
        self._deadline = Deadline(timeout, "wait")
        self._started = time.monotonic()
        self._network = network
        self._queue: SimpleQueue[Progress | Call | PynetdbError] = SimpleQueue()
        self._over = threading.Event()

    def run(self) -> Iterator[Progress]:
        """Yield what is new, until all hold. Raises DeadlineError that names what is missing."""
        narrator = Narrator([_Relay(self._queue)]) if self._network.narrator else SILENT
        for condition in self._conditions:
            self.last[condition] = Finding(None, "no answer yet")
            # Calls of several threads come through one queue, in the order in which they were made.
            network = Network(narrator, ip_version=self._network.sockets.ip_version)
            start_thread(partial(self._watch, condition, network), "watching for each target")
        try:
            while self.last:
                yield from self._next()
        finally:
            self._over.set()

    def _next(self) -> Iterator[Progress]:
        try:
            # A look that began in time may end a moment later.
            told = self._queue.get(timeout=self._deadline.left() + _LAST_LOOK)
        except Empty:
            raise self._missed() from None
        if isinstance(told, Call):
            self._network.narrator.report(told)
        elif isinstance(told, PynetdbError):
            raise told
        elif told.holds:
            del self.last[told.condition]
            yield told
        elif told.reason != self.last[told.condition].reason:
            self.last[told.condition] = Finding(None, told.reason)
            yield told

    def _missed(self) -> DeadlineError:
        missing = ", ".join(
            f"{condition.text} ({finding.reason})" for condition, finding in self.last.items()
        )
        return DeadlineError(
            f"after {self._deadline.timeout:g} s still waiting for {missing}", hint="deadline"
        )

    def _watch(self, condition: Condition, network: Network) -> None:
        """In a thread: look until the condition holds."""
        looks, patience = 0, _FIRST_LOOK
        while not self._over.is_set():
            left = self._deadline.left()
            if not left:
                return
            looks += 1
            deadline = Deadline(min(left, patience), condition.text)
            try:
                finding = condition.place.look(network, deadline)
            except DeadlineError:
                # One that the end cut short found nothing out.
                silence = condition.place.silence if left >= patience else None
                finding = Finding(silence, f"no answer within {deadline.timeout:.3g} s")
                patience *= 2
            except PynetdbError as error:
                self._queue.put(error)
                return
            holds = condition.holds(finding)
            seconds = time.monotonic() - self._started
            self._queue.put(Progress(condition, holds, finding.reason, seconds, looks))
            if holds:
                return
            self._over.wait(self._pause())

    def _pause(self) -> float:
        left = self._deadline.left()
        return min(self._every, left - _LAST_LOOK) if left > _LAST_LOOK else left
