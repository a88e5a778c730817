"""Static files as responses (RFC 9110), within what the user allows."""

import os
import time
from collections.abc import Sequence
from typing import NamedTuple

from pynetdb.net.server.file_range import FileRange
from pynetdb.protocols.http.conditions import Validators, decide
from pynetdb.protocols.http.dates import format_http_date
from pynetdb.protocols.http.media_types import guess_content_type
from pynetdb.protocols.http.negotiation import accepts_coding, prefers_json
from pynetdb.protocols.http.requests import Request, RequestRefusedError
from pynetdb.protocols.http.targets import TargetPath, make_slash_location, resolve_target
from pynetdb.servers.http.cache import CachedFile, SmallFileCache
from pynetdb.servers.http.listing import Entry, as_json, as_page
from pynetdb.servers.http.response import Pairs, Response, text_response
from pynetdb.servers.http.root import Found, Root

# A file that is small is kept, so that the next request for it costs a look at a dictionary.
MAX_CACHED_FILE = 128 * 1024

# A file that was changed a moment ago may be changed again within the same tick of the file system's
# clock: its time and size are then no strong validator (RFC 9110 section 8.8.3).
_TICK_NS = 20_000_000

_CODINGS = (("br", ".br"), ("gzip", ".gz"))

Names = tuple[str, ...]


class Policy(NamedTuple):
    """What the user wants of the site."""

    indexes: bool = True
    """A folder's index.html stands for it."""
    listing: bool = True
    """A folder without one is listed."""
    spa: bool = False
    """Unknown paths get the root's index.html."""
    cors: bool = False
    """Any other site may read the responses."""
    fields: Sequence[tuple[str, str]] = ()
    """Fields for every response."""
    cache: float | None = None
    """Seconds for which others may keep an response; None is: only after asking us."""


class _Selected(NamedTuple):
    """The file that stands for a target, found or kept."""

    names: Names
    file: Found | CachedFile
    shown: str
    """The name that says of which type it is: of a compressed copy, that of its file."""
    fields: Sequence[tuple[str, str]] = ()
    """What must be said of the choice."""


class StaticFiles:
    """Responds to GET and HEAD with the files of a root."""

    def __init__(self, root: Root, policy: Policy) -> None:
        self.cache: SmallFileCache = SmallFileCache()
        self._root = root
        self._policy = policy
        cache = "no-cache" if policy.cache is None else f"max-age={int(policy.cache)}"
        everywhere = [("X-Content-Type-Options", "nosniff")]
        if policy.cors:
            everywhere.append(("Access-Control-Allow-Origin", "*"))
        self._common: Pairs = [("Cache-Control", cache), *everywhere]
        # What is wrong now may be right in a moment, however long the files are good for.
        self._common_of_errors: Pairs = [("Cache-Control", "no-cache"), *everywhere]
        self._replaced = {name.lower() for name, _ in policy.fields} - {"vary"}

    def respond(self, request: Request) -> Response:
        """Return the response to a request; one that cannot be served is refused in words."""
        try:
            response = self._respond(request)
        except RequestRefusedError as error:
            response = self._refuse(error.status, str(error))
        except PermissionError:
            response = self._refuse(403, "this file may not be read")
        except (FileNotFoundError, NotADirectoryError):
            response = self._refuse(404, "nothing is here any more")
        except OSError as error:
            # No descriptor is left, or the disk does not answer: the next try may go better.
            why = error.strerror or "no reason given"
            response = self._refuse(503, f"this cannot be read just now: {why}", [("Retry-After", "1")])
        own = self._policy.fields
        if not own:
            return response
        kept = [pair for pair in response.fields if pair[0].lower() not in self._replaced]
        return response._replace(fields=[*kept, *own])

    def _respond(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return self._respond_to_other_method(request)
        path = resolve_target(request.target, windows=os.name == "nt")
        there = self._find(path.names)
        selected: _Selected | None = None
        if isinstance(there, Found) and there.directory:
            if path.names and not path.directory:
                moved = [("Location", make_slash_location(path))]
                return self._refuse(301, "the name of a folder ends in a slash", moved)
            if self._policy.indexes:
                selected = self._select((*path.names, "index.html"))
            if selected is None and self._policy.listing:
                return self._list(request, path, there)
        elif not path.directory:
            # `file/` is not `file`: relative links in it would lead elsewhere.
            selected = self._select(path.names, there)
        response = self._send(request, selected)
        if response is None and self._policy.spa:
            response = self._send(request, self._select(("index.html",)))
        return response or self._refuse(404, "nothing is here")

    def _respond_to_other_method(self, request: Request) -> Response:
        allow = "GET, HEAD, OPTIONS" if self._policy.cors else "GET, HEAD"
        if self._policy.cors and request.method == "OPTIONS" and not request.has_body:
            more = [("Allow", allow), ("Access-Control-Allow-Methods", allow)]
            if asked := request.fields.get("access-control-request-headers"):
                more.append(("Access-Control-Allow-Headers", asked))
            return Response(204, [*more, *self._common])
        # A body may follow that was not asked for: with the connection it ends as well.
        return self._refuse(405, f"{request.method} is not for files", [("Allow", allow)], close=True)

    # Finding

    def _find(self, names: Names) -> "Found | CachedFile | None":
        """Return what is there, as it is kept, for a second without looking, or as it is found."""
        cached = self.cache.get_file(names)
        if cached is not None:
            now = time.time()
            # A clock that was set back must not make a kept file young for ever.
            if cached.checked <= now < cached.cacheable_until:
                return cached
            found = self._root.find(names)
            if found is not None and found.path == cached.path and _is_same(found.status, cached.status):
                cached = cached._replace(checked=now)
                self.cache.put_file(names, cached)
                return cached
            self.cache.discard_file(names)
            return found
        return self._root.find(names)

    def _select(self, names: Names, there: "Found | CachedFile | None" = None) -> _Selected | None:
        """Return the file of these names; None if none is there."""
        file = there or self._find(names)
        if file is None or (isinstance(file, Found) and file.directory):
            return None
        return _Selected(names, file, names[-1])

    def _negotiate(self, request: Request, selected: _Selected) -> _Selected:
        """Return the compressed copy beside a file, if there is one and the client takes it."""
        accepted = request.fields.get("accept-encoding")
        for coding, ending in _CODINGS:
            copy = self._select((*selected.names[:-1], selected.names[-1] + ending))
            # A compressed copy that is older than its file is of another file.
            if copy is not None and copy.file.status.st_mtime_ns >= selected.file.status.st_mtime_ns:
                if accepted is not None and accepts_coding(accepted, coding):
                    fields = [("Content-Encoding", coding), ("Vary", "Accept-Encoding")]
                    return copy._replace(shown=selected.shown, fields=fields)
                selected = selected._replace(fields=[("Vary", "Accept-Encoding")])
        return selected

    # Sending

    def _send(self, request: Request, selected: _Selected | None) -> Response | None:
        """Return the response with a file; None if it is there no more."""
        if selected is None:
            return None
        selected = self._negotiate(request, selected)
        file, now = selected.file, time.time()
        if isinstance(file, CachedFile):
            validators = _make_validators(file.status, len(file.body), now)
            return self._decide(request, selected, validators, file.body, file.cacheable_until)
        opened = self._root.open(file)
        if opened is None:
            return None
        size = opened.status.st_size
        if size > MAX_CACHED_FILE:
            return self._decide(
                request, selected, _make_validators(opened.status, size, now), opened.descriptor
            )
        try:
            body = _read(opened.descriptor, MAX_CACHED_FILE + 1)
        finally:
            os.close(opened.descriptor)
        if len(body) > MAX_CACHED_FILE:
            body = body[:size]  # It has grown meanwhile; the part that it was is whole.
        cached = CachedFile(now, file.path, opened.status, body)
        # One of another size is being written just now, and one that was changed within the clock's tick
        # may change again and look the same.
        if len(body) == size and now - opened.status.st_mtime >= _TICK_NS / 1e9:
            self.cache.put_file(selected.names, cached)
        validators = _make_validators(opened.status, len(body), now)
        return self._decide(request, selected, validators, body, cached.cacheable_until)

    def _decide(
        self,
        request: Request,
        selected: _Selected,
        file: Validators,
        content: bytes | int,
        cacheable_until: float = 0.0,
    ) -> Response:
        """Judge conditions and ranges. `content` is the file's bytes, or its descriptor, to be closed."""
        decision = decide(request.method, request.fields, file, time.time())
        fields: Pairs = []
        if decision.status in (200, 206, 416):
            fields.append(("Accept-Ranges", "bytes"))
        modified = format_http_date(file.modified)
        fields += [("ETag", file.etag), ("Last-Modified", modified), *selected.fields]
        if decision.content_range is not None:
            fields.append(("Content-Range", decision.content_range))
        sent = request.method == "GET" and decision.length > 0 and decision.status in (200, 206)
        if isinstance(content, int) and not sent:
            os.close(content)
        if decision.status == 304:
            return Response(304, fields + self._common)
        if decision.status not in (200, 206):
            told = {412: "the file is not what the request expects", 416: "the file is shorter than that"}
            # These words are not compressed, whatever the file is.
            fields = [pair for pair in fields if pair[0] != "Content-Encoding"]
            return self._refuse(decision.status, told[decision.status], fields)
        fields.append(("Content-Type", guess_content_type(selected.shown)))
        fields.append(("Content-Length", str(decision.length)))
        fields += self._common
        if not sent:
            return Response(decision.status, fields)
        if isinstance(content, int):
            file_range = FileRange(content, decision.first, decision.length)
            return Response(decision.status, fields, file_range=file_range)
        if decision.status == 206:
            content = content[decision.first : decision.first + decision.length]
        return Response(decision.status, fields, content, cacheable_until=cacheable_until)

    def _list(self, request: Request, path: TargetPath, found: Found) -> Response:
        entries = [
            Entry(
                name, entry.directory, 0 if entry.directory else entry.status.st_size, entry.status.st_mtime
            )
            for name, entry in self._root.entries(found, path.names)
        ]
        if prefers_json(request.fields):
            body, kind = as_json(sorted(entries)), "application/json"
        else:
            body, kind = as_page(path.names, entries, path.query), "text/html; charset=utf-8"
        fields = [("Content-Type", kind), ("Content-Length", str(len(body))), ("Vary", "Accept")]
        if kind.startswith("text/html"):
            # Whatever the names in it are, nothing in the page runs or loads.
            policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"
            fields.append(("Content-Security-Policy", policy))
        return Response(200, fields + self._common, body if request.method == "GET" else b"")

    def _refuse(self, status: int, text: str, fields: Pairs | None = None, close: bool = False) -> Response:
        return text_response(status, text, [*(fields or []), *self._common_of_errors], close)


def _read(descriptor: int, most: int) -> bytes:
    """Read a file to its end, or `most` bytes of it; those in /proc come in pieces. Raises OSError."""
    body = b""
    while piece := os.read(descriptor, most - len(body)):
        body += piece
    return body


def _make_validators(status: os.stat_result, size: int, now: float) -> Validators:
    weak = "W/" if now * 1e9 - status.st_mtime_ns < _TICK_NS else ""
    etag = f'{weak}"{status.st_mtime_ns:x}-{size:x}-{status.st_ino:x}"'
    # A file from the future is told to be from now (RFC 9110 section 8.8.2.1).
    modified = max(0, min(int(status.st_mtime), int(now)))
    return Validators(etag, modified, size, status.st_mtime_ns % 1_000_000_000 != 0)


def _is_same(status: os.stat_result, other: os.stat_result) -> bool:
    return (status.st_mtime_ns, status.st_size, status.st_ino, status.st_dev, status.st_ctime_ns) == (
        other.st_mtime_ns,
        other.st_size,
        other.st_ino,
        other.st_dev,
        other.st_ctime_ns,
    )
