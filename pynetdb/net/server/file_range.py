"""A part of a file on its way to a peer, without passing through us where the system can do that."""

import errno
import os
import socket

# At a time, so that one fast peer with a large file does not keep all others waiting.
_MOST = 1 << 20


# Not every file system lends its pages to a socket, nor does every kind of socket take them.
_NOT_BY_SENDFILE = {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, getattr(errno, "ENOTSUP", errno.EOPNOTSUPP)}


class FilePart:
    """Bytes `first` to `first + length` of an open file; `close` lets go of the file."""

    __slots__ = ("_descriptor", "_first", "left")

    def __init__(self, descriptor: int, first: int, length: int) -> None:
        self._descriptor = descriptor
        self._first = first
        self.left = length
        """How many bytes are still to be sent."""

    def send(self, sock: socket.socket) -> int:
        """Send what the kernel takes now, and return how much. Raises OSError.

        A file that has become shorter meanwhile is an error: nothing else may stand in for its bytes.
        """
        size = min(self.left, _MOST)
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

    def close(self) -> None:
        """Close the file; more than once does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def send_file(sock: socket.socket, descriptor: int, first: int, size: int) -> int:
    """Send at most `size` bytes of a file, from `first` on; 0 is the file's end. Raises OSError."""
    if hasattr(os, "sendfile"):
        try:
            return os.sendfile(sock.fileno(), descriptor, first, size)
        except OSError as error:
            if error.errno not in _NOT_BY_SENDFILE:
                raise
    # Windows, and such files: through our memory. Windows has no pread, but the descriptor is ours alone.
    os.lseek(descriptor, first, os.SEEK_SET)
    data = os.read(descriptor, min(size, 1 << 16))
    return sock.send(data) if data else 0
