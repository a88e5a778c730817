"""Work side by side: how many processors there are for it, and threads, where the system allows one more."""

import os
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING

from pynetdb.errors import PynetdbError

if TYPE_CHECKING:
    import threading


def count_processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def start_thread(run: Callable[[], None], purpose: str) -> "threading.Thread":
    """Run something in a thread of its own, which does not keep the process from ending; `purpose` names it.

    Raises PynetdbError where there may be no further thread. One that finds no memory ends the process as
    SIGTERM does: nobody could trust what is left.
    """
    import threading

    def run_within_memory() -> None:
        try:
            run()
        except MemoryError:
            os.write(2, b"Error: out of memory\n")
            os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=run_within_memory, daemon=True, name=purpose)
    try:
        thread.start()
    except (RuntimeError, MemoryError) as error:
        raise PynetdbError(f"this system allows no further thread, and this needs one: {purpose}") from error
    return thread
