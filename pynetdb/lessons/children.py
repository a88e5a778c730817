"""The tour's own processes: in step with it, and gone when it is."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from pynetdb.errors import PynetdbError
from pynetdb.net.process.stop import ask_to_stop
from pynetdb.threads import start_thread

# ^C on the terminal is for the tour alone, which ends its children in its own way: one that was just
# starting would answer with a traceback.
_APART = (
    {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    if os.name == "nt"
    else {"start_new_session": True}
)

Tell = Callable[[str], None]


class Child:
    """A command of ours whose lines are read as they come, by threads of their own."""

    def __init__(
        self, arguments: Sequence[str], folder: str | None, environment: dict[str, str] | None, tell: Tell
    ) -> None:
        """`tell` gets each line of standard error, at once."""
        interpreter, environment = _interpreter(environment)
        self.process = subprocess.Popen(
            [interpreter, "-m", "pynetdb", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=environment,
            **_APART,
        )
        self.output = b""
        self._tell = tell
        try:
            self._readers = [
                start_thread(self._read_output, "what a command of the tour writes"),
                start_thread(self._read_complaints, "what a command of the tour says"),
            ]
        except PynetdbError:
            self.process.kill()
            self.process.wait()
            raise

    def wait(self, timeout: float) -> int | None:
        """Return the exit status, once everything is read; None if it takes more than `timeout` seconds."""
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        for reader in self._readers:
            reader.join(timeout)
        return status

    def end(self, timeout: float) -> int | None:
        """Ask the process to stop, as a user would; insist after `timeout` seconds. Return its status."""
        if self.process.poll() is None:
            ask_to_stop(self.process.pid)
        status = self.wait(timeout)
        if status is None:
            self.process.kill()
            self.wait(timeout)
        return status

    def _read_output(self) -> None:
        self.output = _stream(self.process.stdout).read()

    def _read_complaints(self) -> None:
        for line in _stream(self.process.stderr):
            self._tell(line.decode("utf-8", "backslashreplace").rstrip("\r\n"))

    def close(self) -> None:
        """Close the pipes."""
        for stream in (self.process.stdout, self.process.stderr):
            _stream(stream).close()


def _interpreter(environment: dict[str, str] | None) -> tuple[str, dict[str, str] | None]:
    """Return what runs us, and in which environment.

    In a virtual environment of Windows sys.executable only starts the real one, and has a process id of its
    own: whoever wants to ask that one to stop must start it himself, as multiprocessing does.
    """
    real = getattr(sys, "_base_executable", sys.executable)
    if sys.platform != "win32" or real == sys.executable:
        return sys.executable, environment
    return real, {
        **(os.environ if environment is None else environment),
        "__PYVENV_LAUNCHER__": sys.executable,
    }


def _stream(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise ValueError("the process has no such pipe")
    return stream


@contextmanager
def child(
    arguments: Sequence[str],
    folder: str | None,
    environment: dict[str, str] | None,
    tell: Tell,
    timeout: float,
) -> Iterator[Child]:
    """Run a command of ours for the length of the block: when that has ended, so has it."""
    process = Child(arguments, folder, environment, tell)
    try:
        yield process
    finally:
        process.end(timeout)
        process.close()
