"""pynetdb http-get."""

import re
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from pynetdb.errors import NegativeAnswerError
from pynetdb.params import ByteCount, network_options, timeout_option
from pynetdb.results.output import Output, wants_colour

if TYPE_CHECKING:
    from pynetdb.clients.http.fetch import Phases
    from pynetdb.clients.http.url import Url
    from pynetdb.net.network import Network
    from pynetdb.protocols.http.responses import Response
    from pynetdb.whole_file import WholeFile

# What is searched is held in memory, as bytes and as text.
_MAX_SEARCHED = 16 * 1024 * 1024
_MAX_SIZE = 2**30
# Fields that frame a body, and we send none.
_FRAMING = ("content-length", "transfer-encoding")


@click.command("http-get")
@click.argument("url", metavar="URL")
@click.option("--unix", metavar="PATH", help="Connect to this Unix-domain socket, whatever the URL's host.")
@timeout_option
@click.option(
    "-o", "--output", "file", metavar="FILE", help="Save the body; FILE appears when it is complete."
)
@click.option("-i", "--include", is_flag=True, help="Print the head of the answer too.")
@click.option("-I", "--head", is_flag=True, help="Ask for the head alone, and print it.")
@click.option(
    "-H", "--header", "headers", metavar="'NAME: VALUE'", multiple=True, help="Send this field too."
)
@click.option("-L", "--location", is_flag=True, help="Follow redirects, at most 10.")
@click.option("--find", metavar="REGEX", help="Print each match in the body, or its groups, as a row.")
@click.option("--timing", is_flag=True, help="Print what each phase took in place of the body.")
@click.option("--retry", metavar="N", type=click.IntRange(0, 1000), default=0, help="Try up to N more times.")
@click.option("--retry-refused", is_flag=True, help="With --retry: also when nobody listens yet.")
@click.option("--max-size", type=ByteCount(), help="Refuse a longer body; 1GiB by default, 16MiB for --find.")
@click.option("--range", "range_", metavar="A-B", help="Ask for these bytes alone: A-B, A- or -N.")
@click.option("--insecure", is_flag=True, help="Do not check the server's certificate.")
@network_options("table", "json", "jsonl", "csv", "tsv", "markdown", "raw")
def http_get(
    url: str,
    unix: str | None,
    timeout: float,
    file: str | None,
    include: bool,
    head: bool,
    headers: tuple[str, ...],
    location: bool,
    find: str | None,
    timing: bool,
    retry: int,
    retry_refused: bool,
    max_size: int | None,
    range_: str | None,
    insecure: bool,
    network: "Network",
    output: Output,
) -> None:
    """Fetch URL, and print the body, what each phase took, or what a regular expression finds.

    An answer of 4xx or 5xx is printed too and is status 7; one that breaks the protocol is 5, one
    that is not complete within the --timeout 4. With --json the answer's metadata are printed, and
    the body goes to a file with -o only.
    """
    from pynetdb.clients.http.byte_range import Range
    from pynetdb.clients.http.fetch import Wish, fetch
    from pynetdb.clients.http.search import columns
    from pynetdb.clients.http.search import find as search
    from pynetdb.clients.http.url import UrlError, split_url
    from pynetdb.net.deadline import Deadline
    from pynetdb.whole_file import WholeFile

    if head and (file is not None or find is not None):
        raise click.UsageError("-I asks for no body: it goes with neither --output nor --find")
    if retry_refused and not retry:
        raise click.UsageError("--retry-refused says when to try again, --retry N how often: add it")
    pattern = _pattern(find)
    try:
        place = split_url(url)
        part = None if range_ is None else Range.parse(range_)
    except UrlError as error:
        raise click.UsageError(f"URL {error}") from error
    except ValueError as error:
        raise click.UsageError(f"--range: {error}") from error
    limit = max_size if max_size is not None else _MAX_SIZE if pattern is None else _MAX_SEARCHED
    wish = Wish(
        "HEAD" if head else "GET",
        _fields(headers),
        part,
        location,
        insecure,
        unix,
        limit,
        retry,
        retry_refused,
    )
    deadline = Deadline(timeout, unix or place.authority)
    with ExitStack() as stack:
        saved = stack.enter_context(WholeFile(file)) if file not in (None, "-") else None
        view = _View(
            output, saved, head or include, pattern is not None, timing, narrates=bool(network.narrator)
        )
        try:
            phases = fetch(place, wish, deadline, network, view)
        finally:
            view.close()
        view.complete()
    rows = None
    if pattern is not None:
        rows = search(pattern, view.text(), max(deadline.left(), 1.0))
        output.rows(columns(pattern), rows) if output.format != "raw" else view.raw(rows)
    else:
        view.summary(phases)
    view.judge()
    if rows == []:
        raise NegativeAnswerError(f"{view.url}: nothing matches {find!r} (--find)")


def _pattern(text: str | None) -> re.Pattern[str] | None:
    try:
        return None if text is None else re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise click.UsageError(f"--find {text!r} is no regular expression: {error}") from error


def _fields(headers: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    from pynetdb.protocols.http.fields import FieldError, encode_fields

    pairs = []
    for header in headers:
        name, colon, value = header.partition(":")
        if not colon:
            raise click.UsageError(f"--header {header!r}: expected 'Name: value'")
        pairs.append((name, value.strip(" \t")))
    try:
        encode_fields(pairs)
    except FieldError as error:
        raise click.UsageError(f"--header {error}") from error
    for name, _ in pairs:
        if name.lower() in _FRAMING:
            raise click.UsageError(f"--header {name}: http-get sends no body that it could frame")
    return tuple(pairs)


class _View:
    """Takes what comes back, and shows it in the form that was asked for."""

    def __init__(
        self,
        output: Output,
        saved: "WholeFile | None",
        include: bool,
        searched: bool,
        timing: bool,
        narrates: bool,
    ) -> None:
        from codecs import getincrementaldecoder
        from hashlib import sha256

        self.url = ""
        self._output, self._saved, self._include = output, saved, include
        self._searched, self._timing = searched, timing
        self._hash = sha256()
        self._new_hash = sha256
        self._size = 0
        self._kept = bytearray()
        self._printed = False
        self._response: Response | None = None
        self._terminal = sys.stdout.isatty() and output.format != "raw"
        self._decoder = getincrementaldecoder("utf-8")("backslashreplace")
        self._bar = saved is not None and not narrates and output.verbosity >= 0 and wants_colour(sys.stderr)
        self._drawn = 0.0

    @property
    def _shows_body(self) -> bool:
        return self._output.format in ("table", "raw") and not (self._timing or self._searched)

    def head(self, response: "Response") -> None:
        from pynetdb.clients.http.fetch import head_text
        from pynetdb.terminal import safe_line

        if not self._include or not self._shows_body:
            return
        text = head_text(response)
        self._printed = True
        if self._terminal:
            self._output.text("".join(safe_line(line) + "\n" for line in text.split("\r\n")[:-1]), end="")
        else:
            self._output.exact(text.encode("latin-1"))

    def begins(self, url: "Url", response: "Response") -> None:
        self.url, self._response = str(url), response

    @property
    def _fit_for_file(self) -> bool:
        # An error's page is not what was asked for, and a 304 says that the file at hand is still right.
        return self._response is not None and self._response.status < 400 and self._response.status != 304

    def piece(self, data: bytes) -> None:
        self._hash.update(data)
        self._size += len(data)
        if self._searched:
            self._kept += data
        if self._saved is not None and self._fit_for_file:
            self._saved.write(data)
            self._draw()
        elif self._shows_body:
            self._printed = True
            if self._terminal:
                self._output.text(self._decoder.decode(data), end="")
            else:
                self._output.exact(data)

    def restart(self) -> bool:
        self._hash, self._size = self._new_hash(), 0
        self._kept.clear()
        return not self._printed and (self._saved is None or self._saved.restart())

    def note(self, line: str) -> None:
        self._output.talk(f"http-get: {line}")

    def close(self) -> None:
        """Nothing more comes."""
        if self._bar and self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def complete(self) -> None:
        """The body is complete."""
        if self._saved is not None and self._fit_for_file:
            self._saved.keep()
        if self._terminal and self._shows_body:
            self._output.text(self._decoder.decode(b"", final=True), end="")

    def text(self) -> str:
        from pynetdb.clients.http.search import decoded_by

        kind = None if self._response is None else self._response.fields.get("content-type")
        return decoded_by(kind, bytes(self._kept))

    def raw(self, rows: list[tuple[str | None, ...]]) -> None:
        for row in rows:
            self._output.exact(("\t".join(cell or "" for cell in row) + "\n").encode("utf-8", "replace"))

    def summary(self, phases: "Phases") -> None:
        """Say what the answer was, in a format that has room for it."""
        response, form = self._response, self._output.format
        if response is None:
            return
        times = phases.milliseconds()
        facts: dict[str, Any] = {
            "url": self.url,
            "status": response.status,
            "reason": response.reason,
            "http": f"1.{response.minor_version}",
            "headers": [list(pair) for pair in response.fields.pairs],
            "bytes": self._size,
            "sha256": self._hash.hexdigest(),
            "timing_ms": times,
        }
        if form == "json":
            self._output.document(facts)
        elif form == "jsonl":
            self._output.event(facts)
        elif self._timing:
            self._output.rows(("phase", "ms"), list(times.items()))
        elif form not in ("table", "raw"):
            flat = {key: value for key, value in facts.items() if key not in ("headers", "timing_ms")}
            self._output.rows([*flat, *times], [[*flat.values(), *times.values()]])
        told = ", ".join(f"{name} {value:g}" for name, value in times.items() if value is not None)
        self._output.detail(f"http-get: {response.status}, {self._size} bytes; ms: {told}")

    def judge(self) -> None:
        """Raise NegativeAnswerError for 4xx and 5xx; tell of a redirect that was not followed."""
        response = self._response
        if response is None:
            return
        if response.status >= 400:
            raise NegativeAnswerError(f"{self.url}: {response.status} {response.reason}".rstrip())
        place = response.fields.get("location")
        if 300 < response.status < 400 and place is not None:
            self.note(f"{response.status}: it is at {place} (-L follows)")

    def _draw(self) -> None:
        import time

        if not self._bar or time.monotonic() - self._drawn < 0.1:
            return
        self._drawn = time.monotonic()
        length = self._response.content_length if self._response else None
        done = f"{self._size / 1e6:.1f} MB"
        if length:
            share = min(self._size / length, 1.0)
            done = f"[{'#' * int(share * 30):<30}] {share:4.0%} {done}"
        sys.stderr.write(f"\r\x1b[K{done}")
        sys.stderr.flush()
