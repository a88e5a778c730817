"""The files below a folder, and nothing outside of it."""

import os
import stat
from collections.abc import Sequence
from typing import NamedTuple

# A pipe or device that is opened must not block the loop; on Windows text must not be translated.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)


class Found(NamedTuple):
    """What a path leads to."""

    path: str
    directory: bool
    status: os.stat_result


class Opened(NamedTuple):
    """An open regular file; whoever gets it closes it."""

    descriptor: int
    status: os.stat_result


class Root:
    """Looks names up below `folder`.

    Names that begin with a dot do not exist unless `hidden`. Symbolic links may lead anywhere within the
    folder, and outside of it only with `follow`.
    """

    def __init__(self, folder: str, *, hidden: bool = False, follow: bool = False) -> None:
        self.path = os.path.realpath(folder)
        self._inside = os.path.join(self.path, "")
        self._hidden = hidden
        self._follow = follow

    def find(self, names: Sequence[str]) -> Found | None:
        """Return what is there, a regular file or a folder, or None."""
        if not self._hidden and any(name.startswith(".") for name in names):
            return None
        try:
            path = os.path.join(self.path, *names)
            status = os.stat(path)  # Most names that do not exist end here.
            if not self._follow:
                # All links on the way are followed here; what comes out has none, or is outside.
                path = os.path.realpath(path)
                if path != self.path and not path.startswith(self._inside):
                    return None
                status = os.stat(path)
        except (OSError, ValueError):
            return None
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            return None
        return Found(path, stat.S_ISDIR(status.st_mode), status)

    def open(self, found: Found) -> Opened | None:
        """Open a regular file that was found; None if it is none any more. Raises PermissionError."""
        try:
            # The last name is no link, or somebody has put one there since `find`.
            descriptor = os.open(found.path, _FLAGS | (0 if self._follow else _NO_FOLLOW))
        except PermissionError:
            raise
        except OSError:
            return None
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            os.close(descriptor)
            return None
        return Opened(descriptor, status)

    def entries(self, found: Found, names: Sequence[str]) -> list[tuple[str, Found]]:
        """Return the names in a folder that `find` would find, with what is there. Raises PermissionError."""
        inside = []
        for name in os.listdir(found.path):
            entry = self.find((*names, name))
            if entry is not None:
                inside.append((name, entry))
        return inside
