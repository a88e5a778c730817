"""Where rows come from: a file or standard input, in pieces of text, and again from the beginning."""

import codecs
import os
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any

from pynetdb.errors import CommandLineError, DatabaseError, PynetdbError
from pynetdb.rows.compressed import damages, open_bytes
from pynetdb.writing import write_fully

PIECE = 1 << 16
"""Characters read at a time: small enough to stay in the processor's cache, measured faster than 1 MB."""


# Encodings with the byte order in their name, in which Python takes a byte order mark for text.
_KEEP_MARK = {"utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"}

# Python has them among encodings of text, for the names of hosts, or to refuse all text.
_OF_NAMES = {"idna", "punycode", "undefined"}


class Source:
    """A data file (`-` is standard input) in some encoding.

    What can be read only once, a pipe, is kept in a temporary file while `keep` is set, because the types
    of its columns may turn out only at its end. `member` is what the file inside of a zip is called. Raises
    CommandLineError for a file that cannot be read.
    """

    def __init__(self, path: str, encoding: str = "utf-8", keep: bool = False) -> None:
        self.name = "standard input" if path == "-" else path
        try:
            # A byte order mark belongs to the encoding, not to the first column's name.
            self._codec = codecs.lookup("utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding)
            if not getattr(self._codec, "_is_text_encoding", True) or self._codec.incrementaldecoder is None:
                raise LookupError
            if self._codec.name in _OF_NAMES:
                raise LookupError
        except (LookupError, ValueError) as error:
            raise CommandLineError(f"{encoding}: no such encoding of text", hint="encoding") from error
        self._encoding = self._codec.name.removesuffix("-sig")
        self._file, compressed, self.member = open_bytes(path, self.name)
        try:
            # What is compressed can be read again where what it is made of can.
            self._start: int | None = None if compressed is None else self._file.seek(0, os.SEEK_CUR)
            self.size = None if compressed else os.fstat(self._file.fileno()).st_size - (self._start or 0)
        except (OSError, ValueError):
            self._start = self.size = None
        self._kept: IO[bytes] | None = None
        self._head: list[str] = []
        self._text = self._read_text()
        self._early: list[bytes] | None = [] if self._start is None else None
        self.done = 0
        """Bytes read so far."""
        if keep:
            self.settle(keep)

    def settle(self, keep: bool) -> None:
        """Say whether what can be read only once is to be kept; until then all of it is in memory."""
        early, self._early = self._early, None
        if keep and early is not None:
            self._kept = self._keep()
            self._write_kept(b"".join(early))

    def peek(self, most: int) -> str:
        """Return the beginning of the text, `most` characters or a little more, without passing over it.

        Raises as `pieces` does.
        """
        held = 0
        for piece in self._text:
            self._head.append(piece)
            held += len(piece)
            if held >= most:
                break
        return "".join(self._head)

    def pieces(self) -> Iterator[str]:
        """Read on, as text. Raises DatabaseError where the bytes are not in the encoding."""
        while self._head:
            yield self._head.pop(0)
        yield from self._text

    def _read_text(self) -> Iterator[str]:
        decoder = self._codec.incrementaldecoder()
        # Lines are counted only for a message; what can be read again is read again for it.
        counted = self._start is None
        lines = 1
        begun = self._codec.name not in _KEEP_MARK
        before = ""
        ascii_alone = True
        while True:
            data = self._read()
            if self.done == len(data) and self._encoding == "utf-8" and data.count(0) * 5 > len(data):
                # UTF-8 for the letter of it, but for a mark in front this is what UTF-16 looks like.
                raise self._not_in_encoding("line 1: most characters are zero bytes, not utf-8", data)
            try:
                text = decoder.decode(data, final=not data)
            except UnicodeDecodeError as error:
                line = lines if counted else self._lines_before(error.object, data)
                line += error.object[: error.start].count(b"\n")
                if not data and not (self._encoding == "utf-8" and ascii_alone and _is_letter(error, before)):
                    told = f"{self.name} line {line}: ends within a character of {self._encoding}"
                    raise DatabaseError(told) from error
                wrong = f"byte 0x{error.object[error.start]:02x} is not {self._encoding}"
                raise self._not_in_encoding(f"line {line}: {wrong}", error.object) from error
            except UnicodeError as error:
                # UTF-16 and UTF-32 are nothing without a mark.
                raise self._not_in_encoding(
                    f"line {lines}: is not {self._encoding} ({error})", data
                ) from error
            before = text[-1:] or before
            ascii_alone = ascii_alone and text.isascii()
            if counted:
                lines += text.count("\n")
            if text and not begun:
                begun = True
                text = text.removeprefix("\ufeff")
            if text:
                yield text
            if not data:
                return

    def _lines_before(self, wrong: bytes, data: bytes) -> int:
        """Return which line `wrong` begins on, which ends with the `data` read last, by reading again."""
        # What a decoder has kept of the data before stands in front of them.
        left = self.done - max(len(data), len(wrong))
        decoder = self._codec.incrementaldecoder("replace")
        lines = 1
        self._file.seek(self._start or 0)
        while left > 0 and (data := self._read()):
            lines += decoder.decode(data[:left]).count("\n")
            left -= len(data)
        return lines

    def _not_in_encoding(self, wrong: str, data: bytes) -> DatabaseError:
        """Say what is wrong, and which encoding would fit all of the text."""
        from pynetdb.rows.encodings import EncodingGuess

        message = f"{self.name} {wrong}"
        with suppress(PynetdbError):
            # From the beginning where that is possible; what is ASCII in front would fit anything.
            if self._start is not None:
                self._file.seek(self._start)
                data = self._read()
            guess = EncodingGuess(data)
            while data:
                guess.feed(data)
                data = self._read()
            guess.feed(b"", final=True)
            if found := guess.candidates():
                hint = "another encoding" if len(found) == 1 else "several encodings"
                return DatabaseError(message, hint=hint, about=", ".join(found))
        return DatabaseError(message, hint="not in the encoding")

    def _keep(self) -> IO[bytes]:
        import tempfile

        try:
            return tempfile.TemporaryFile(buffering=0)
        except OSError as error:
            self._file.close()
            raise self._not_kept(error) from error

    def _write_kept(self, data: bytes) -> None:
        if self._kept is not None:
            try:
                write_fully(self._kept, data)
            except OSError as error:
                raise self._not_kept(error) from error

    def _not_kept(self, error: OSError) -> PynetdbError:
        told = f"no copy can be kept in the folder for temporary files: {error.strerror}"
        return PynetdbError(f"{self.name}: {told}")

    def _read(self) -> bytes:
        try:
            data = self._file.read(PIECE) or b""
        except damages() as error:
            told = getattr(error, "strerror", None) or f"is damaged ({error})"
            raise CommandLineError(f"{self.name}: {told}") from error
        if self._early is not None:
            self._early.append(data)
        self._write_kept(data)
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
        self._head = []
        self._text = self._read_text()
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


def _is_letter(error: UnicodeDecodeError, before: str) -> bool:
    """Whether what is left at the end of a text is rather a letter, such as the last one of `café`."""
    letter = error.object[error.start :].decode("latin-1")
    return len(letter) == 1 and letter.isalpha() and not (letter.isupper() and before.islower())
