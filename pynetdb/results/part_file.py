"""A file on its way that survives: FILE.part until it is complete, whatever ends the process."""

import json
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from pynetdb.errors import CommandLineError, PynetdbError
from pynetdb.whole_file import find_replaced, take_over_rights
from pynetdb.writing import write_fully

# Longer names leave no room for the endings.
MAX_NAME = 240


class PartFile:
    """Writes to FILE.part, and gives it its name when it is complete. A context manager.

    Beside it FILE.part.json says which version of what it is a part of: written before the first byte, so
    that a process which is killed leaves both. What is there stays, unless it is empty or `discard` was
    called. Another process cannot write it at the same time.

    Raises CommandLineError if the file cannot be made, PynetdbError if it cannot be written.
    """

    def __init__(self, path: str) -> None:
        self.part = f"{path}.part"
        """The part's name for the user."""
        if os.path.isdir(path):
            raise CommandLineError(f"{path}: is a folder, expected the name of a file")
        self._name = path
        self._dropped = False
        try:
            self._target, self._old = find_replaced(path)
            self._place = self._target + ".part"
            self._note = self._place + ".json"
            # Unbuffered: whatever ends the process, what was received is there.
            self._file = os.fdopen(self._open(), "r+b", buffering=0)
        except (OSError, ValueError) as error:
            told = error.strerror if isinstance(error, OSError) else str(error)
            raise CommandLineError(f"{path}: {told}") from error

    @staticmethod
    def is_possible(path: str) -> bool:
        """Say whether FILE.part would have a name that is free, empty, or that an earlier download took."""
        place = os.path.realpath(path) + ".part"
        if len(os.fsencode(os.path.basename(place))) > MAX_NAME:
            return False
        try:
            return os.path.exists(place + ".json") or not os.lstat(place).st_size
        except FileNotFoundError:
            return True

    def size(self) -> int:
        """Return how many bytes are there, of this process or an earlier one."""
        with self._failures():
            return self._file.seek(0, os.SEEK_END)

    def facts(self) -> Any:
        """Return what an earlier process noted, None where it cannot be read."""
        return read_note(self._note)

    def truncate(self) -> None:
        """Forget what is there."""
        with self._failures():
            self._file.seek(0)
            self._file.truncate()

    def note(self, facts: dict[str, Any]) -> None:
        """Note what the bytes are that are there, and that follow."""
        with self._failures(), open(self._note, "w", encoding="utf-8", opener=_open_no_link) as note:
            json.dump(facts, note)

    def read(self, size: int) -> bytes:
        """Return the next bytes of what is there, after `rewind`."""
        with self._failures():
            return self._file.read(size) or b""

    def rewind(self) -> None:
        """Read from the beginning; writing goes on at the end."""
        with self._failures():
            self._file.seek(0)

    def write(self, data: bytes) -> None:
        """Add bytes at the end."""
        with self._failures():
            write_fully(self._file, data)

    def keep(self) -> None:
        """The file is complete: give it its name."""
        with self._failures():
            if self._old is not None:
                take_over_rights(self._file.fileno(), self._old)
            # A name must not survive a crash of the machine that its bytes do not survive.
            os.fsync(self._file.fileno())
            if os.name == "nt":
                self._file.close()  # No open file can be renamed there.
            # Elsewhere before it is closed, which unlocks it: who waits for it finds that it has gone.
            os.replace(self._place, self._target)
            self._dropped = True
            self._file.close()
            with suppress(FileNotFoundError):
                os.unlink(self._note)

    def discard(self) -> None:
        """Leave nothing behind."""
        self._dropped = True
        with suppress(OSError):
            self._file.close()
        for place in (self._place, self._note):
            with suppress(OSError):
                os.unlink(place)

    def close(self) -> int:
        """Close, and return how many bytes stay as FILE.part: 0 if there is none."""
        if self._dropped:
            return 0
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            if size := os.stat(self._place).st_size:
                return size
        self.discard()
        return 0

    def __enter__(self) -> "PartFile":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _open(self) -> int:
        flags = os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        while True:
            try:
                descriptor = os.open(self._place, flags | os.O_CREAT | os.O_EXCL, 0o666)
            except FileExistsError:
                descriptor = _open_no_link(self._place, flags)
            with ExitStack() as stack:
                stack.callback(os.close, descriptor)
                self._refuse_what_others_put_there(os.fstat(descriptor))
                if self._is_locked(descriptor):
                    stack.pop_all()
                    return descriptor

    def _refuse_what_others_put_there(self, status: os.stat_result) -> None:
        if stat.S_ISREG(status.st_mode) and os.name == "nt":
            return
        folder = os.stat(os.path.dirname(self._place) or ".")
        # Where everybody may make files (/tmp) another user's part could become ours.
        strange = folder.st_mode & stat.S_IWOTH and status.st_uid not in (os.geteuid(), folder.st_uid)
        if strange or not stat.S_ISREG(status.st_mode):
            raise CommandLineError(f"{self.part}: expected a file of our own")

    def _is_locked(self, descriptor: int) -> bool:
        """Lock the part; False if another process completed it just before. Raises CommandLineError."""
        if not _lock(descriptor):
            raise CommandLineError(f"{self.part}: another process is writing it")
        if os.name == "nt":
            return True  # What is open cannot get another name there.
        try:
            return os.path.samestat(os.stat(self._place), os.fstat(descriptor))
        except FileNotFoundError:
            return False

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise PynetdbError(f"{self._name}: {error.strerror}") from error


def read_note(path: str) -> Any:
    """Return what FILE.part.json says, None where it cannot be read."""
    try:
        with open(path, encoding="utf-8") as note:
            return json.load(note)
    except (OSError, ValueError, RecursionError):
        return None


def _open_no_link(path: str, flags: int) -> int:
    # A link that somebody else put there must not lead us to another file.
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o666)


def _lock(descriptor: int) -> bool:
    """Lock a file for as long as it is open; False if another process has it."""
    if sys.platform == "win32":
        import msvcrt

        # There others cannot read what is locked: one byte, as far behind as the call can reach.
        os.lseek(descriptor, 2**31 - 1, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        os.lseek(descriptor, 0, os.SEEK_SET)
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # A file system without locks.
    return True
