"""Where the text of SQL comes from: a file, or standard input as `-`."""

import _thread
import os
import stat
from contextlib import suppress

from pynetdb.errors import CommandLineError
from pynetdb.standard_streams import open_standard_input

# Seconds in which a pipe has to say something; a program that writes SQL does so at once.
_PATIENCE = 2.0


def read_statement() -> str:
    """Read a statement from standard input. Raises CommandLineError if it cannot be read as UTF-8."""
    return _decode(_read_standard_input())


def read_offered_statement() -> str | None:
    """Read a statement from standard input if there is one: a file, or a pipe that says something soon.

    None for a terminal, an empty input, and a pipe that somebody else of this session holds open.
    """
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return None
    if not stat.S_ISREG(mode):
        if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
            return None
        # Reading alone tells whether something comes; one thread may wait for it, the command does not.
        first: list[bytes] = []
        come = _thread.allocate_lock()
        come.acquire()
        _thread.start_new_thread(_read_first, (first, come))
        if not come.acquire(timeout=_PATIENCE) or not first or not first[0]:
            return None
        text = _decode(first[0] + _read_standard_input())
    else:
        text = read_statement()
    return text if text.strip() else None


def _read_first(first: list[bytes], come: "_thread.LockType") -> None:
    # The input says itself what is wrong with it to whoever reads on.
    with suppress(CommandLineError), open_standard_input() as file:
        first.append(file.read(1 << 16))
    come.release()


def _decode(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise CommandLineError("standard input: SQL must be UTF-8") from error


def _read_standard_input() -> bytes:
    with open_standard_input() as file:
        return file.read()


def read_script(path: str) -> tuple[str, str]:
    """Read a script; return its text and what it is called in messages. Raises CommandLineError."""
    try:
        if path == "-":
            return _read_standard_input().decode(), "standard input"
        with open(path, "rb") as file:
            return file.read().decode("utf-8-sig"), path
    except UnicodeDecodeError as error:
        raise CommandLineError(f"{path}: is not UTF-8 text", hint="script") from error
    except OSError as error:
        raise CommandLineError(f"{path}: {error.strerror}", hint="script") from error
