"""The file that says that a server is ready, and where."""

import os
import stat
from contextlib import suppress
from typing import Any

from pynetdb.errors import CommandLineError
from pynetdb.whole_file import replace_file
from pynetdb.writing import write_fully

# A ready file has some 200 bytes: whatever is larger is none, and is not read.
_MAX_SIZE = 64 * 1024

# What makes a JSON object one of our ready files.
_KEYS = {"event", "service", "host", "port", "url", "pid"}

_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_MAKE = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class ReadyFile:
    """JSON at `path`, complete or not there at all; removed by `remove` as long as it is ours.

    Only a ready file gives way to another one: whatever else has the name stays as it is. A server that lives
    holds a lock on its file, so that others can tell a stale one.
    """

    def __init__(self, path: str) -> None:
        """Look at what is there, and remove a stale ready file. Raises CommandLineError."""
        self._path = path
        self._descriptor = -1
        self._content = b""
        self._folder = os.path.dirname(os.path.abspath(path))
        if not os.path.isdir(self._folder):
            raise CommandLineError(f"{path}: there is no folder {self._folder}", hint="ready file")
        if os.path.isdir(path):
            raise CommandLineError(f"{path}: is a folder, expected a file", hint="ready file")
        if not os.access(self._folder, os.W_OK):
            raise CommandLineError(f"{path}: no permission to write in {self._folder}", hint="ready file")
        if self._is_taken() and self._is_stale():
            # Who waits for the file must not find that of a server that was killed.
            with suppress(OSError):
                os.unlink(path)

    def write(self, ready: dict[str, Any]) -> None:
        """Write it under another name, then rename: whoever waits for it never reads half of it.

        Raises CommandLineError.
        """
        import json

        self._content = json.dumps(ready).encode() + b"\n"
        # A name that nobody can guess, and O_EXCL: nothing that was put there is followed or opened.
        temporary = os.path.join(self._folder, f".ready-{os.urandom(8).hex()}")
        try:
            self._descriptor = os.open(temporary, _MAKE, 0o666)
            try:
                with open(self._descriptor, "wb", buffering=0, closefd=False) as file:
                    write_fully(file, self._content)
                self._lock()
                self._publish(temporary)
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(temporary)
        except OSError as error:
            raise CommandLineError(f"{self._path}: {error.strerror}", hint="ready file") from error

    def remove(self) -> None:
        """Remove it, if it was written and nobody has put anything else in its place."""
        if self._descriptor < 0:
            return
        with suppress(OSError):
            mine = os.fstat(self._descriptor)
            # An inode's number comes back after an unlink: what is written in it must be ours as well.
            content, there = _read(self._path)
            if (there.st_dev, there.st_ino) == (mine.st_dev, mine.st_ino) and content == self._content:
                self._close()  # Windows removes no file that is open.
                os.unlink(self._path)
        self._close()

    def _publish(self, temporary: str) -> None:
        """Give the file its name; a link takes no name that somebody else has got meanwhile."""
        if os.name == "nt":
            self._close()  # Windows moves no file that is open.
        try:
            # There renaming is what takes no name that is taken, and a file that is open keeps all its names.
            (os.rename if os.name == "nt" else os.link)(temporary, self._path)
        except OSError:
            # It is there, or this file system has no links.
            self._is_taken()
            replace_file(temporary, self._path)
        if os.name == "nt":
            self._descriptor = os.open(self._path, _READ)

    def _is_taken(self) -> bool:
        """Whether a ready file is there. Raises CommandLineError for anything else that has the name."""
        try:
            mode = os.lstat(self._path).st_mode
        except FileNotFoundError:
            return False
        except (OSError, ValueError) as error:
            told = error.strerror if isinstance(error, OSError) else str(error)
            raise CommandLineError(f"{self._path}: {told}", hint="ready file") from error
        if stat.S_ISREG(mode):
            import json

            with suppress(OSError, ValueError):
                written = json.loads(_read(self._path)[0])
                if isinstance(written, dict) and written.keys() >= _KEYS and written["event"] == "ready":
                    return True
        raise CommandLineError(
            f"{self._path}: exists, and is no ready file of ours: left as it is", hint="ready file"
        )

    def _is_stale(self) -> bool:
        """Whether the server that wrote the file is gone, and its lock with it."""
        try:
            import fcntl
        except ImportError:
            return True  # Windows: its file is written anew once we are ready, at the latest.
        with suppress(OSError):
            descriptor = os.open(self._path, _READ)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return False
            finally:
                os.close(descriptor)
        return True

    def _lock(self) -> None:
        with suppress(ImportError, OSError):  # Not every file system has locks.
            import fcntl

            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _read(path: str) -> tuple[bytes, os.stat_result]:
    """Return what a small file holds, and which file it is; no link is followed. Raises OSError."""
    descriptor = os.open(path, _READ)
    try:
        there = os.fstat(descriptor)
        if not stat.S_ISREG(there.st_mode) or there.st_size > _MAX_SIZE:
            raise OSError("no ready file")
        return os.read(descriptor, _MAX_SIZE), there
    finally:
        os.close(descriptor)
