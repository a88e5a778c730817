"""The COMMAND that runs while a server serves."""

import errno
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pynetdb.errors import CommandNotExecutableError, CommandNotFoundError, PynetdbError
from pynetdb.threads import start_thread

if TYPE_CHECKING:
    import subprocess

    from pynetdb.net.process.reaper import Reaper

# How long a COMMAND may take to obey the signal that we passed on, and what is left of its process
# group once it has ended.
OBEY = 10.0
_LEFTOVERS = 2.0

# Linux: the signal that a process gets when its parent is gone (prctl(2), PR_SET_PDEATHSIG).
_PR_SET_PDEATHSIG = 1

# Windows has no such signal; what is ended there gets the status that it would have elsewhere.
KILL = getattr(signal, "SIGKILL", 9)

# What a process that Ctrl-C has ended says on Windows (STATUS_CONTROL_C_EXIT).
_ENDED_BY_CONTROL_C = 0xC000013A


def find(name: str) -> str:
    """Return the path of a program as the shell would find it, on Windows by PATHEXT.

    Raises CommandNotFoundError (127) and CommandNotExecutableError (126).
    """
    import shutil

    found = shutil.which(name)
    if found:
        return found
    places = (
        [name] if os.path.dirname(name) else [os.path.join(folder, name) for folder in os.get_exec_path()]
    )
    for place in places:
        if os.path.isdir(place):
            if os.path.dirname(name):
                raise CommandNotExecutableError(f"{name}: is a folder, expected a command")
        elif os.path.exists(place):
            told = "permission denied" if os.name == "posix" else "PATHEXT does not have its extension"
            raise CommandNotExecutableError(f"{place}: cannot be executed ({told})")
    raise CommandNotFoundError(f"{name}: command not found{_hint_at_words(name)}")


def _hint_at_words(name: str) -> str:
    """Say what would run a whole command line that stands in one word."""
    import shlex
    import shutil

    first, _, rest = name.strip().partition(" ")
    if not rest or (os.path.dirname(first) and not shutil.which(first)):
        return ""
    word, shell = (shlex.quote(name), "sh -c") if os.name == "posix" else (f'"{name}"', "cmd /c")
    return f" ({word} is one word: leave the quotes off, or use {shell} {word})"


class Child:
    """A running COMMAND. It inherits standard input, output and error.

    `ended` is called when it is over, perhaps from another thread. On a terminal it stays in our process
    group, so that the keyboard reaches it as usual; elsewhere it gets a group of its own, so that what it
    started can be ended with it; on Windows a job object does that, whatever the group. If we are killed,
    on Linux and Windows it is killed too. As PID 1 the `reaper`
    waits for it, as for everybody else's children.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        ended: Callable[[], None],
        reaper: "Reaper | None" = None,
    ) -> None:
        """Start it. Raises CommandNotExecutableError, and PynetdbError if there may be no further process."""
        path = find(command[0])
        self._own_group = os.name == "posix" and not _in_foreground()
        self._ended = ended
        self._signalled = False
        self._job: Any = None  # A Job, on Windows.
        self._over = threading.Event()
        self._code = 0
        self._started = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        if reaper is None:
            # Before COMMAND: one that nobody could wait for would outlive us.
            start_thread(self._wait, f"waiting for {path}")
        try:
            self._process = self._start(path, command, environment)
        finally:
            self._started.set()
        if reaper is not None:
            reaper.wait_for(self._process.pid, self._reaped)

    @property
    def status(self) -> int:
        """Its exit status, 128+N if signal N killed it. Only once it has ended."""
        self._over.wait()
        return _exit_status(self._code)

    @property
    def running(self) -> bool:
        return not self._over.is_set()

    def pass_on(self, number: int) -> None:
        """Give it the signal that we got, which asks it to end: the first time; after that it is killed."""
        if self._signalled:
            self.kill()
            return
        self._signalled = True
        if number in _FROM_KEYBOARD and not self._own_group:
            return  # A key on a terminal speaks to the whole group: it has it already.
        self._signal(number)

    def tell(self, number: int) -> None:
        """Give it a signal that is its own business."""
        self._signal(number)

    def end(self) -> None:
        """Make sure that it is gone, and all that it started: asked, waited for, then killed."""
        if self.running:
            self._signal(signal.SIGTERM)
            if not self._over.wait(OBEY):
                self.kill()
        if self._signalled:
            self._end_leftovers()
        if self._job is not None:
            self._job.close()

    def kill(self) -> None:
        """End it at once."""
        self._signal(KILL)

    def _start(
        self, path: str, command: Sequence[str], environment: Mapping[str, str]
    ) -> "subprocess.Popen[bytes]":
        import subprocess

        try:
            if sys.platform == "win32":
                from pynetdb.net.process.windows_job import Job

                self._job = Job()
                return self._job.start(path, command[1:], environment)
            return subprocess.Popen(
                list(command),
                executable=path,
                env=dict(environment),
                process_group=0 if self._own_group else None,
                preexec_fn=end_with_parent(),
            )
        except OSError as error:
            if error.filename is None and error.errno in (errno.EAGAIN, errno.ENOMEM):
                told = f"{path}: this system allows no further process ({error.strerror})"
                raise PynetdbError(told) from error
            raise CommandNotExecutableError(f"{path}: {error.strerror}") from error

    def _signal(self, number: int) -> None:
        if self._process is None or not self.running:
            return  # Its number may be another's by now.
        try:
            if sys.platform == "win32":
                self._ask_or_terminate(self._process.pid, number)
            elif self._own_group:
                os.killpg(self._process.pid, number)
            else:
                os.kill(self._process.pid, number)
        except (ProcessLookupError, PermissionError):
            pass  # It was faster.

    def _ask_or_terminate(self, pid: int, number: int) -> None:
        """What a signal is on Windows: our own servers can be asked to stop, others can only be ended."""
        if sys.platform == "win32" and self._job is not None:
            from pynetdb.net.process.windows_stop import set_stop_event

            if number == KILL or not set_stop_event(pid):
                self._job.terminate(128 + number)

    def _end_leftovers(self) -> None:
        """What a shell started does not end with the shell: end the group."""
        if not self._own_group or self._process is None:
            return
        import time

        end = time.monotonic() + _LEFTOVERS
        try:
            while time.monotonic() < end:
                os.killpg(self._process.pid, 0)
                time.sleep(0.02)
            os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass  # The group is empty.

    def _wait(self) -> None:
        self._started.wait()
        if self._process is not None:
            self._reaped(self._process.wait())

    def _reaped(self, code: int) -> None:
        if self._process is not None:
            self._process.returncode = code
        self._code = code
        self._over.set()
        self._ended()


# What keys of a terminal send.
_FROM_KEYBOARD = {getattr(signal, name, signal.SIGINT) for name in ("SIGINT", "SIGQUIT", "SIGBREAK")}


def _exit_status(code: int) -> int:
    """Return what we exit with after a COMMAND that ended with `code`, as subprocess tells it."""
    if code == _ENDED_BY_CONTROL_C:
        return 128 + signal.SIGINT
    if code >= 1 << 31:
        return code - (1 << 32)  # A crash on Windows: exit() takes 32 bits with a sign.
    return code if code >= 0 else 128 - code


def _in_foreground() -> bool:
    """Whether our controlling terminal's keyboard speaks to our process group.

    Not whether standard input is a terminal: in `while read x; do ...; done < list` COMMAND may still ask
    the user, by /dev/tty, and in a group of its own it would be stopped for that.
    """
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def end_with_parent() -> "Callable[[], None] | None":
    """Return what makes the child that calls it end when we do, however we end; None but on Linux."""
    if sys.platform != "linux":
        return None
    import ctypes

    try:
        prctl = ctypes.CDLL(None).prctl
    except (OSError, AttributeError):
        return None
    parent = os.getpid()

    def arrange() -> None:
        # Between fork and exec: nothing is imported, opened or locked here.
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(128 + signal.SIGKILL)  # It is gone already.

    return arrange
