"""A file that is there whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from pynetdb.errors import CommandLineError, PynetdbError


@contextmanager
def whole_file(path: str) -> Iterator[IO[bytes]]:
    """A file that gets its name when all of it is written; until then, and after an error, it has another.

    A device or a pipe is written as it is. Raises CommandLineError where no file can be made,
    PynetdbError where writing fails.
    """
    if os.path.isdir(path):
        raise CommandLineError(f"{path}: is a folder, expected the name of a file")
    whole = not os.path.exists(path) or os.path.isfile(path)
    # Through a symbolic link: what it points to is replaced, not the link.
    final = os.path.realpath(path) if whole else path
    written = f"{os.path.dirname(final)}{os.sep}.{os.path.basename(final)}.{os.getpid()}" if whole else path
    try:
        file = open(written, "xb" if whole else "wb")  # noqa: SIM115 - closed below, before it is renamed
    except OSError as error:
        raise CommandLineError(f"{path}: {error.strerror}") from error
    done = False
    try:
        with file:
            yield file
            file.flush()
        if whole:
            if os.path.exists(final):
                os.chmod(written, os.stat(final).st_mode & 0o7777)
            os.replace(written, final)
        done = True
    except OSError as error:
        raise PynetdbError(f"{path}: {error.strerror}, nothing was written") from error
    finally:
        if whole and not done:
            os.unlink(written)
