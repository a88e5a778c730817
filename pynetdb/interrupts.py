"""What asks a command to end, ^C and SIGTERM: an exception that unwinds what is under way, then the signal.

A library that calls us back, as SQLite does, lets no exception out and reports an error of its own. Whoever
sees such an error can look at `latest`: if that has changed, the exception was on its way.
"""

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

# Seconds to tidy up after a signal that ends us, such as removing temporary files.
_TIDY_TIMEOUT = 2.0

_latest: BaseException | None = None


class Terminated(BaseException):
    """A signal asked us to end: what is under way is left as by an error, then the signal has its way."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def latest() -> BaseException | None:
    """Return the exception that was raised last because somebody asks us to end; None if nobody has."""
    return _latest


def take_signals() -> None:
    """From here on an interrupt, and what else asks us to end, unwinds what is under way.

    Temporary files are removed then, and as the first process of a container we end at all: the kernel
    gives that one no signal that it does not handle. A server handles them in its own way.
    """
    sys.unraisablehook = _take_unraisable
    if signal.getsignal(signal.SIGINT) in (signal.SIG_DFL, signal.default_int_handler):
        signal.signal(signal.SIGINT, _interrupt)
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # One that is ignored (nohup) stays so.
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _terminate)


def _take_unraisable(unraisable: "sys.UnraisableHookArgs") -> None:
    """An interrupt in the middle of something that lets no exception out is raised again a moment later.

    The interpreter's own imports have such moments: it would be told as an "Exception ignored", and be lost.
    """
    if issubclass(unraisable.exc_type, Terminated):
        return  # Its alarm is set already.
    if not issubclass(unraisable.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)
    elif hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, _interrupt)
        signal.setitimer(signal.ITIMER_REAL, 0.001)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    _raise(KeyboardInterrupt())


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    # A second one has its way at once, and so has this one if what is under way does not let go of us: code
    # that runs in between, the interpreter's own too, may swallow an exception.
    signal.signal(number, signal.SIG_DFL)
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, lambda *_: end_by(number))
        signal.setitimer(signal.ITIMER_REAL, _TIDY_TIMEOUT)
    _raise(Terminated(number))


def _raise(error: BaseException) -> NoReturn:
    global _latest
    _latest = error
    raise error


def end_by(number: int) -> NoReturn:
    """Let the signal end us, so that whoever waits sees by what."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(128 + number)  # The first process of a container is not ended by it.
