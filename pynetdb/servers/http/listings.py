"""Listings as responses: a small folder at once, a large one in pieces as its peer takes them."""

import os
import time
from collections.abc import Callable, Generator, Iterator, Sequence

from pynetdb import __version__
from pynetdb.net.loop import Loop
from pynetdb.net.server.connection import HIGH_WATER, Connection
from pynetdb.protocols.http.conditions import Validators, decide
from pynetdb.protocols.http.negotiation import prefers_json
from pynetdb.protocols.http.requests import Request
from pynetdb.servers.http.folder import Folder, in_order, read_small
from pynetdb.servers.http.gradual import GradualWork
from pynetdb.servers.http.listing import Entry, Tally, View, json_row, page_row, parse_view
from pynetdb.servers.http.pages import CONTENT_POLICY, page_end, page_start
from pynetdb.servers.http.response import Pairs, Response, text_response
from pynetdb.servers.http.root import Found, Root
from pynetdb.servers.http.validators import hash_content, is_same, is_settled

# A folder with more names is not listed in one go. These take some five milliseconds.
MAX_AT_ONCE = 500

# A large folder that was read is good for so many seconds, as long as no name comes or goes: what is told
# of sizes and times may be as old as that.
KEPT_FOR = 1.0

# So many are held for those who are still taking them. One more, and who takes the oldest is too slow:
# readers that do not read shall not make us hold a folder each.
MAX_LIVE = 8

# What is written at a time; rows come to about 300 bytes.
_CHUNK = 16 * 1024
_ROWS_A_STEP = 32


class _Format:
    """How a listing is written: what stands before, for and behind its entries."""

    content_type = ""

    @property
    def identity(self) -> str:
        """What two listings of the same entries have in common if they are the same."""
        return self.content_type

    def start(self) -> str:
        raise NotImplementedError

    def row(self, entry: Entry, first: bool) -> str:
        raise NotImplementedError

    def end(self, tally: Tally) -> str:
        raise NotImplementedError


class _Json(_Format):
    content_type = "application/json"

    def start(self) -> str:
        return "["

    def row(self, entry: Entry, first: bool) -> str:
        return ("\n " if first else ",\n ") + json_row(entry)

    def end(self, tally: Tally) -> str:
        return "\n]\n" if tally.files + tally.folders else "]\n"


class _Page(_Format):
    content_type = "text/html; charset=utf-8"

    def __init__(self, title: str, names: Sequence[str], view: View) -> None:
        self._title = title
        self._names = names
        self._view = view

    @property
    def identity(self) -> str:
        return ascii((__version__, self._title, *self._names))

    def start(self) -> str:
        return page_start(self._title, self._names, self._view)

    def row(self, entry: Entry, first: bool) -> str:
        return page_row(entry)

    def end(self, tally: Tally) -> str:
        return page_end(tally, self._names, self._view)


class Listings:
    """Responds with listings of the folders of a root."""

    def __init__(self, root: Root) -> None:
        self._root = root
        self._work: GradualWork | None = None
        self._folders: dict[str, tuple[Folder, os.stat_result]] = {}
        """Those that may be shown to who comes now, with what they were when reading began."""
        self._streams: dict[Folder, set[ListingStream]] = {}
        """Those that are being sent, the oldest first, and by whom."""

    def respond(self, request: Request, names: Sequence[str], query: str, found: Found) -> Response:
        """Return the response with a listing of a folder that was found. Raises OSError."""
        page = not prefers_json(request.fields)
        view = parse_view(query, "name" if page else "plain")
        title = (names or [self._root.title])[-1]
        form = _Page(title, names, view) if page else _Json()
        fields = [("Content-Type", form.content_type), ("Vary", "Accept")]
        if page:
            fields.append(("Content-Security-Policy", CONTENT_POLICY))
        folder = self._get_kept(found)
        if folder is None:
            entries = self._root.entries(found, names)
            try:
                small = read_small(entries, MAX_AT_ONCE, found.path)
            finally:
                entries.close()
            if small is not None:
                return _respond_at_once(request, form, in_order(small, view), fields)
        if request.method == "HEAD":
            # Its length and its validator would cost what the listing costs.
            return Response(200, fields)
        if folder is None:
            folder = Folder(self._root.entries(found, names))
            if is_settled(found.status, time.time()):
                self._folders[found.path] = (folder, found.status)
        stream = ListingStream(self, found.path, folder, form, view, request)
        return Response(200, fields, stream=stream, stream_ends=True, late=True)

    def _get_kept(self, found: Found) -> Folder | None:
        folder, status = self._folders.get(found.path, (None, found.status))
        return folder if is_same(found.status, status) else None

    def work(self, loop: Loop) -> GradualWork:
        """Return what does the work of all listings, a slice in each turn of the loop."""
        if self._work is None:
            self._work = GradualWork(loop.call_soon)
        return self._work

    def join(self, folder: Folder, stream: "ListingStream") -> None:
        """Somebody begins to send from a folder."""
        streams = self._streams.setdefault(folder, set())
        streams.add(stream)
        if len(self._streams) > MAX_LIVE:
            for slow in list(next(iter(self._streams.values()))):
                slow.abort()

    def leave(self, path: str, folder: Folder, stream: "ListingStream") -> None:
        """Somebody is done with a folder."""
        streams = self._streams[folder]
        streams.discard(stream)
        if not streams:
            del self._streams[folder]
            if not folder.done or not self._is_shown(path, folder):
                self._forget(path, folder)

    def expire(self, path: str, folder: Folder, loop: Loop) -> None:
        """A folder was read: after a moment it is read anew for who comes then."""
        loop.call_later(KEPT_FOR, lambda: self._forget(path, folder))

    def _is_shown(self, path: str, folder: Folder) -> bool:
        return path in self._folders and self._folders[path][0] is folder

    def _forget(self, path: str, folder: Folder) -> None:
        if self._is_shown(path, folder):
            del self._folders[path]
        if folder not in self._streams and self._work is not None:
            self._work.add(folder.clear())


def _respond_at_once(request: Request, form: _Format, entries: list[Entry], fields: Pairs) -> Response:
    tally = Tally()
    tally.add(entries)
    rows = "".join(form.row(entry, not number) for number, entry in enumerate(entries))
    body = f"{form.start()}{rows}{form.end(tally)}".encode("utf-8", "backslashreplace")
    etag = hash_content(body)
    fields.insert(0, ("ETag", etag))
    if (decided := _decide(request, etag, fields)) is not None:
        return decided
    fields.append(("Content-Length", str(len(body))))
    return Response(200, fields, body if request.method == "GET" else b"")


def _decide(request: Request, etag: str, fields: Pairs) -> Response | None:
    """Return the response if the listing is not wanted."""
    # When a listing changed nobody knows: a file in it may have been replaced by an older one.
    decision = decide(request.method, request.fields, Validators(etag, None, 0), time.time())
    if decision.status == 304:
        return Response(304, [pair for pair in fields if pair[0] != "Content-Type"])
    if decision.status == 412:
        return text_response(412, "the listing is not what the request expects", [("ETag", etag)])
    return None


class ListingStream:
    """Writes a listing as the peer takes it: rows are made when there is room for them.

    The folder is read before the head is written, for the head tells the listing's entity tag.
    """

    promised: Response
    encode_head: Callable[[Response], bytes]

    def __init__(
        self, listings: Listings, path: str, folder: Folder, form: _Format, view: View, request: Request
    ) -> None:
        self._listings = listings
        self._path = path
        self._folder = folder
        self._form = form
        self._view = view
        self._request = request
        self._chunked = request.minor_version > 0
        self._has_head = False
        self.length = 0
        self._waiting = False
        self._steps: Iterator[None] = self._write_all()

    def begin(self, connection: Connection) -> None:
        self._connection = connection
        self._listings.join(self._folder, self)
        self._listings.work(connection.loop).add(self._until_full())

    def drained(self) -> None:
        if self._waiting:
            self._waiting = False
            self._listings.work(self._connection.loop).add(self._until_full())

    def lost(self, error: OSError | None) -> None:
        # A step may be what has lost it, by writing: such a generator cannot be closed, only let go.
        self._steps = iter(())
        self._listings.leave(self._path, self._folder, self)

    def abort(self) -> None:
        """Give up: the peer takes too little."""
        self._connection.abort(TimeoutError("a listing that was not taken"))

    def _until_full(self) -> Iterator[None]:
        """Go on until the peer must take something first, or all is written."""
        connection = self._connection
        while not connection.closed:
            if connection.pending > HIGH_WATER:
                self._waiting = True
                return
            try:
                next(self._steps)
            except StopIteration:
                if not connection.closed:
                    connection.close_gracefully()
                return
            except OSError as error:
                if self._has_head:
                    connection.abort(error)  # The page stays without its end, which a browser sees.
                    return
                why = error.strerror or "no reason given"
                told = f"this cannot be read just now: {why}"
                self._respond(text_response(503, told, [("Retry-After", "1")]))
                connection.close_gracefully()
                return
            yield

    def _respond(self, response: Response) -> None:
        """Write a head, and the body of what is no listing."""
        own = {name.lower() for name, _ in response.fields} | {"content-type", "content-security-policy"}
        more = [pair for pair in self.promised.fields if pair[0].lower() not in own]
        response = response._replace(fields=[*response.fields, *more])
        self._has_head = True
        self.length += len(response.body)
        self._connection.write(self.encode_head(response) + response.body)

    def _write_all(self) -> Generator[None]:
        folder, form, view = self._folder, self._form, self._view
        while not folder.done:
            folder.read_step()
            if folder.done:
                self._listings.expire(self._path, folder, self._connection.loop)
            yield
        etag = hash_content(ascii((folder.digest, view, form.identity)).encode())
        fields = [("ETag", etag), *self.promised.fields]
        if (decided := _decide(self._request, etag, fields)) is not None:
            self._respond(decided)
            return
        if self._chunked:
            fields.append(("Transfer-Encoding", "chunked"))
        self._respond(Response(200, fields))
        self._write(form.start())
        order = folder.order(view)
        while not order.done:
            order.step()
            yield
        tally, text, first = Tally(), "", True
        for start in range(0, len(order.numbers), _ROWS_A_STEP):
            numbers = order.numbers[start : start + _ROWS_A_STEP]
            shown = [entry for number in numbers if view.shows(entry := folder[number])]
            tally.add(shown)
            for entry in shown:
                text += form.row(entry, first)
                first = False
            if len(text) > _CHUNK:
                self._write(text)
                text = ""
            yield
        self._write(text + form.end(tally))
        if self._chunked:
            self._connection.write(b"0\r\n\r\n")

    def _write(self, text: str) -> None:
        data = text.encode("utf-8", "backslashreplace")
        self.length += len(data)
        self._connection.write(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data)
