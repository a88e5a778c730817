"""Static files as answers to requests (RFC 9110), within what the user allows."""

import os
import time
from collections.abc import Sequence
from typing import NamedTuple

from pynetdb.net.server.file_range import FileRange
from pynetdb.protocols.http.conditions import Validators, decide
from pynetdb.protocols.http.dates import format_http_date
from pynetdb.protocols.http.fields import Fields
from pynetdb.protocols.http.media_types import guess_content_type
from pynetdb.protocols.http.requests import Request, RequestRefusedError
from pynetdb.protocols.http.targets import TargetPath, make_slash_location, resolve_target
from pynetdb.servers.http.listing import Entry, as_json, as_page
from pynetdb.servers.http.response import Answer, Pairs, plain
from pynetdb.servers.http.root import Found, Root

# A file that is small is kept, so that the next request for it costs a look at a dictionary.
MAX_KEPT = 128 * 1024
# All files that are kept, together: this and not the folder's size is what memory depends on.
MAX_KEPT_IN_ALL = 8 * 1024 * 1024
# For so long a kept file is believed to be what it was.
RECHECK = 1.0

# A file that was changed a moment ago may be changed again within the same tick of the file system's
# clock: its time and size are then no strong validator (RFC 9110 section 8.8.3).
_TICK_NS = 20_000_000

_CODINGS = (("br", ".br"), ("gzip", ".gz"))


class Policy(NamedTuple):
    """What the user wants of the site."""

    indexes: bool = True
    """A folder's index.html stands for it."""
    listing: bool = True
    """A folder without one is listed."""
    spa: bool = False
    """Unknown paths get the root's index.html."""
    cors: bool = False
    """Any other site may read the answers."""
    fields: Sequence[tuple[str, str]] = ()
    """Fields for every answer."""
    cache: float | None = None
    """Seconds for which others may keep an answer; None is: only after asking us."""


class _Kept(NamedTuple):
    """A small file in memory."""

    checked: float
    path: str
    status: os.stat_result
    body: bytes


class Site:
    """Answers GET and HEAD with the files of a root."""

    def __init__(self, root: Root, policy: Policy) -> None:
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
        self._kept: dict[tuple[str, ...], _Kept] = {}
        self._kept_bytes = 0

    def answer(self, request: Request) -> Answer:
        """Return the answer to a request; one that has no answer here is refused in words."""
        answer = self._judge(request)
        own = self._policy.fields
        if not own:
            return answer
        kept = [pair for pair in answer.fields if pair[0].lower() not in self._replaced]
        return answer._replace(fields=[*kept, *own])

    def _judge(self, request: Request) -> Answer:
        if request.method not in ("GET", "HEAD"):
            return self._other_method(request)
        try:
            path = resolve_target(request.target, windows=os.name == "nt")
        except RequestRefusedError as error:
            return self._plain(error.status, str(error))
        try:
            return self._get(request, path)
        except PermissionError:
            return self._plain(403, "this file may not be read")
        except (FileNotFoundError, NotADirectoryError):
            return self._plain(404, "nothing is here any more")
        except OSError as error:
            # No descriptor is left, or the disk does not answer: the next try may go better.
            why = error.strerror or "no reason given"
            return self._plain(503, f"this cannot be read just now: {why}", [("Retry-After", "1")])

    def _other_method(self, request: Request) -> Answer:
        allow = "GET, HEAD, OPTIONS" if self._policy.cors else "GET, HEAD"
        if self._policy.cors and request.method == "OPTIONS" and not request.has_body:
            more = [("Allow", allow), ("Access-Control-Allow-Methods", allow)]
            if asked := request.fields.get("access-control-request-headers"):
                more.append(("Access-Control-Allow-Headers", asked))
            return Answer(204, [*more, *self._common])
        # A body may follow that was not asked for: with the connection it ends as well.
        return self._plain(405, f"{request.method} is not for files", [("Allow", allow)], close=True)

    def _get(self, request: Request, path: TargetPath) -> Answer:
        there = self._there(path.names)
        if isinstance(there, Found) and there.directory:
            if path.names and not path.directory:
                moved = [("Location", make_slash_location(path))]
                return self._plain(301, "the name of a folder ends in a slash", moved)
            index = (*path.names, "index.html")
            if self._policy.indexes and (page := self._file_there(index)) is not None:
                return self._file(request, index, page)
            if self._policy.listing:
                return self._listing(request, path, there)
        elif there is not None and not path.directory:
            # `file/` is not `file`: relative links in it would lead elsewhere.
            answer = self._file(request, path.names, there)
            if answer.status != 404:
                return answer
        if self._policy.spa and (page := self._file_there(("index.html",))) is not None:
            return self._file(request, ("index.html",), page)
        return self._plain(404, "nothing is here")

    def _there(self, names: tuple[str, ...]) -> "Found | _Kept | None":
        """Return what is there, as it is kept, for a second without looking, or as it is found."""
        kept = self._kept.get(names)
        if kept is not None:
            now = time.time()
            # A clock that was set back must not make a kept file young for ever.
            kept = kept if 0 <= now - kept.checked < RECHECK else self._recheck(names, kept, now)
        return self._root.find(names) if kept is None else kept

    def _file_there(self, names: tuple[str, ...]) -> "Found | _Kept | None":
        there = self._there(names)
        return None if isinstance(there, Found) and there.directory else there

    def _file(self, request: Request, names: tuple[str, ...], there: "Found | _Kept") -> Answer:
        varies = False
        accepted = request.fields.get("accept-encoding")
        for coding, ending in _CODINGS:
            sidecar = (*names[:-1], names[-1] + ending)
            copy = self._file_there(sidecar)
            # A compressed copy that is older than its file is of another file.
            if copy is not None and copy.status.st_mtime_ns >= there.status.st_mtime_ns:
                varies = True
                if accepted is not None and _accepts(accepted, coding):
                    more = [("Content-Encoding", coding), ("Vary", "Accept-Encoding")]
                    return self._send(request, sidecar, names[-1], more, copy)
        return self._send(request, names, names[-1], [("Vary", "Accept-Encoding")] if varies else [], there)

    def _send(
        self, request: Request, names: tuple[str, ...], shown: str, more: Pairs, there: "Found | _Kept"
    ) -> Answer:
        now = time.time()
        if isinstance(there, _Kept):
            file = _validators(there.status, len(there.body), now)
            return self._answer(request, shown, more, file, there.body, there.checked + RECHECK)
        opened = self._root.open(there)
        if opened is None:
            return self._plain(404, "nothing is here")
        if opened.status.st_size > MAX_KEPT:
            file = _validators(opened.status, opened.status.st_size, now)
            return self._answer(request, shown, more, file, opened.descriptor)
        try:
            body = _read(opened.descriptor, MAX_KEPT + 1)
        finally:
            os.close(opened.descriptor)
        if len(body) > MAX_KEPT:
            body = body[: opened.status.st_size]  # It has grown meanwhile; the part that it was is whole.
        if len(body) == opened.status.st_size:  # Otherwise it is being written just now.
            self._keep(names, _Kept(now, there.path, opened.status, body))
        return self._answer(
            request, shown, more, _validators(opened.status, len(body), now), body, now + RECHECK
        )

    def _answer(
        self,
        request: Request,
        shown: str,
        more: Pairs,
        file: Validators,
        content: bytes | int,
        good_until: float = 0.0,
    ) -> Answer:
        """Judge conditions and ranges. `content` is the file's bytes, or its descriptor, to be closed."""
        decision = decide(request.method, request.fields, file, time.time())
        fields: Pairs = []
        if decision.status in (200, 206, 416):
            fields.append(("Accept-Ranges", "bytes"))
        fields += [("ETag", file.etag), ("Last-Modified", format_http_date(file.modified)), *more]
        if decision.content_range is not None:
            fields.append(("Content-Range", decision.content_range))
        sent = request.method == "GET" and decision.length > 0 and decision.status in (200, 206)
        if isinstance(content, int) and not sent:
            os.close(content)
        if decision.status == 304:
            return Answer(304, fields + self._common)
        if decision.status not in (200, 206):
            told = {412: "the file is not what the request expects", 416: "the file is shorter than that"}
            # These words are not compressed, whatever the file is.
            fields = [pair for pair in fields if pair[0] != "Content-Encoding"]
            return self._plain(decision.status, told[decision.status], fields)
        fields.append(("Content-Type", guess_content_type(shown)))
        fields.append(("Content-Length", str(decision.length)))
        fields += self._common
        if not sent:
            return Answer(decision.status, fields)
        if isinstance(content, int):
            return Answer(decision.status, fields, part=FileRange(content, decision.first, decision.length))
        if decision.status == 206:
            content = content[decision.first : decision.first + decision.length]
        return Answer(decision.status, fields, content, good_until=good_until)

    def _recheck(self, names: tuple[str, ...], kept: _Kept, now: float) -> _Kept | None:
        """Believe a kept file for another second, if nothing about it has changed."""
        found = self._root.find(names)
        if found is not None and found.path == kept.path and _same(found.status, kept.status):
            kept = kept._replace(checked=now)
            self._kept[names] = kept
            return kept
        del self._kept[names]
        self._kept_bytes -= len(kept.body)
        return None

    def _keep(self, names: tuple[str, ...], file: _Kept) -> None:
        # A file that was changed within the clock's tick may change again and look the same.
        if file.checked - file.status.st_mtime < _TICK_NS / 1e9:
            return
        while self._kept and self._kept_bytes + len(file.body) > MAX_KEPT_IN_ALL:
            oldest = next(iter(self._kept))
            self._kept_bytes -= len(self._kept.pop(oldest).body)
        self._kept[names] = file
        self._kept_bytes += len(file.body)

    def _listing(self, request: Request, path: TargetPath, found: Found) -> Answer:
        entries = [
            Entry(
                name, entry.directory, 0 if entry.directory else entry.status.st_size, entry.status.st_mtime
            )
            for name, entry in self._root.entries(found, path.names)
        ]
        if _wants_json(request.fields):
            body, kind = as_json(sorted(entries)), "application/json"
        else:
            body, kind = as_page(path.names, entries, path.query), "text/html; charset=utf-8"
        fields = [("Content-Type", kind), ("Content-Length", str(len(body))), ("Vary", "Accept")]
        if kind.startswith("text/html"):
            # Whatever the names in it are, nothing in the page runs or loads.
            policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"
            fields.append(("Content-Security-Policy", policy))
        return Answer(200, fields + self._common, body if request.method == "GET" else b"")

    def _plain(self, status: int, text: str, fields: Pairs | None = None, close: bool = False) -> Answer:
        return plain(status, text, [*(fields or []), *self._common_of_errors], close)


def _read(descriptor: int, most: int) -> bytes:
    """Read a file to its end, or `most` bytes of it; those in /proc come in pieces. Raises OSError."""
    body = b""
    while piece := os.read(descriptor, most - len(body)):
        body += piece
    return body


def _validators(status: os.stat_result, size: int, now: float) -> Validators:
    weak = "W/" if now * 1e9 - status.st_mtime_ns < _TICK_NS else ""
    etag = f'{weak}"{status.st_mtime_ns:x}-{size:x}-{status.st_ino:x}"'
    # A file from the future is told to be from now (RFC 9110 section 8.8.2.1).
    modified = max(0, min(int(status.st_mtime), int(now)))
    return Validators(etag, modified, size, status.st_mtime_ns % 1_000_000_000 != 0)


def _same(status: os.stat_result, other: os.stat_result) -> bool:
    return (status.st_mtime_ns, status.st_size, status.st_ino, status.st_dev, status.st_ctime_ns) == (
        other.st_mtime_ns,
        other.st_size,
        other.st_ino,
        other.st_dev,
        other.st_ctime_ns,
    )


def _accepts(field: str, coding: str) -> bool:
    """Whether Accept-Encoding allows a coding (RFC 9110 section 12.5.3)."""
    weights = dict(_weighted(field))
    return weights.get(coding, weights.get("*", 0.0)) > 0


def _wants_json(fields: Fields) -> bool:
    """Whether Accept asks for JSON more than for a page."""
    weights = dict(_weighted(fields.get("accept") or ""))
    json = max(weights.get("application/json", 0.0), weights.get("application/*", 0.0))
    return json > max(weights.get("text/html", 0.0), weights.get("text/*", 0.0))


def _weighted(field: str) -> list[tuple[str, float]]:
    found = []
    for member in field.lower().split(","):
        name, *parameters = (piece.strip() for piece in member.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    weight = min(1.0, max(0.0, float(parameter[2:])))
                except ValueError:
                    weight = 0.0
        if name:
            found.append((name, weight))
    return found
