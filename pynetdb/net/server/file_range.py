"""A range of a file on its way to a peer, without passing through us where the system can do that."""

import os
import socket

from pynetdb.net.sockets import send_file

# At a time, so that one fast peer with a large file does not keep all others waiting. No less than a kernel
# takes at once (Linux: 4 MiB): each turn of the loop costs more than it seems, in caches that are cold.
_MAX_PIECE = 1 << 22


def is_same(status: os.stat_result, other: os.stat_result) -> bool:
    """Whether a file is still the one that it was, as far as the file system can tell."""
    return _identity(status) == _identity(other)


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_mtime_ns, status.st_size, status.st_ino, status.st_dev, status.st_ctime_ns)


class FileRange:
    """Bytes `first` to `first + length` of an open file; `close` lets go of the file.

    `origin` is where it was found, and what it was then.
    """

    __slots__ = ("_descriptor", "_first", "_origin", "left")

    def __init__(
        self, descriptor: int, first: int, length: int, origin: tuple[str, os.stat_result] | None = None
    ) -> None:
        self._descriptor = descriptor
        self._first = first
        self._origin = origin
        self.left = length
        """How many bytes are still to be sent."""

    def copy(self) -> "FileRange | None":
        """Return what is still to be sent, to be sent again, with a descriptor of its own.

        None if another file is there now, or it is not what it was, or no descriptor is left.
        """
        if self._origin is None:
            return None
        path, then = self._origin
        try:
            if not is_same(os.stat(path), then):
                return None
            return FileRange(os.dup(self._descriptor), self._first, self.left, self._origin)
        except OSError:
            return None

    def send(self, sock: socket.socket) -> int:
        """Send what the kernel takes now, and return how much. Raises OSError.

        A file that has become shorter meanwhile is an error: nothing else may stand in for its bytes.
        """
        size = min(self.left, _MAX_PIECE)
        # A socket that narrates has its own.
        send = getattr(sock, "send_file", None)
        sent: int = (
            send(self._descriptor, self._first, size)
            if send
            else send_file(sock, self._descriptor, self._first, size)
        )
        if not sent:
            raise OSError("the file became shorter while it was sent")
        self._first += sent
        self.left -= sent
        return sent

    def peek(self, size: int) -> bytes:
        """Return at most `size` bytes of what is still to be sent, without sending them. Raises OSError."""
        size = min(size, self.left)
        if hasattr(os, "pread"):
            return os.pread(self._descriptor, size, self._first)
        os.lseek(self._descriptor, self._first, os.SEEK_SET)  # Windows: the descriptor is ours alone.
        return os.read(self._descriptor, size)

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most `size` of them, as sent. Raises OSError, also for a shorter file."""
        data = self.peek(size)
        if not data:
            raise OSError("the file became shorter while it was sent")
        self._first += len(data)
        self.left -= len(data)
        return data

    def close(self) -> None:
        """Close the file; more than once does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
