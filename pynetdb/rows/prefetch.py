"""Prefetching: reading ahead in a second process, where there is a second processor for it.

To take a file apart costs about as much as to put its rows into the database, and Python does one thing
at a time. The second process sends what it has read through a pipe, in order; the first one writes.
"""

import marshal
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any

from pynetdb.errors import CommandLineError, DatabaseError, PynetdbError
from pynetdb.rows.batch import Batch, TypeMismatchError, UnknownColumnError
from pynetdb.threads import count_processors

MIN_SIZE = 4 << 20
"""Bytes of a file from which on the second process saves more time than its start costs."""

# Errors are sent by name; they are the ones that a Reader raises.
_ERRORS = {
    error.__name__: error
    for error in (CommandLineError, DatabaseError, TypeMismatchError, UnknownColumnError)
}
_PIPE_SIZE = 1 << 20
_LENGTH = 8


def available() -> bool:
    """Whether this system can, and has two processors for this process."""
    return hasattr(os, "fork") and count_processors() > 1


def is_worthwhile(size: int | None) -> bool:
    """Whether to prefetch from a source of so many bytes; None is one whose size nobody knows, a pipe."""
    return (size is None or size >= MIN_SIZE) and available()


@contextmanager
def prefetch(batches: Iterator[Batch]) -> Iterator[Iterator[Batch]]:
    """Hand on `batches`, which another process reads from now on, with the errors that it raises.

    The generator must not be used in this process any more, nor may what it reads from.
    """
    reading, writing = os.pipe()
    _widen(writing)
    try:
        child = os.fork()
    except OSError:
        # No further process is allowed: this one reads by itself, as it does where there is one processor.
        os.close(reading)
        os.close(writing)
        yield batches
        return
    if not child:
        _send(batches, reading, writing)
    os.close(writing)
    try:
        with open(reading, "rb", buffering=_PIPE_SIZE) as pipe:
            yield _receive(pipe)
    finally:
        # Its end of the pipe is closed, so it would end by itself: at its next batch.
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _send(
    batches: Iterator[Batch], reading: int, writing: int
) -> None:  # pragma: no cover - the child ends in _exit
    """The life of the second process: it never returns."""
    status = 1
    try:
        # ^C goes to both; the first process says what is to be said, and ends this one.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.close(reading)
        with open(writing, "wb", buffering=_PIPE_SIZE) as pipe:
            try:
                for batch in batches:
                    lines = batch.lines if batch.lines is None else list(batch.lines)
                    _send_message(pipe, tuple(batch._replace(lines=lines)))
                _send_message(pipe, ())
            except (PynetdbError, TypeMismatchError, UnknownColumnError) as error:
                _send_message(pipe, (type(error).__name__, error.args, vars(error)))
        status = 0
    finally:
        # Nothing of the first process may be ended here: its buffers, its exit handlers, its database.
        os._exit(status)


def _send_message(
    pipe: IO[bytes], message: tuple[Any, ...]
) -> None:  # pragma: no cover - only the child tells
    data = marshal.dumps(message)
    pipe.write(len(data).to_bytes(_LENGTH))
    pipe.write(data)


def _receive(pipe: IO[bytes]) -> Iterator[Batch]:
    while True:
        # marshal.load would read each value from the pipe by itself.
        length = int.from_bytes(pipe.read(_LENGTH))
        data = pipe.read(length)
        if not length or len(data) < length:
            raise PynetdbError("the process that reads the data ended unexpectedly (out of memory?)")
        message = marshal.loads(data)  # noqa: S302 - from our own process
        if not message:
            return
        if len(message) == 3:
            name, arguments, attributes = message
            error = _ERRORS.get(name, PynetdbError)(*arguments)
            vars(error).update(attributes)
            raise error
        yield Batch(*message)


def _widen(pipe: int) -> None:
    """Let a few batches wait in the pipe, so that neither process stops for the other at each one."""
    import fcntl

    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):  # A limit for this user; it works with less.
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)
