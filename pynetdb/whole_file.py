"""A file on its way, which appears under its name only when it is complete."""

import atexit
import os
import re
import signal
import stat
import time
from contextlib import suppress
from typing import IO, Any

from pynetdb.errors import CommandLineError, PynetdbError
from pynetdb.writing import write_fully

# Temporary files that are to be removed if this process is told to end.
_unfinished: set[str] = set()

# A name may have 255 bytes nearly everywhere; ours is a little longer than the file's.
_MAX_NAME = 200
_MAX_LINKS = 40

# What already is a descriptor of this process: to open it anew by its name would empty it, or fail.
_DESCRIPTOR = re.compile(r"/dev/(?:fd/|(?=std))(\d+|stdin|stdout|stderr)|/proc/self/fd/(\d+)")
_STANDARD = {"stdin": 0, "stdout": 1, "stderr": 2}

# A file that somebody looks at (a scanner for viruses, whenever one is made) cannot be replaced on Windows
# until it is closed: for so many seconds we try again.
_REPLACE_TIMEOUT = 1.0
_REPLACE_PAUSE = 0.02


def replace_file(temporary: str, path: str) -> None:
    """Give a file the name `path`, in place of one that has it. Raises OSError.

    On Windows it waits a moment for whoever has the other one open.
    """
    end = time.monotonic() + _REPLACE_TIMEOUT
    while True:
        try:
            os.replace(temporary, path)
            return
        except PermissionError as error:
            if os.name == "posix":
                raise
            if time.monotonic() > end:
                raise PermissionError(
                    error.errno,
                    f"is open in another program, which keeps it from being replaced: {error.strerror}",
                ) from error
        time.sleep(_REPLACE_PAUSE)


class WholeFile:
    """Writes to a temporary name in the same folder. A context manager: what is not kept is removed.

    What is there keeps its owner and its rights, but for setuid and setgid. A device or pipe is written to
    directly: nothing can take its place. Raises CommandLineError if the file cannot be made, PynetdbError
    if it cannot be written.
    """

    def __init__(self, path: str) -> None:
        self._name = path
        self._temporary: str | None = None
        self._handlers: dict[int, Any] = {}
        self._written = False
        if os.path.isdir(path):
            raise CommandLineError(f"{path}: is a folder, expected the name of a file")
        try:
            self._file = self._open(path)
        except (OSError, ValueError) as error:
            told = error.strerror if isinstance(error, OSError) else str(error)
            raise CommandLineError(f"{path}: {told}") from error

    def _open(self, path: str) -> IO[bytes]:
        if match := _DESCRIPTOR.fullmatch(path):
            word = match[1] or match[2]
            return open(os.dup(_STANDARD[word] if word in _STANDARD else int(word)), "wb", buffering=0)
        self._path, self._old = find_replaced(path)
        if self._old is not None and not stat.S_ISREG(self._old.st_mode):
            return open(path, "wb", buffering=0)
        folder, name = os.path.split(self._path)
        short = os.fsdecode(os.fsencode(name)[:_MAX_NAME])
        self._temporary = os.path.join(folder, f".{short}.{os.urandom(8).hex()}.part")
        # Until it is complete nobody else may read what they may not read in the end.
        mode = 0o666 if self._old is None else 0o600
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        if not _unfinished:
            # ^C may come when the file is there and nobody is yet responsible for it.
            atexit.register(_remove_at_exit, os.getpid())
        _unfinished.add(self._temporary)
        return open(os.open(self._temporary, flags, mode), "wb", buffering=0)

    def write(self, data: bytes) -> None:
        """Add bytes."""
        self._written = True
        try:
            write_fully(self._file, data)
        except OSError as error:
            raise self._failed(error) from error

    def restart(self) -> bool:
        """Forget what was written; False where that is not possible: a device or pipe has it already."""
        if not self._written:
            return True
        if self._temporary is None:
            return False
        self._written = False
        self._file.seek(0)
        self._file.truncate()
        return True

    def keep(self) -> None:
        """The body is complete: give it its name."""
        try:
            if self._temporary is not None:
                if self._old is not None:
                    take_over_rights(self._file.fileno(), self._old)
                # A name must not survive a crash of the machine that its bytes do not survive.
                os.fsync(self._file.fileno())
            self._file.close()
            if self._temporary is not None:
                replace_file(self._temporary, self._path)
                self._forget()
        except OSError as error:
            raise self._failed(error) from error

    def _forget(self) -> None:
        if self._temporary is not None:
            _unfinished.discard(self._temporary)
            self._temporary = None

    def _failed(self, error: OSError) -> PynetdbError:
        return PynetdbError(f"{self._name}: {error.strerror}")

    def __enter__(self) -> "WholeFile":
        if self._temporary is not None:
            self._handlers = _end_cleanly()
        return self

    def __exit__(self, *exc: object) -> None:
        with suppress(OSError):
            self._file.close()
        if self._temporary is not None:
            with suppress(OSError):
                os.unlink(self._temporary)
            self._forget()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)


def becomes_plain_file(path: str) -> bool:
    """Say whether what is written there is a file with a name, and no device, pipe or open descriptor."""
    if _DESCRIPTOR.fullmatch(path):
        return False
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        return True  # None yet.


def find_replaced(path: str) -> tuple[str, os.stat_result | None]:
    """Return where a name leads to, and what is there, None for nothing. Raises OSError if it must stay."""
    path = _follow_links(path)
    try:
        old = os.stat(path)
    except FileNotFoundError:
        return path, None
    if stat.S_ISREG(old.st_mode) and not os.access(path, os.W_OK):
        # The folder's rights would let us put another file in the place of one that is protected.
        raise PermissionError(0, "the file is read-only")
    return path, old


def take_over_rights(descriptor: int, old: os.stat_result) -> None:
    """Give a new file the owner and the rights of the old one. Raises OSError."""
    if os.name != "posix":
        return
    with suppress(OSError):  # Only root may give a file away.
        os.fchown(descriptor, old.st_uid, old.st_gid)
    # Not its setuid and setgid: they were given to the old contents.
    os.fchmod(descriptor, old.st_mode & 0o777)


def remove_unfinished() -> None:
    """Remove the temporary files of this process, which is about to end without any further step."""
    while _unfinished:
        with suppress(OSError):
            os.unlink(_unfinished.pop())


def _remove_at_exit(owner: int) -> None:
    if os.getpid() == owner:  # And no child of it.
        remove_unfinished()


def _end_cleanly() -> dict[int, Any]:
    """Let a signal that would end this process remove what is unfinished first; return the old handlers."""
    handlers: dict[int, Any] = {}
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # Somebody else's handler knows better, and only the main thread may set one.
        with suppress(ValueError):
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                handlers[number] = signal.signal(number, _end)
    return handlers


def _end(number: int, frame: object) -> None:
    remove_unfinished()
    # By the signal itself: whoever waits for this process learns why it ended.
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _follow_links(path: str) -> str:
    """Return where the links of a name lead to: the file there is replaced, the links stay.

    In a folder in which everybody may make names, a link of somebody else is not followed, as the kernel
    itself would not if it opened the file (fs.protected_symlinks of proc_sys_fs(5)): we rename, which it
    does not look at.
    """
    for _ in range(_MAX_LINKS):
        if not os.path.islink(path):
            return path
        folder = os.path.dirname(path) or "."
        if os.name == "posix":
            around, link = os.stat(folder), os.lstat(path)
            shared = around.st_mode & stat.S_ISVTX and around.st_mode & stat.S_IWOTH
            if shared and link.st_uid not in (os.geteuid(), around.st_uid):
                raise PermissionError(0, "is a link of somebody else in a folder that everybody can write to")
        path = os.path.join(folder, os.readlink(path))
    raise OSError(0, "too many levels of symbolic links")
