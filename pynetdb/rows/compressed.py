"""The bytes of a data file, unpacked where it is compressed (gzip, bzip2, xz, a zip of one member)."""

import io
import os
import sys
from contextlib import ExitStack
from typing import IO, Any, NamedTuple

from pynetdb.errors import CommandLineError
from pynetdb.standard_streams import open_standard_input

EXTENSIONS = (".gz", ".bz2", ".xz", ".zip")

# How compressed files begin (RFC 1952 section 2.3.1, and the like): a name says it less surely.
_MAGIC = ((b"\x1f\x8b", "gzip"), (b"BZh", "bz2"), (b"\xfd7zXZ\x00", "lzma"), (b"PK\x03\x04", "zip"),
          (b"PK\x05\x06", "zip"))  # fmt: skip


class Opened(NamedTuple):
    """A file that is open for reading."""

    file: IO[bytes]
    compressed: bool | None
    """Whether it is unpacked on the way; None is what is unpacked and can be read only once."""
    member: str | None = None
    """What the file inside of a zip is called."""


def open_bytes(path: str, name: str) -> Opened:
    """Open a file (`-` is standard input).

    Raises CommandLineError for what cannot be read, and for a zip that does not hold exactly one file.
    """
    try:
        raw: Any = open_standard_input() if path == "-" else open(path, "rb", buffering=0)  # noqa: SIM115
    except (OSError, ValueError) as error:
        raise CommandLineError(f"{name}: {getattr(error, 'strerror', None) or error}") from error
    with ExitStack() as undo:
        undo.callback(raw.close)
        opened = _unpack(raw, name)
        undo.pop_all()
    return opened


def _unpack(raw: Any, name: str) -> Opened:
    try:
        start: int | None = raw.seek(0, os.SEEK_CUR)
    except OSError:
        start = None
    file: Any = raw
    try:
        if start is None:
            file = _Peeked(raw)
            head = file.head
        else:
            head = raw.read(6) or b""
            raw.seek(start)
    except OSError as error:
        raise CommandLineError(f"{name}: {error.strerror}") from error
    kind = next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)
    if kind is None:
        return Opened(file, False)
    compressed = None if start is None else True
    if kind == "zip":
        opened, member = _open_zip(file, name)
        return Opened(opened, compressed, member)
    return Opened(_open_stream(kind, file), compressed)


class _Peeked(io.RawIOBase):
    """A pipe of which the beginning has been looked at."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self.head = self._left = raw.read(io.DEFAULT_BUFFER_SIZE) or b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self._left:
            end = len(self._left) if size < 0 else size
            data, self._left = self._left[:end], self._left[end:]
            return data
        return self._raw.read(size) or b""

    def readinto(self, buffer: Any) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def fileno(self) -> int:
        descriptor: int = self._raw.fileno()
        return descriptor

    def close(self) -> None:
        self._raw.close()
        super().close()


def _open_stream(kind: str, file: IO[bytes]) -> Any:
    if kind == "gzip":
        import gzip

        opened: Any = gzip.GzipFile(fileobj=file)
    elif kind == "bz2":
        import bz2

        opened = bz2.BZ2File(file)
    else:
        import lzma

        opened = lzma.LZMAFile(file)  # noqa: SIM115 - closed by _Closing
    return _Closing(opened, file)


def _open_zip(file: IO[bytes], name: str) -> tuple[Any, str]:
    import tempfile
    import zipfile

    if not file.seekable():
        # The list of what is in a zip stands at its end.
        copy = tempfile.TemporaryFile()  # noqa: SIM115 - closed by _Closing
        while data := file.read(1 << 16):
            copy.write(data)
        copy.seek(0)
        file = copy
    try:
        archive = zipfile.ZipFile(file)
        # macOS adds what its Finder knows of a file (AppleDouble, RFC 1740).
        members = [
            member
            for member in archive.infolist()
            if not member.is_dir() and not member.filename.startswith("__MACOSX/")
        ]
        if not members:
            raise CommandLineError(f"{name}: holds no file, expected one")
        if len(members) > 1:
            names = ", ".join(member.filename for member in members[:8])
            raise CommandLineError(f"{name}: holds {len(members)} files, expected one ({names})")
        return _Closing(archive.open(members[0]), file), members[0].filename
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise CommandLineError(f"{name}: {error}") from error


class _Closing(io.RawIOBase):
    """What is unpacked, and the file from which it comes, closed together."""

    def __init__(self, opened: Any, file: IO[bytes]) -> None:
        self._opened = opened
        self._from = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._from.seekable()

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._opened.read(size)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        position: int = self._opened.seek(offset, whence)
        return position

    def close(self) -> None:
        if not self.closed:
            self._opened.close()
            self._from.close()
        super().close()


def damages() -> tuple[type[Exception], ...]:
    """The errors by which the system and the libraries in use say that something cannot be read."""
    found: list[type[Exception]] = [OSError, EOFError]
    # Only a library that was imported can raise its own.
    for module, error in (("zlib", "error"), ("lzma", "LZMAError"), ("zipfile", "BadZipFile")):
        if module in sys.modules:
            found.append(getattr(sys.modules[module], error))
    return tuple(found)
