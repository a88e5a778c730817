"""Lines out of bytes: what has arrived is cut at each LF, however the network cut it."""

from pynetdb.errors import ProtocolError


class LineReader:
    """Turns bytes into lines without their ends, LF or CR LF.

    A line of more than `max_line` bytes, a CR at its end counted, is a ProtocolError that names `sender`,
    also before its end is here: a peer that never sends a newline cannot fill memory. `max_line` is None
    where the sender is the user, who may fill the memory that is theirs.
    """

    def __init__(self, max_line: int | None, sender: str = "the peer") -> None:
        self._max_line = max_line
        self._sender = sender
        # Grown in place: one long line in many pieces would be copied once for each of them.
        self._rest = bytearray()

    def receive_data(self, data: bytes) -> list[bytes]:
        """Return the lines that are complete now. Raises ProtocolError for one that is too long."""
        *lines, rest = data.split(b"\n")
        if lines:
            lines[0] = bytes(self._rest) + lines[0]
            self._rest = bytearray(rest)
        else:
            self._rest += rest
        if self._max_line is not None:
            longest = max(len(self._rest), *map(len, lines)) if lines else len(self._rest)
            if longest > self._max_line:
                raise ProtocolError(f"{self._sender} sent a line of more than {self._max_line} bytes")
        return [line.removesuffix(b"\r") for line in lines]

    def receive_eof(self) -> list[bytes]:
        """Return the last line, if it had no end; nothing if it had one."""
        rest, self._rest = bytes(self._rest), bytearray()
        return [rest.removesuffix(b"\r")] if rest else []
