"""Where rows come from: a file or standard input, in pieces of text, and again from the beginning."""

import codecs
import os
from collections.abc import Iterator
from typing import IO, Any

from pynetdb.errors import CommandLineError, DatabaseError, PynetdbError
from pynetdb.standard_streams import open_standard_input
from pynetdb.writing import write_fully

PIECE = 1 << 16
"""Characters read at a time: small enough to stay in the processor's cache, measured faster than 1 MB."""


# Encodings with the byte order in their name, in which Python takes a byte order mark for text.
_KEEP_MARK = {"utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"}


class Source:
    """A data file (`-` is standard input) in some encoding.

    What can be read only once, a pipe, is kept in a temporary file while `keep` is set, because the types
    of its columns may turn out only at its end. Raises CommandLineError for a file that cannot be read.
    """

    def __init__(self, path: str, encoding: str = "utf-8", keep: bool = False) -> None:
        self.name = "standard input" if path == "-" else path
        try:
            # A byte order mark belongs to the encoding, not to the first column's name.
            self._codec = codecs.lookup("utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding)
            if not getattr(self._codec, "_is_text_encoding", True) or self._codec.incrementaldecoder is None:
                raise LookupError
        except LookupError as error:
            raise CommandLineError(f"{encoding}: no such encoding of text", hint="encoding") from error
        self._file = _open(path, self.name)
        try:
            self._start: int | None = self._file.seek(0, os.SEEK_CUR)
            self.size: int | None = os.fstat(self._file.fileno()).st_size - self._start
        except (OSError, ValueError):
            self._start = self.size = None
        self._kept: IO[bytes] | None = None
        if keep and self._start is None:
            import tempfile

            try:
                self._kept = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed by close()
            except OSError as error:
                self._file.close()
                told = f"no copy can be kept in the folder for temporary files: {error.strerror}"
                raise PynetdbError(f"{self.name}: {told}") from error
        self.done = 0
        """Bytes read so far."""

    def pieces(self) -> Iterator[str]:
        """Read on, as text. Raises DatabaseError where the bytes are not in the encoding."""
        decoder = self._codec.incrementaldecoder()
        lines = 1
        begun = self._codec.name not in _KEEP_MARK
        while True:
            data = self._read()
            try:
                text = decoder.decode(data, final=not data)
            except UnicodeDecodeError as error:
                line = lines + error.object[: error.start].count(b"\n")
                wrong = error.object[error.start]
                message = f"byte 0x{wrong:02x} is not {self._codec.name.removesuffix('-sig')}"
                raise DatabaseError(
                    f"{self.name} line {line}: {message}", hint="not in the encoding"
                ) from error
            lines += text.count("\n")
            if text and not begun:
                begun = True
                text = text.removeprefix("\ufeff")
            if text:
                yield text
            if not data:
                return

    def _read(self) -> bytes:
        try:
            data = self._file.read(PIECE) or b""
        except OSError as error:
            raise CommandLineError(f"{self.name}: {error.strerror}") from error
        if self._kept is not None:
            try:
                write_fully(self._kept, data)
            except OSError as error:
                told = f"no copy can be kept in the folder for temporary files: {error.strerror}"
                raise PynetdbError(f"{self.name}: {told}") from error
        self.done += len(data)
        return data

    def rewind(self) -> None:
        """Begin again: the next `pieces` start at the beginning."""
        if self._kept is not None:
            # What the pipe has not given yet follows what is kept.
            while self._read():
                pass
            self._file.close()
            self._file, self._kept, self._start = self._kept, None, 0
        if self._start is None:
            raise CommandLineError(f"{self.name}: a pipe can be read only once")
        self._file.seek(self._start)
        self.done = 0

    def close(self) -> None:
        """Let go of the file."""
        for file in (self._file, self._kept):
            if file is not None:
                file.close()

    def __enter__(self) -> "Source":
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()


def _open(path: str, name: str) -> IO[bytes]:
    try:
        if path == "-":
            return open_standard_input()
        return open(path, "rb", buffering=0)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CommandLineError(f"{name}: {reason}") from error
