"""The COMMAND that runs while a server serves."""

import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence

from pynetdb.errors import CommandNotExecutableError, CommandNotFoundError

# How long a COMMAND may take to obey the signal that we passed on, and what is left of its process
# group once it has ended.
OBEY = 10.0
_LEFTOVERS = 2.0


def find(name: str) -> str:
    """Return the path of a program as the shell would find it.

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
            raise CommandNotExecutableError(f"{place}: cannot be executed (permission denied)")
    raise CommandNotFoundError(f"{name}: command not found")


class Child:
    """A running COMMAND. It inherits standard input, output and error.

    `ended` is called from another thread when it is over. On a terminal it stays in our process group,
    so that the keyboard reaches it as usual; elsewhere it gets a group of its own, so that what it
    started can be ended with it.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], ended: Callable[[], None]
    ) -> None:
        import subprocess

        path = find(command[0])
        self._own_group = os.name == "posix" and not _in_foreground()
        try:
            self._process: subprocess.Popen[bytes] = subprocess.Popen(
                list(command),
                executable=path,
                env={**os.environ, **environment},
                process_group=0 if self._own_group else None,
            )
        except OSError as error:
            raise CommandNotExecutableError(f"{path}: {error.strerror}") from error
        self._ended = ended
        self._signalled = False
        threading.Thread(target=self._wait, daemon=True).start()

    @property
    def status(self) -> int:
        """Its exit status, 128+N if signal N killed it. Only once it has ended."""
        code = self._process.wait()
        return code if code >= 0 else 128 - code

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def pass_on(self, number: int) -> None:
        """Give it the signal that we got: the first time; after that it is killed."""
        if self._signalled:
            self.kill()
            return
        self._signalled = True
        if number == signal.SIGINT and not self._own_group and os.name == "posix":
            return  # ^C on a terminal goes to the whole group: it has it already.
        self._signal(number)

    def end(self) -> None:
        """Make sure that it is gone, and all that it started: asked, waited for, then killed."""
        import subprocess

        if self.running:
            self._signal(signal.SIGTERM)
            try:
                self._process.wait(OBEY)
            except subprocess.TimeoutExpired:
                self.kill()
        if self._signalled:
            self._end_leftovers()

    def kill(self) -> None:
        """End it at once."""
        self._signal(getattr(signal, "SIGKILL", signal.SIGTERM))

    def _signal(self, number: int) -> None:
        try:
            if self._own_group:
                os.killpg(self._process.pid, number)
            else:
                self._process.send_signal(number)
        except (ProcessLookupError, PermissionError):
            pass  # It was faster.

    def _end_leftovers(self) -> None:
        """What a shell started does not end with the shell: end the group."""
        if not self._own_group:
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
        self._process.wait()
        self._ended()


def _in_foreground() -> bool:
    """Whether a terminal's keyboard speaks to our process group."""
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False
