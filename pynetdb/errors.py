"""Every error that a user can meet; the exit status lives on the class.

The message is the one line that the user reads. It names the culprit, what happened and what was
expected. Nothing here knows how it will be shown: whoever raises an error names no option, and
where an option would help says so by a `hint`, a word that the boundary knows.
"""

from typing import Self


class PynetdbError(Exception):
    """Failed, no better word."""

    exit_status = 1

    def __init__(self, message: str = "", *, hint: str | None = None, about: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        """A key of `hints.HINTS`, which words the message for the command line; None for none."""
        self.about = about
        """The name that the hint is about, where it needs one."""

    def reworded(self, message: str) -> Self:
        """Return the same error in other words: what would help stays what it is."""
        return type(self)(message, hint=self.hint, about=self.about)


class CommandLineError(PynetdbError):
    """The command line, or a file or folder that it names, cannot be used."""

    exit_status = 2


class NetworkError(PynetdbError):
    """The network refused: nobody listens, no route, an unknown host, a port in use."""

    exit_status = 3


class DeadlineError(PynetdbError):
    """The time that the user allowed has passed."""

    exit_status = 4


class ProtocolError(PynetdbError):
    """The peer broke its protocol, or did not return what was sent."""

    exit_status = 5


class DatabaseError(PynetdbError):
    """The database refused the file or the statement."""

    exit_status = 6


class NegativeAnswerError(PynetdbError):
    """A clear answer, and it is no."""

    exit_status = 7


class CommandNotExecutableError(PynetdbError):
    """The COMMAND after `--` was found and cannot be executed (the shell's status for it)."""

    exit_status = 126


class CommandNotFoundError(PynetdbError):
    """The COMMAND after `--` does not exist (the shell's status for it)."""

    exit_status = 127
