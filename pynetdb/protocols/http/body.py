"""Where a message's body ends: by length, by chunks, or with the stream (RFC 9112 sections 6 and 7)."""

import re
from typing import Protocol

from pynetdb.errors import ProtocolError
from pynetdb.protocols.http.fields import TOKEN, Fields, UnfoldedFields, parse_field_line, shorten

# RFC 9112 section 7.1.1: "A recipient MUST parse and remove such bad whitespace before interpreting the
# name of a chunk extension" (RFC 9110 section 5.6.3), so `5 ; a = b` is taken. Blanks without an extension
# behind them are in no grammar: `5 ` is another size to some parsers.
_BWS = rb"[\t ]*"
_EXTENSION_VALUE = rb"(?:" + TOKEN + rb'|"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*")'
_EXTENSION = _BWS + rb";" + _BWS + TOKEN + rb"(?:" + _BWS + rb"=" + _BWS + _EXTENSION_VALUE + rb")?"
_CHUNK_LINE = rb"([0-9A-Fa-f]+)((?:" + _EXTENSION + rb")*)"
# Small devices pad the size with blanks (https://github.com/python-hyper/h11/issues/133); a client that
# refused them could not read an answer that every browser shows.
_PADDED_CHUNK_LINE = _CHUNK_LINE + _BWS
# What was taken though no grammar has it, told to who wants to know.
FOLDED = "a folded field line, read as one with a space (RFC 9112 section 5.2)"
PADDED = "blanks after a chunk's size, passed over (RFC 9112 section 7.1)"
# 2**60 bytes; more digits only try the width of somebody's integer.
MAX_CHUNK_SIZE_DIGITS = 15
# A size with its extensions; longer lines only make us hold and search them.
MAX_CHUNK_LINE = 256
# What extensions may cost in all: one-byte chunks with an extension each would buy 1 byte with 250.
MAX_CHUNK_EXTENSIONS = 16 * 1024
MAX_TRAILERS = 8 * 1024
MAX_TRAILER_FIELDS = 100
# RFC 9110 section 6.5.1: what frames or routes a message comes too late behind its body.
FORBIDDEN_TRAILERS = frozenset(["content-length", "transfer-encoding", "host"])


class Body(Protocol):
    """A body takes bytes until it is complete, and returns what is not its own."""

    complete: bool
    trailers: Fields
    tolerated: tuple[str, ...]  # the habits of old senders that were met

    def receive_data(self, data: bytes) -> tuple[bytes, bytes]:
        """Take bytes of the stream; return the content among them, and the rest, which follows the body."""
        ...

    def receive_eof(self) -> None:
        """Take the end of the stream before the body is complete; raise ProtocolError if that cuts it off."""
        ...


class BodyByLength:
    """A body of exactly `length` bytes (RFC 9112 section 6.2)."""

    trailers = Fields()
    tolerated: tuple[str, ...] = ()

    def __init__(self, length: int) -> None:
        self.length = length
        self._missing = length
        self.complete = length == 0

    def receive_data(self, data: bytes) -> tuple[bytes, bytes]:
        """Take up to the missing bytes."""
        content, rest = data[: self._missing], data[self._missing :]
        self._missing -= len(content)
        self.complete = self._missing == 0
        return content, rest

    def receive_eof(self) -> None:
        """Raise ProtocolError: bytes are missing."""
        received = self.length - self._missing
        raise ProtocolError(f"the stream ended after {received} bytes of body, expected {self.length}")


class BodyUntilClose:
    """A body that ends with the stream, as HTTP/1.0 servers send it (RFC 9112 section 6.3, last rule)."""

    trailers = Fields()
    tolerated: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.complete = False

    def receive_data(self, data: bytes) -> tuple[bytes, bytes]:
        """Take everything."""
        return data, b""

    def receive_eof(self) -> None:
        """Be complete."""
        self.complete = True


class BodyInChunks:
    """A body in chunks (RFC 9112 section 7.1); the fields after the last chunk are its `trailers`.

    `lenient` takes blanks after a chunk's size and unfolds trailers: a client does, a server does not,
    behind a proxy that may read them otherwise.

    | state | reads | and then |
    |---|---|---|
    | size | a line: hexadecimal digits, extensions | content; trailer after a size of 0 |
    | content | as many bytes | chunk end |
    | chunk end | CR LF | size |
    | trailer | a line | trailer; complete after an empty one |
    """

    def __init__(self, lenient: bool = False) -> None:
        self.complete = False
        self.trailers = Fields()
        self.tolerated: tuple[str, ...] = ()
        self._lenient = lenient
        self._buffer = b""
        self._position = 0  # what lies before it in the buffer has been read
        self._missing = 0
        self._state = self._read_size
        self._extensions = 0
        self._trailer_bytes = 0
        self._trailers = UnfoldedFields()

    def receive_data(self, data: bytes) -> tuple[bytes, bytes]:
        """Take bytes; raise ProtocolError where the chunks break the grammar or a limit."""
        # Read by position, and not with a LineReader, for content is no lines: cutting the buffer at each
        # chunk would copy it once for every byte of tiny chunks.
        self._buffer, self._position = self._buffer[self._position :] + data, 0
        content: list[bytes] = []
        while not self.complete and self._state(content):
            pass
        rest = b""
        if self.complete:
            rest, self._buffer = self._buffer[self._position :], b""
        return b"".join(content), rest

    def receive_eof(self) -> None:
        """Raise ProtocolError: the last chunk or the line after it is missing."""
        raise ProtocolError("the stream ended within a chunked body, expected the last chunk")

    # Each state takes what it can from the buffer and says whether there may be more to take.

    def _read_size(self, content: list[bytes]) -> bool:
        line = self._take_line(MAX_CHUNK_LINE, "a chunk's size line")
        if line is None:
            return False
        match = re.fullmatch(_CHUNK_LINE, line)
        if match is None and self._lenient:
            match = re.fullmatch(_PADDED_CHUNK_LINE, line)
            self._tolerate(PADDED)
        if match is None:
            raise ProtocolError(f"a bad chunk size line: {shorten(line)}, expected hexadecimal digits")
        digits, extensions = match.groups()
        if len(digits) > MAX_CHUNK_SIZE_DIGITS:
            raise ProtocolError(
                f"a chunk size of {len(digits)} digits, expected at most {MAX_CHUNK_SIZE_DIGITS}"
            )
        self._extensions += len(extensions)
        if self._extensions > MAX_CHUNK_EXTENSIONS:
            raise ProtocolError(f"chunk extensions of more than {MAX_CHUNK_EXTENSIONS} bytes in one body")
        self._missing = int(digits, 16)
        self._state = self._read_content if self._missing else self._read_trailer
        return True

    def _read_content(self, content: list[bytes]) -> bool:
        piece = self._buffer[self._position : self._position + self._missing]
        self._position += len(piece)
        content.append(piece)
        self._missing -= len(piece)
        if self._missing:
            return False
        self._state = self._read_chunk_end
        return True

    def _read_chunk_end(self, content: list[bytes]) -> bool:
        end = self._buffer[self._position : self._position + 2]
        if not b"\r\n".startswith(end):
            raise ProtocolError("the bytes after a chunk are not CR LF, its size is wrong")
        if len(end) < 2:
            return False
        self._position += 2
        self._state = self._read_size
        return True

    def _read_trailer(self, content: list[bytes]) -> bool:
        line = self._take_line(MAX_TRAILERS - self._trailer_bytes, "the trailers")
        if line is None:
            return False
        self._trailer_bytes += len(line) + 2
        if line:
            self._add_trailer(line)
        else:
            self.trailers = self._trailers.finish()
            self.complete = True
        return True

    def _add_trailer(self, line: bytes) -> None:
        if not self._lenient:
            parse_field_line(line)  # Refuses a folded line.
        if self._trailers.add(line):
            self._tolerate(FOLDED)
            return
        if len(self._trailers) > MAX_TRAILER_FIELDS:
            raise ProtocolError(f"more than {MAX_TRAILER_FIELDS} trailers")
        name = line.partition(b":")[0].decode("ascii")
        if name.lower() in FORBIDDEN_TRAILERS:
            raise ProtocolError(f"{name} among the trailers, where it means nothing")

    def _tolerate(self, habit: str) -> None:
        if habit not in self.tolerated:
            self.tolerated = (*self.tolerated, habit)

    def _take_line(self, limit: int, what: str) -> bytes | None:
        start = self._position
        end = self._buffer.find(b"\n", start, start + limit + 1)
        if end < 0 and len(self._buffer) - start > limit:
            raise ProtocolError(f"{what}: more than {limit} bytes")
        if end < 0:
            return None
        if end == start or self._buffer[end - 1] != 13:
            raise ProtocolError(f"{what} ends in a bare LF, expected CR LF")
        self._position = end + 1
        return self._buffer[start : end - 1]
