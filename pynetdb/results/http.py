"""What http-get does with an answer: prints it, saves it, keeps it to be searched, tells its figures."""

import re
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pynetdb.errors import NegativeAnswerError, PynetdbError
from pynetdb.protocols.http.partial import Part
from pynetdb.protocols.http.responses import Response, head_lines
from pynetdb.results.output import Output
from pynetdb.results.progress import Progress
from pynetdb.results.results import Results
from pynetdb.results.terminal_text import TerminalText
from pynetdb.terminal import safe_line

if TYPE_CHECKING:
    import hashlib

    from pynetdb.results.download import Download


class HttpResults:
    """Takes what comes back, the sink of a fetch, and shows it in the form that was asked for.

    A body goes into `file`, if there is one; with `searched` it is kept. Otherwise it is printed, unless the
    format has no room for it or `timing` takes its place; with `include` the heads too. On a terminal it is
    text made safe, and what is no text an error, unless it is wanted `exact`. Progress is shown unless the
    calls are `narrated`. A context manager, which says of an error that ends it what stays of the file.
    """

    def __init__(
        self,
        output: Output,
        file: "Download | None" = None,
        *,
        include: bool = False,
        searched: bool = False,
        timing: bool = False,
        narrated: bool = False,
        exact: bool = False,
    ) -> None:
        self.body = bytearray()
        """What was kept to be searched."""
        self._output, self._file = output, file
        self._searched, self._timing = searched, timing
        self._prints = output.format in ("table", "raw") and not (timing or searched)
        self._includes = include and self._prints
        self._exact = exact or output.format == "raw"
        self._text = TerminalText(output) if sys.stdout.isatty() and not self._exact else None
        self._progress = Progress(quiet=file is None or narrated or output.verbosity < 0)
        self._response: Response | None = None
        self._url = ""
        self._hash = self._start_hash()
        self._size = 0
        self._total: int | None = None
        self._fits_file = False
        self._printed = False

    def _start_hash(self) -> "hashlib._Hash | None":
        """Return the digest of a body, which formats for people do not show."""
        if self._output.format in ("table", "raw"):
            return None
        import hashlib  # Loads OpenSSL.

        return hashlib.sha256()

    # The sink's side

    def head(self, response: Response) -> None:
        """Take a head: interim, of a redirect, or of the answer."""
        if not self._includes:
            return
        lines = [*head_lines(response), ""]
        self._printed = True
        if self._text is not None:
            self._output.safe_text("".join(safe_line(line) + "\n" for line in lines), end="")
        else:
            self._output.exact("".join(line + "\r\n" for line in lines).encode("latin-1"))

    def held(self) -> Part | None:
        """Return what is there of the body already and may be continued; None for nothing."""
        held = None if self._file is None else self._file.held()
        if held is not None and self._file is not None and held.size != self._size:
            self._hash, self._size = self._start_hash(), held.size
            if self._hash is not None:
                for piece in self._file.pieces():
                    self._hash.update(piece)
        return held

    def begin(self, url: object, response: Response, held: Part | None) -> None:
        """Take the answer itself; its body follows, behind what is `held`."""
        self._url, self._response = str(url), response
        if held is None:
            self._hash, self._size = self._start_hash(), 0
        self._total = None if response.content_length is None else self._size + response.content_length
        if self._text is not None:
            self._text.begin(self._url, response)
        if self._file is None:
            return
        # An error's page is not what was asked for, and a 304 says that the file at hand is still right.
        fits = response.status < 400 and response.status != 304
        # What answers a request for the rest must be that, or all of it.
        fits = fits and (response.status == 200 or self._file.held() is None)
        self._fits_file = held is not None or fits
        if self._fits_file:
            self._file.begin(response, held)

    def write(self, data: bytes) -> None:
        """Take some of the body, decoded."""
        if self._hash is not None:
            self._hash.update(data)
        self._size += len(data)
        if self._searched:
            self.body += data
        if self._file is not None and self._fits_file:
            self._file.write(data)
            self._progress.draw(self._size, self._total)
        elif self._prints:
            self._printed = True
            if self._text is not None:
                self._text.write(data)
            else:
                self._output.exact(data)

    def restart(self) -> bool:
        """Be ready for another try, of the whole body or of its rest; False where that is not possible."""
        self.body.clear()
        return not self._printed and (self._file is None or self._file.restart())

    def forget(self) -> None:
        """What is held belongs to another version: begin at the beginning."""
        if self._file is not None:
            self._file.forget()

    def note(self, line: str) -> None:
        """Say something to the user."""
        self._output.info(f"http-get: {line}")

    def detail(self, line: str) -> None:
        """Say something to a user who wants to know more."""
        self._output.debug(f"http-get: {line}")

    def stays_coded(self, codings: str) -> None:
        """Say that the body is in content codings that are not undone."""
        self.note(f"the body stays as it came, in {codings} (--compressed undoes gzip and deflate)")

    def range_ignored(self) -> None:
        """Say that the server sends the whole body in place of the part that was asked for."""
        self.note("the server ignored --range: this is the whole body")

    def retry(self, reason: PynetdbError, pause: float, number: int, most: int) -> None:
        """Say that after `pause` seconds the try `number` of at most so many more follows."""
        self.note(
            f"{self._output.describe(reason)}; trying again in {round(pause, 2):g} s ({number} of {most})"
        )

    # What follows the body

    def __enter__(self) -> "HttpResults":
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        self._progress.close()
        if self._file is None:
            return
        if isinstance(error, NegativeAnswerError):
            self._file.discard()
        stays = self._file.close()
        if stays is None or error is None:
            return
        if isinstance(error, PynetdbError):
            told = f"{self._output.describe(error)}; {stays}"
            raise type(error)(told, hint="part stays") from error
        self.note(self._output.describe(PynetdbError(stays, hint="part stays")))

    def complete(self) -> None:
        """The body is complete."""
        if self._file is not None and self._fits_file:
            self._file.keep()
        if self._text is not None and self._prints:
            self._text.end()

    def show_matches(self, columns: Sequence[str], rows: Sequence[tuple[str | None, ...]]) -> None:
        """Show what was found in the body."""
        results = Results(self._output, columns)
        for row in rows:
            line = "\t".join(cell or "" for cell in row) + "\n"
            results.row(row, data=line.encode("utf-8", "replace"))
        results.close()

    def show_summary(self, timing_ms: Mapping[str, float | None]) -> None:
        """Say what the answer was, in a format that has room for it; `timing_ms` is what each phase took."""
        response = self._response
        if response is None:
            return
        facts: dict[str, Any] = {
            "url": self._url,
            "status": response.status,
            "reason": response.reason,
            "http": f"1.{response.minor_version}",
            "headers": [list(pair) for pair in response.fields.pairs],
            "bytes": self._size,
            "sha256": None if self._hash is None else self._hash.hexdigest(),
            "timing_ms": dict(timing_ms),
        }
        flat = {key: value for key, value in facts.items() if key not in ("headers", "timing_ms")}
        self._show_facts(facts, flat, timing_ms)
        told = ", ".join(f"{name} {value:g}" for name, value in timing_ms.items() if value is not None)
        self._output.debug(f"http-get: {response.status}, {self._size} bytes; ms: {told}")

    def note_redirect(self) -> None:
        """Tell of a redirect that was not followed."""
        response = self._response
        place = None if response is None else response.fields.get("location")
        if response is None or place is None or not 300 < response.status < 400:
            return
        if not place:
            self.note(f"{response.status}: a redirect that does not say where it is")
        elif re.match(r"(?!https?:)[a-z][a-z0-9+.-]*:", place, re.IGNORECASE):
            self.note(f"{response.status}: it is at {place}, which is for another program")
        else:
            self.note(f"{response.status}: it is at {place} (-L follows)")

    def _show_facts(
        self, facts: dict[str, Any], flat: dict[str, Any], timing_ms: Mapping[str, float | None]
    ) -> None:
        if self._output.format == "json":
            self._output.document(facts)
        elif self._output.format == "jsonl":
            self._output.event(facts)
        elif self._timing:
            self._output.rows(("phase", "ms"), list(timing_ms.items()))
        elif self._output.format not in ("table", "raw"):
            self._output.rows([*flat, *timing_ms], [[*flat.values(), *timing_ms.values()]])
