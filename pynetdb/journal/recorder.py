"""A subscriber of events that never waits: a bounded queue, and a thread that writes what is in it."""

import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from pynetdb.errors import DatabaseError, NetworkError, PynetdbError
from pynetdb.events.event import Event
from pynetdb.journal.rows import Row, RowMaker
from pynetdb.threads import start_thread
from pynetdb.wording import format_count

# Events that may wait for the disk, some seconds of a busy server; what comes beyond them is counted.
MAX_PENDING = 200_000

# Events are gathered for so many seconds, so that one transaction takes many of them. Killed without a
# warning, a command loses no more than that and the time to write it.
_GATHER = 0.1

# In one transaction: others who write to the same file wait no longer than it takes.
_MAX_BATCH = 5_000

# Between two tries while the disk is full or locked, or the server away.
_RETRY = 0.5

# At the end tries go on for so long, since a server that is started anew may be back by then.
_GRACE = 2.0
_LAST_RETRY = 0.1

# At the end: how long the disk may take for what is still to be written. Longer than a lock is waited for.
_CLOSE_TIMEOUT = 10.0


class Sink(Protocol):
    """Where rows go; `write` and `close` are called by one thread.

    The methods raise DatabaseError, and NetworkError for a server that cannot be asked.
    """

    place: str
    """Where that is, as messages may tell it."""

    def begin_run(self, command: str, version: str, started: float, seed: int | None) -> int:
        """Make the journal if it is missing, and return the number of a new run in it."""
        ...

    def write(self, rows: list[Row]) -> int:
        """Write rows, all or none, and return how many had to be left out because they contradict others.

        After an error the same rows are to be given again, before any others, until they are written.
        """
        ...

    def last_messages(self, most: int) -> list[tuple[str, str]]:
        """Return sender and text of the last public messages of earlier chat rooms, the oldest first."""
        ...

    def close(self) -> None:
        """Let go of the journal."""
        ...


class Recorder:
    """Records one run of a command into a journal. What the disk does never harms who emits.

    `say` is given a line when rows cannot be written, once, and at the end one with how many events are
    missing. Raises DatabaseError for a journal that cannot be begun, NetworkError for one whose server
    cannot be reached, CommandLineError for one that cannot be.
    """

    wants_details = True
    wants_words = True

    def __init__(
        self,
        sink: Sink,
        command: str,
        say: Callable[[str], None],
        *,
        bodies: bool = False,
        seed: int | None = None,
        max_pending: int = MAX_PENDING,
    ) -> None:
        import threading

        from pynetdb import __version__

        self.lost = 0
        """Events that could not be recorded."""
        self._sink = sink
        self._say = say
        self._maker = RowMaker(sink.begin_run(command, __version__, time.time(), seed), bodies=bodies)
        self._max_pending = max_pending
        self._queue: deque[Event] = deque()
        self._rows: list[Row] = []
        self._failure: PynetdbError | None = None
        self._wake = threading.Event()
        self._closing = threading.Event()
        # A daemon: a disk that hangs must not keep the process from ending.
        self._thread = start_thread(self._run, "the journal")

    def receive(self, event: Event) -> None:
        """Take an event, or count it if too many wait already."""
        if len(self._queue) >= self._max_pending:
            self.lost += 1
            return
        self._queue.append(event)
        if not self._wake.is_set():
            self._wake.set()

    def watch(self, failed: Callable[[OSError], None]) -> None:
        """A journal is for later: if it cannot be written, the work goes on."""

    def last_messages(self, most: int) -> list[tuple[str, str]]:
        """Return sender and text of the last public messages of earlier chat rooms, the oldest first."""
        return self._sink.last_messages(most)

    def close(self) -> None:
        """Write what is still to be written, for at most some seconds; more than once does nothing."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._wake.set()
        self._thread.join(_CLOSE_TIMEOUT)
        lost = self.lost + len(self._queue) + sum(name != "ended" for name, _ in self._rows)
        if lost:
            reason = "" if self._failure is None else f" ({self._failure})"
            count = format_count(lost, "event")
            self._say(f"journal {self._sink.place}: {count} could not be recorded{reason}")

    # The thread

    def _run(self) -> None:
        ended = False
        while not ended:
            self._wake.wait()
            self._wake.clear()
            closing = self._closing.wait(_GATHER if len(self._queue) < _MAX_BATCH else 0)
            for _ in range(min(len(self._queue), _MAX_BATCH)):
                self._rows += self._maker.rows(self._queue.popleft())
            ended = closing and not self._queue
            if not (self._write_end() if ended else self._write()):
                break
            if self._queue or self._closing.is_set():
                self._wake.set()
        self._sink.close()

    def _write_end(self) -> bool:
        """Write what is left and how the run ended; return whether it is written."""
        lost = self.lost
        self._rows.append(self._maker.last_row(time.time(), lost))
        if not self._write():
            return False
        if self.lost == lost:
            return True
        # Something of that batch was refused, which is known only now.
        self._rows.append(self._maker.last_row(time.time(), self.lost))
        return self._write()

    def _write(self) -> bool:
        """Write the rows, again and again if it must be; return whether they are, before the end comes."""
        failures, end = 0, None
        while self._rows:
            try:
                self.lost += self._sink.write(self._rows)
            except (DatabaseError, NetworkError) as error:
                failures += 1
                if self._failure is None:
                    self._say(f"journal {error}; what happens meanwhile is kept as long as there is room")
                self._failure = error
                if not self._closing.wait(_RETRY):
                    continue
                now = time.monotonic()
                end = now + _GRACE if end is None else end
                if failures > 1 and now >= end:
                    return False
                time.sleep(_LAST_RETRY)
            else:
                self._rows = []
                self._failure = None
        return True
