"""A COMMAND that takes our place: it gets our signals, and its status becomes ours."""

import os
import signal
import threading
from collections.abc import Sequence
from types import FrameType

from pynetdb.net.process.child import OBEY, Child


def run_command(command: Sequence[str]) -> int:
    """Run COMMAND to its end, and return its exit status, 128+N if signal N killed it.

    A signal to us goes to it first; one that is not obeyed, and a second one, kills it. Raises
    CommandNotFoundError (127) and CommandNotExecutableError (126).
    """
    early: list[int] = []
    child: Child | None = None

    def on_signal(number: int, frame: FrameType | None) -> None:
        if child is None:
            early.append(number)
        else:
            _pass_on(child, number)

    numbers = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    # What is ignored (nohup) stays so, for COMMAND too; but for a shell's `&`, which ignores SIGINT for all.
    taken = {number: signal.signal(number, on_signal) for number in numbers if _is_ours(number)}
    ended = threading.Event()
    try:
        child = Child(command, os.environ, ended.set)
        for number in early:
            _pass_on(child, number)
        while not ended.wait(3600):
            pass
        child.end()
        return child.status
    finally:
        for number, handler in taken.items():
            signal.signal(number, handler)


def _is_ours(number: int) -> bool:
    return number == signal.SIGINT or signal.getsignal(number) is not signal.SIG_IGN


def _pass_on(child: Child, number: int) -> None:
    child.pass_on(number)
    timer = threading.Timer(OBEY, child.kill)
    timer.daemon = True
    timer.start()
