"""Content codings undone piece by piece: gzip and deflate, never more than a bounded piece at once."""

import zlib
from collections.abc import Collection, Iterator

from pynetdb.errors import ProtocolError

CODINGS = ("gzip", "deflate")
# One byte of a bomb can become a thousand: pieces of this size are counted before the next is made.
_PIECE = 64 * 1024


class CodingError(ProtocolError):
    """A body is not in the coding that it says it is in."""


class Decoder:
    """Undoes one coding, `gzip` or `deflate`; every method raises CodingError."""

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._gzip = coding == "gzip"
        self._inflate = zlib.decompressobj(31 if self._gzip else 15)
        self._started = False
        self._held = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what `data` decodes to."""
        if not self._gzip and not self._started:
            # Two bytes tell whether there is a zlib wrapper (RFC 1950 section 2.2).
            data, self._held = self._held + data, b""
            if len(data) < 2:
                self._held = data
                return
        while data:
            if self._inflate.eof:
                if not self._gzip:
                    raise CodingError(f"bytes after the end of the {self._coding} body")
                self._inflate = zlib.decompressobj(31)  # RFC 1952 section 2.2: members follow each other.
            try:
                piece = self._inflate.decompress(data, _PIECE)
            except zlib.error as error:
                if self._gzip or self._started:
                    raise CodingError(f"the body is not {self._coding}, as it says it is") from error
                # RFC 9110 section 8.4.1.2: some servers send deflate without the zlib wrapper.
                self._inflate, self._started = zlib.decompressobj(-15), True
                continue
            self._started = True
            data = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
            if piece:
                yield piece
        while not self._inflate.eof and self._started:
            piece = self._inflate.decompress(b"", _PIECE)
            if not piece:
                return
            yield piece

    def finish(self) -> None:
        """Take the end of the body; one that was cut is an error, an empty one is not."""
        if self._held or (self._started and not self._inflate.eof):
            raise CodingError(f"the {self._coding} body ended early")


def decoder_for(codings: list[str], asked: Collection[str] = CODINGS) -> Decoder | None:
    """Return what undoes the codings of a response; None for none, or for ones that nobody asked for."""
    named = [coding.removeprefix("x-") for coding in codings if coding != "identity"]
    return Decoder(named[0]) if len(named) == 1 and named[0] in asked else None
