"""A range of a file on its way to a peer, without passing through us where the system can do that."""

import os
import socket

from pynetdb.net.sockets import send_file

# At a time, so that one fast peer with a large file does not keep all others waiting. No less than a kernel
# takes at once (Linux: 4 MiB): each turn of the loop costs more than it seems, in caches that are cold.
_MAX_PIECE = 1 << 22


class FileRange:
    """Bytes `first` to `first + length` of an open file; `close` lets go of the file."""

    __slots__ = ("_descriptor", "_first", "left")

    def __init__(self, descriptor: int, first: int, length: int) -> None:
        self._descriptor = descriptor
        self._first = first
        self.left = length
        """How many bytes are still to be sent."""

    def copy(self) -> "FileRange | None":
        """Return what is still to be sent, to be sent again, with a descriptor of its own.

        None if no descriptor is left.
        """
        try:
            return FileRange(os.dup(self._descriptor), self._first, self.left)
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
