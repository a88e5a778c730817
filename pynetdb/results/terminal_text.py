"""A body on a terminal: text in its own charset, made safe; what is no text is refused."""

from codecs import IncrementalDecoder, getincrementaldecoder

from pynetdb.errors import PynetdbError
from pynetdb.protocols.http.charset import MAX_BEGINNING, find_charset, is_binary, may_be_marked
from pynetdb.protocols.http.responses import Response
from pynetdb.results.output import Output


class TerminalText:
    """Shows the pieces of one body after the other. Raises PynetdbError for a body that is binary."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._url = ""
        self._content_type: str | None = None
        self._beginning = b""
        self._decoder: IncrementalDecoder | None = None

    def begin(self, url: str, response: Response) -> None:
        """A body follows."""
        self._url, self._content_type = url, response.fields.get("content-type")
        self._beginning, self._decoder = b"", None

    def write(self, data: bytes) -> None:
        """Show a piece."""
        if self._decoder is None:
            data = self._beginning + data
            if may_be_marked(data):
                self._beginning = data
                return
            self._decoder = self._choose_decoder(data)
        self._output.text(self._decoder.decode(data), end="")

    def end(self) -> None:
        """Show what is left of characters that were cut off."""
        if self._decoder is None:
            self._decoder = self._choose_decoder(self._beginning)
            self._output.text(self._decoder.decode(self._beginning), end="")
        self._output.text(self._decoder.decode(b"", final=True), end="")

    def _choose_decoder(self, beginning: bytes) -> IncrementalDecoder:
        charset = find_charset(self._content_type, beginning[:MAX_BEGINNING])
        if is_binary(beginning, charset):
            raise PynetdbError(
                f"{self._url}: the body is no text, which a terminal could show", hint="binary"
            )
        return getincrementaldecoder(charset)("backslashreplace")
