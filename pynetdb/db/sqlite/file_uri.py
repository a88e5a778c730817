"""The address under which SQLite opens a file, chosen so that a reader leaves nothing beside it."""

import os

from pynetdb.errors import DatabaseError

READ = "ro"
WRITE = "rw"
CREATE = "rwc"

_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./~:")

# Bytes 18 and 19 of the header say 2 where changes go to a write-ahead log
# (https://sqlite.org/fileformat2.html#file_format_version_numbers).
_VERSIONS = slice(18, 20)
_WAL = b"\x02"


def file_uri(path: str, mode: str) -> str:
    """Return the `file:` URI that opens exactly `path` (https://sqlite.org/uri.html), in `ro`, `rw` or `rwc`.

    Whatever the name holds (`?`, `#`, `%`, a leading `//`) is escaped, so that it cannot become an option.
    """
    absolute = os.path.abspath(path)
    start = "file://"
    if os.name == "nt":
        if absolute.startswith("\\\\"):
            start = "file:"  # `\\server\share` and `\\?\C:\` mean what they say with backslashes only.
        else:
            # `/C:/folder`, of which SQLite drops the first slash.
            absolute = "/" + absolute.replace("\\", "/")
    escaped = "".join(chr(byte) if byte in _SAFE else f"%{byte:02X}" for byte in os.fsencode(absolute))
    return f"{start}{escaped}?mode={mode}"


def needs_no_lock(path: str) -> bool:
    """Whether a database is to be read as one that nobody writes: it goes with a log, and has none now.

    SQLite would make the log and its index to read such a file, and leave them behind as the reader's.
    Raises DatabaseError for a log without its index, which cannot be read without making one.
    """
    # The files beside it stand beside the file itself, not beside a link to it.
    real = os.path.realpath(path)
    try:
        with open(real, "rb") as file:
            header = file.read(_VERSIONS.stop)
    except OSError:
        return False
    # Where a journal is left somebody was interrupted, which SQLite finds out only while it looks at locks.
    if _WAL not in header[_VERSIONS] or _size(real + "-journal"):
        return False
    if not _size(real + "-wal"):
        return not os.path.exists(real + "-shm") or not os.path.exists(real + "-wal")
    if not os.path.exists(real + "-shm"):
        raise DatabaseError(f"{path}: a writer was interrupted, its log has no index", hint="interrupted")
    return False


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
