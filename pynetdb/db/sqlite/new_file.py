"""A database file that this command made, and the right to remove it again."""

import os
import sqlite3
from contextlib import suppress

# As SQLite itself makes its files (SQLITE_DEFAULT_FILE_PERMISSIONS).
_MODE = 0o644

Identity = tuple[int, int]
"""The number of a file and of its device: a name can come to mean another file."""


def identify_file(path: str) -> Identity | None:
    """Return which file stands under a name, None if there is none."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


class NewFile:
    """An empty file that was made here, under the name that a link leads to.

    Raises OSError if it cannot be made, FileExistsError if somebody else has made it first.
    """

    def __init__(self, path: str) -> None:
        # SQLite would make the file of a dangling link as well; the link is not ours to remove.
        self._path = os.path.realpath(path)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, _MODE)
        try:
            found = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        self._identity = (found.st_dev, found.st_ino)

    def remove(self, connection: sqlite3.Connection) -> None:
        """Remove the file, unless somebody has written into it, or the name means another by now.

        The connection's exclusive lock keeps others from writing meanwhile: whoever waits for it finds
        that the file has gone, and makes a new one. The connection is closed.
        """
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            connection.execute("PRAGMA busy_timeout = 0")
            connection.execute("BEGIN EXCLUSIVE")
            if os.name != "posix":
                connection.close()  # An open file has no end there; one that others have open stays.
            self._unlink_if_empty()
        except sqlite3.Error:
            pass  # Somebody else writes: then it is no longer ours alone.
        finally:
            with suppress(sqlite3.Error):
                connection.close()

    def _unlink_if_empty(self) -> None:
        with suppress(OSError):
            found = os.stat(self._path)
            # Whatever was committed, a schema or a header alone, has made it longer.
            if (found.st_dev, found.st_ino) == self._identity and not found.st_size:
                os.unlink(self._path)
