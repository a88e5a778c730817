"""The file that says that a server is ready, and where."""

import os
from contextlib import suppress
from typing import Any

from pynetdb.errors import CommandLineError


class ReadyFile:
    """JSON at `path`, complete or not there at all; removed by `remove`."""

    def __init__(self, path: str) -> None:
        """Check that the folder can be written to. Raises CommandLineError."""
        self._path = path
        self._written = False
        folder = os.path.dirname(os.path.abspath(path))
        if not os.path.isdir(folder):
            raise CommandLineError(f"{path}: there is no folder {folder}", hint="ready file")
        if os.path.isdir(path):
            raise CommandLineError(f"{path}: is a folder, expected a file", hint="ready file")
        if not os.access(folder, os.W_OK):
            raise CommandLineError(f"{path}: no permission to write in {folder}", hint="ready file")

    def write(self, ready: dict[str, Any]) -> None:
        """Write it under another name and rename: whoever waits for the file never reads half of it."""
        import json

        temporary = f"{self._path}.{os.getpid()}.tmp"
        try:
            with open(temporary, "w", encoding="utf-8") as file:
                file.write(json.dumps(ready) + "\n")
            os.replace(temporary, self._path)
        except OSError as error:
            raise CommandLineError(f"{self._path}: {error.strerror}", hint="ready file") from error
        self._written = True

    def remove(self) -> None:
        """Remove it, if it was written."""
        if self._written:
            with suppress(FileNotFoundError):  # Somebody tidied up before us.
                os.unlink(self._path)
