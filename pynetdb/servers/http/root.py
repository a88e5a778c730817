"""The files below a folder, and nothing outside of it."""

import errno
import os
import stat
import sys
from collections.abc import Generator, Sequence
from typing import NamedTuple

if sys.platform == "win32":
    from pynetdb.servers.http import windows_files

# A pipe or device that is opened must not block the loop.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)

# Open relative to an open folder: what POSIX systems have, and Windows does not.
_STEP_BY_STEP = os.open in os.supports_dir_fd and bool(_NO_FOLLOW)

# What opening says of a name that is gone, has become a link, or is a socket.
_NOTHING = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.EISDIR, errno.ENODEV}


# The one folder whose name begins with a dot that the web looks into (RFC 8615).
WELL_KNOWN = ".well-known"


Names = tuple[str, ...]


class Found(NamedTuple):
    """What a path leads to."""

    path: str
    directory: bool
    status: os.stat_result
    base: str
    """Where the root was when it was found."""


class Opened(NamedTuple):
    """An open regular file; whoever gets it closes it."""

    descriptor: int
    status: os.stat_result


class Root:
    """Looks names up below `folder`.

    Names that begin with a dot do not exist unless `hidden`, but for `.well-known` at the top (RFC 8615).
    Symbolic links may lead anywhere within the folder, and outside of it only with `follow`. The folder
    itself may be a link: it is followed anew for each lookup, so that a release can be switched by it.
    """

    def __init__(self, folder: str, *, hidden: bool = False, follow: bool = False) -> None:
        self.path = os.path.abspath(folder)
        self._hidden = hidden
        self.follow = follow
        """Whether links may lead outside."""

    @property
    def title(self) -> str:
        """The folder's own name."""
        return os.path.basename(self.path) or "/"

    def find(self, names: Sequence[str]) -> Found | None:
        """Return what is there, a regular file or a folder, or None."""
        if not self._hidden and any(map(self._is_hidden, names, range(len(names)))):
            return None
        try:
            base = self.path
            path = os.path.join(base, *names)
            status = os.stat(path)  # Most names that do not exist end here.
            if sys.platform == "win32" and not windows_files.has_long_names(
                os.path.join(os.path.realpath(base), *names)
            ):
                return None
            if not self.follow:
                base = os.path.realpath(base)
                # All links on the way are followed here; what comes out has none, or is outside.
                path = os.path.realpath(os.path.join(base, *names))
                if path != base and not path.startswith(os.path.join(base, "")):
                    return None
                status = os.stat(path)
        except (OSError, ValueError):
            return None
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            return None
        return Found(path, stat.S_ISDIR(status.st_mode), status, base)

    @staticmethod
    def _is_hidden(name: str, depth: int) -> bool:
        return name.startswith(".") and (depth > 0 or name != WELL_KNOWN)

    def open(self, found: Found) -> Opened | None:
        """Open a regular file that was found; None if it is none any more.

        Raises OSError: what is there may not be read, or cannot be just now.
        """
        try:
            descriptor = self._open(found, _FLAGS)
        except OSError as error:
            if error.errno in _NOTHING:
                return None
            raise
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            os.close(descriptor)
            return None
        return Opened(descriptor, status)

    def _open(self, found: Found, flags: int) -> int:
        """Open a path that has no link in it: one that is there has been put there since `find`."""
        if sys.platform == "win32":
            return windows_files.open_shared(found.path, exactly=not self.follow)
        if self.follow or not _STEP_BY_STEP:
            return os.open(found.path, flags)
        *folders, name = os.path.relpath(found.path, found.base).split(os.sep)
        at = os.open(found.base, _FOLDER)
        try:
            for folder in folders:
                inner = os.open(folder, _FOLDER | _NO_FOLLOW, dir_fd=at)
                os.close(at)
                at = inner
            return os.open(name, flags | _NO_FOLLOW, dir_fd=at)
        finally:
            os.close(at)

    def entries(self, found: Found, names: Sequence[str]) -> Generator[tuple[str, Found] | None]:
        """Yield the names in a folder that `find` would find, with what is there, and None for each other.

        The folder is open until the iterator ends or is closed. Raises OSError, from the beginning on.
        """
        descriptor = self._open(found, _FLAGS) if _STEP_BY_STEP else -1
        try:
            with os.scandir(found.path if descriptor < 0 else descriptor) as scanned:
                for entry in scanned:
                    there = self._entry(entry, names, found.base)
                    yield None if there is None else (entry.name, there)
        finally:
            if descriptor >= 0:
                os.close(descriptor)

    def _entry(self, entry: "os.DirEntry[str]", names: Sequence[str], base: str) -> Found | None:
        if entry.is_symlink():
            return self.find((*names, entry.name))  # It may lead outside.
        if not self._hidden and self._is_hidden(entry.name, len(names)):
            return None
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:
            return None  # It is gone already.
        if sys.platform == "win32":
            if status.st_file_attributes & stat.FILE_ATTRIBUTE_REPARSE_POINT:
                return self.find((*names, entry.name))  # A junction: a link by another name.
            if not _can_be_asked_for(entry.name):
                return None
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            return None
        return Found(entry.path, stat.S_ISDIR(status.st_mode), status, base)


def _can_be_asked_for(name: str) -> bool:
    """Whether a URL can name a file; on Windows a name may hold half a character."""
    try:
        name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True
