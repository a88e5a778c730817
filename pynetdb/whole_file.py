"""A file on its way, which appears under its name only when it is complete."""

import os
import stat
from contextlib import suppress

from pynetdb.errors import CommandLineError, PynetdbError


class WholeFile:
    """Writes to a temporary name in the same folder. A context manager: what is not kept is removed.

    A device or pipe is written to directly: nothing can take its place. Raises CommandLineError if the
    file cannot be made, PynetdbError if it cannot be written.
    """

    def __init__(self, path: str) -> None:
        self._name = path
        self._path = os.path.realpath(path)
        if os.path.isdir(self._path):
            raise CommandLineError(f"{path}: is a folder, expected the name of a file")
        self._temporary: str | None = None
        self._written = False
        try:
            mode = os.stat(self._path).st_mode if os.path.exists(self._path) else None
            if mode is None or stat.S_ISREG(mode):
                folder, name = os.path.split(self._path)
                self._temporary = os.path.join(folder, f".{name[:200]}.{os.urandom(4).hex()}.part")
                self._file = open(self._temporary, "xb")  # noqa: SIM115 - closed by __exit__
                if mode is not None:
                    os.chmod(self._temporary, stat.S_IMODE(mode))
            else:
                self._file = open(self._path, "wb")  # noqa: SIM115
        except (OSError, ValueError) as error:
            told = error.strerror if isinstance(error, OSError) else str(error)
            raise CommandLineError(f"{path}: {told}") from error

    def write(self, data: bytes) -> None:
        """Add bytes."""
        self._written = True
        try:
            self._file.write(data)
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
            self._file.close()
            if self._temporary is not None:
                os.replace(self._temporary, self._path)
                self._temporary = None
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> PynetdbError:
        return PynetdbError(f"{self._name}: {error.strerror}")

    def __enter__(self) -> "WholeFile":
        return self

    def __exit__(self, *exc: object) -> None:
        with suppress(OSError):
            self._file.close()
        if self._temporary is not None:
            with suppress(OSError):
                os.unlink(self._temporary)
