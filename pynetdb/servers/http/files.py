"""Static files as responses (RFC 9110), within what the user allows."""

import os
import time
from collections.abc import Sequence
from typing import NamedTuple

from pynetdb.net.server.file_range import FileRange
from pynetdb.protocols.http.conditions import Validators, decide
from pynetdb.protocols.http.dates import format_http_date
from pynetdb.protocols.http.media_types import DEFAULT_TYPE, guess_content_type
from pynetdb.protocols.http.negotiation import accepts_coding, accepts_page, names_page
from pynetdb.protocols.http.requests import Request, RequestRefusedError
from pynetdb.protocols.http.targets import TargetPath, make_slash_location, resolve_target
from pynetdb.servers.http.cache import CachedFile, SmallFileCache
from pynetdb.servers.http.listings import Listings
from pynetdb.servers.http.lookups import Lookup, Lookups
from pynetdb.servers.http.policy import CommonFields, Policy
from pynetdb.servers.http.response import Pairs, Response, text_response
from pynetdb.servers.http.root import Found, Names, Opened, Root
from pynetdb.servers.http.sidecars import CODINGS, CompressedCopies
from pynetdb.servers.http.validators import hash_content, is_same, is_settled, make_validators, tag_by_status

# A file that is small is kept, so that the next request for it costs a look at its status.
MAX_CACHED_FILE = 128 * 1024

# An open file can be in nobody's way there.
_CAN_KEEP_OPEN = os.name == "posix"

_UTF8 = "; charset=utf-8"


class _Selected(NamedTuple):
    """The file that stands for a target, found or kept."""

    names: Names
    file: Found | CachedFile
    fields: Sequence[tuple[str, str]] = ()
    """What must be said of the choice."""
    coding: str = ""
    """Of a compressed copy, how it is coded."""
    plain: "_Selected | None" = None
    """Of a compressed copy, its file."""
    alone: bool = True
    """Whether no copy is beside it, one that is being made neither."""


class StaticFiles:
    """Responds to GET and HEAD with the files of a root."""

    def __init__(self, root: Root, policy: Policy) -> None:
        self.cache: SmallFileCache = SmallFileCache()
        self._root = root
        self._policy = policy
        self._common = CommonFields(policy)
        self._copies = CompressedCopies(root)
        self._listings = Listings(root)
        self._lookups = Lookups()
        """Those of the request that is being responded to."""

    def respond(self, request: Request) -> Response:
        """Return the response to a request; one that cannot be served is refused in words."""
        path: TargetPath | None = None
        self._lookups = Lookups()
        try:
            if request.method not in ("GET", "HEAD"):
                return self._common.add_own(self._respond_to_other_method(request))
            path = resolve_target(request.target, windows=os.name == "nt")
            response = self._respond(request, path)
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
        if response.status >= 400:
            response = self._show_error(request, path, response)
        return self._common.add_own(response)

    def _respond(self, request: Request, path: TargetPath) -> Response:
        there = self._find(path.names)
        selected: _Selected | None = None
        folder = isinstance(there, Found) and there.directory
        if self._policy.clean_urls and path.names and not path.directory and (there is None or folder):
            # The page goes before a folder of its name, where what belongs to it may be.
            selected = self._select((*path.names[:-1], path.names[-1] + ".html"))
        if selected is not None:
            pass
        elif isinstance(there, Found) and there.directory:
            if path.names and not path.directory:
                moved = [("Location", make_slash_location(path))]
                return self._refuse(301, "the name of a folder ends in a slash", moved)
            if self._policy.indexes:
                selected = self._select((*path.names, "index.html"))
            if selected is None and self._policy.listing:
                listed = self._listings.respond(request, path.names, path.query, there)
                return listed._replace(fields=[*listed.fields, *self._common.of_files])
        elif not path.directory:
            # `file/` is not `file`: relative links in it would lead elsewhere.
            selected = self._select(path.names, there)
        response = self._send(request, selected)
        if response is None and self._policy.spa and self._is_navigation(request, path):
            response = self._send(request, self._select(("index.html",)))
        return response or self._refuse(404, "nothing is here")

    def _is_navigation(self, request: Request, path: TargetPath) -> bool:
        """Whether somebody goes to a place within the application, and no program fetches a file of it."""
        mode = request.fields.get("sec-fetch-mode")
        if mode is not None and mode != "navigate":
            return False
        kind = guess_content_type(path.names[-1], self._policy.types) if path.names else DEFAULT_TYPE
        # `/user/jane.doe` is a place, `/data.json` is a file; `/old.html` was a place.
        return (kind == DEFAULT_TYPE or kind.startswith("text/html")) and accepts_page(request.fields)

    def _respond_to_other_method(self, request: Request) -> Response:
        allow = "GET, HEAD, OPTIONS" if self._policy.cors else "GET, HEAD"
        if self._policy.cors and request.method == "OPTIONS" and not request.has_body:
            more = [("Allow", allow), ("Access-Control-Allow-Methods", allow)]
            if asked := request.fields.get("access-control-request-headers"):
                more.append(("Access-Control-Allow-Headers", asked))
            return Response(204, [*more, *self._common.of_files])
        # A body may follow that was not asked for: with the connection it ends as well.
        return self._refuse(405, f"{request.method} is not for files", [("Allow", allow)], close=True)

    # Finding

    def _find(self, names: Names, *, note_absence: bool = True) -> "Found | CachedFile | None":
        """Return what is there now, as it is kept or as it is found."""
        cached = self.cache.get_file(names)
        if cached is not None:
            if cached.lookup.holds():
                self._lookups.note(cached.lookup)
                return cached
            self.cache.discard_file(names)
        found = self._root.find(names)
        if found is not None or note_absence:
            self._lookups.note(Lookup(self._root, names, found))
        return found

    def _select(self, names: Names, there: "Found | CachedFile | None" = None) -> _Selected | None:
        """Return the file of these names; None if none is there."""
        file = there or self._find(names)
        if file is None or (isinstance(file, Found) and file.directory):
            return None
        return _Selected(names, file)

    def _negotiate(self, request: Request, selected: _Selected) -> _Selected:
        """Return the compressed copy beside a file, if there is one and the client takes it."""
        if not self._policy.sidecars:
            return selected
        accepted = request.fields.get("accept-encoding")
        for coding, ending in CODINGS:
            names = (*selected.names[:-1], selected.names[-1] + ending)
            # A copy that comes while a response is kept holds nothing that the response does not.
            there = self._find(names, note_absence=False)
            if there is None or (isinstance(there, Found) and there.directory):
                continue
            copy = _Selected(names, there)
            selected = selected._replace(alone=False)
            if not self._stands_for(copy, selected, coding):
                continue
            fields = [("Vary", "Accept-Encoding")]
            if accepted is not None and accepts_coding(accepted, coding):
                coded = [("Content-Encoding", coding), *fields]
                plain = selected._replace(fields=fields)
                return copy._replace(fields=coded, coding=coding, plain=plain, alone=False)
            selected = selected._replace(fields=fields)
        return selected

    def _stands_for(self, copy: _Selected, selected: _Selected, coding: str) -> bool:
        try:
            return self._copies.stands_for(copy.file, selected.file, coding)
        except OSError:
            return False  # It may not be read, or not just now: the file may.

    # Sending

    def _send(self, request: Request, selected: _Selected | None) -> Response | None:
        """Return the response with a file; None if it is there no more."""
        if selected is None:
            return None
        selected = self._negotiate(request, selected)
        content = self._load(selected)
        if selected.plain is not None and (
            content is None or not is_same(content.status, selected.file.status)
        ):
            # The copy has changed since we looked into it.
            if isinstance(content, Opened):
                os.close(content.descriptor)
            selected = selected.plain
            content = self._load(selected)
        if content is None:
            return None
        now = time.time()
        content_type = self._content_type(selected, content)
        if isinstance(content, CachedFile):
            file = make_validators(content.etag, content.status, len(content.body), now)
            return self._decide(request, selected, content_type, file, content.body, content.settled)
        etag = tag_by_status(content.status, selected.coding, now)
        file = make_validators(etag, content.status, content.status.st_size, now)
        # As with a small one, what may change again and look the same is not kept.
        keeps = is_settled(content.status, now) and selected.alone and _CAN_KEEP_OPEN
        return self._decide(request, selected, content_type, file, content, keeps)

    def _load(self, selected: _Selected) -> CachedFile | Opened | None:
        """Return a small file with its content, a large one open, and None for one that is gone."""
        file = selected.file
        if isinstance(file, CachedFile):
            return file
        now = time.time()
        opened = self._root.open(file)
        if opened is None:
            return None
        size = opened.status.st_size
        if size > MAX_CACHED_FILE:
            return opened
        try:
            body = _read(opened.descriptor, MAX_CACHED_FILE + 1)
        finally:
            os.close(opened.descriptor)
        if len(body) > MAX_CACHED_FILE:
            body = body[:size]  # It has grown meanwhile; the part that it was is whole.
        # One of another size is being written just now, and one that was changed within the clock's tick
        # may change again and look the same.
        settled = len(body) == size and is_settled(opened.status, now)
        found = file._replace(status=opened.status)
        lookup = Lookup(self._root, selected.names, found)
        cached = CachedFile(found, lookup, body, hash_content(body), _is_utf8(body), settled)
        if settled:
            self.cache.put_file(selected.names, cached)
        return cached

    def _content_type(self, selected: _Selected, content: CachedFile | Opened) -> str:
        """Return the type of a file, of a compressed copy that of its file."""
        shown = selected.plain or selected
        kind = guess_content_type(shown.names[-1], self._policy.types)
        if not kind.endswith(_UTF8) or kind in self._policy.types.values():
            return kind
        plain = content if selected.plain is None else self._load_small(selected.plain)
        # What browsers find out by themselves is better than what we would say wrongly.
        wrong = isinstance(plain, CachedFile) and not plain.is_utf8
        return kind.removesuffix(_UTF8) if wrong else kind

    def _load_small(self, selected: _Selected) -> CachedFile | None:
        """Return the content of a small file that need not be readable."""
        if selected.file.status.st_size > MAX_CACHED_FILE:
            return None
        try:
            content = self._load(selected)
        except OSError:
            return None
        if isinstance(content, Opened):
            os.close(content.descriptor)
            return None
        return content

    def _decide(
        self,
        request: Request,
        selected: _Selected,
        content_type: str,
        file: Validators,
        content: bytes | Opened,
        keeps: bool,
    ) -> Response:
        """Judge conditions and ranges. `content` is the file's bytes, or the open file, to be closed.

        `keeps` is whether the response may be kept, for as long as its lookups hold.
        """
        basis = self._lookups if keeps else None
        decision = decide(request.method, request.fields, file, time.time())
        fields: Pairs = []
        if decision.status in (200, 206, 416):
            fields.append(("Accept-Ranges", "bytes"))
        modified = format_http_date(file.modified or 0)
        fields += [("ETag", file.etag), ("Last-Modified", modified), *selected.fields]
        if decision.content_range is not None:
            fields.append(("Content-Range", decision.content_range))
        sent = request.method == "GET" and decision.length > 0 and decision.status in (200, 206)
        if isinstance(content, Opened) and not sent:
            os.close(content.descriptor)
        if decision.status == 304:
            return Response(304, fields + self._common.of_files)
        if decision.status not in (200, 206):
            told = {412: "the file is not what the request expects", 416: "the file is shorter than that"}
            # These words are not compressed, whatever the file is.
            fields = [pair for pair in fields if pair[0] != "Content-Encoding"]
            return self._refuse(decision.status, told[decision.status], fields)
        fields.append(("Content-Type", content_type))
        fields.append(("Content-Length", str(decision.length)))
        fields += self._common.of_files
        if not sent:
            return Response(decision.status, fields)
        if isinstance(content, Opened):
            part = FileRange(content.descriptor, decision.first, decision.length)
            return Response(decision.status, fields, file_range=part, basis=basis)
        if decision.status == 206:
            content = content[decision.first : decision.first + decision.length]
        return Response(decision.status, fields, content, basis=basis)

    # Refusing

    def _refuse(self, status: int, text: str, fields: Pairs | None = None, close: bool = False) -> Response:
        return text_response(status, text, [*(fields or []), *self._common.of_errors], close)

    def _show_error(self, request: Request, path: TargetPath | None, response: Response) -> Response:
        """Return what is shown in place of our few words: the site's own 404.html, or a page for browsers."""
        body: bytes | None = None
        more: Pairs = []
        if response.status == 404:
            selected = self._select(("404.html",))
            own = None if selected is None else self._load_small(selected)
            if selected is not None and own is not None:
                body, more = own.body, [("Content-Type", self._content_type(selected, own))]
        if body is None and names_page(request.fields):
            from pynetdb.servers.http.pages import CONTENT_POLICY, error_page

            names = path.names if path else ()
            text = response.body.decode().removesuffix("\n")
            page = error_page(response.status, text, names, directory=path is None or path.directory)
            body = page.encode("utf-8", "backslashreplace")
            more = [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", CONTENT_POLICY)]
            if "Vary" not in dict(response.fields):
                more.append(("Vary", "Accept"))
        if body is None:
            return response
        kept = [pair for pair in response.fields if pair[0] not in ("Content-Type", "Content-Length")]
        return response._replace(fields=[*more, ("Content-Length", str(len(body))), *kept], body=body)


def _read(descriptor: int, most: int) -> bytes:
    """Read a file to its end, or `most` bytes of it; those in /proc come in pieces. Raises OSError."""
    body = b""
    while piece := os.read(descriptor, most - len(body)):
        body += piece
    return body


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
