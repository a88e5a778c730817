"""Small files in memory, and the responses that were made of them, within one budget."""

import os
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pynetdb.net.server.file_range import FileRange
    from pynetdb.servers.http.lookups import Lookup, Lookups
    from pynetdb.servers.http.root import Found
    from pynetdb.servers.http.served import Served

# For so many seconds a response is kept, for it tells its Date.
KEPT_FOR = 1.0

# All that is kept, together: this and not the folder's size is what memory depends on.
MAX_BYTES = 8 * 1024 * 1024

# What an entry costs beside its bytes: its names, its place in the dictionary, its status. Empty files are
# not free.
_ENTRY_OVERHEAD = 1024

# Files that are large are kept open, no more than so many.
_MAX_OPEN = 16

# Responses are found by all of their request; a longer one is hardly sent twice.
_MAX_REQUEST = 4096


class CachedFile(NamedTuple):
    """A small file in memory."""

    found: "Found"
    """Where it is, and what it was when it was opened."""
    lookup: "Lookup"
    """What it was found by."""
    body: bytes
    etag: str
    """A hash of the content: the same on every machine, another for every content."""
    is_utf8: bool
    """Whether the content is text in UTF-8, or could be."""
    settled: bool = True
    """Whether a change will be seen in its status."""

    @property
    def path(self) -> str:
        """Where it is, without links."""
        return self.found.path

    @property
    def status(self) -> os.stat_result:
        """What it was when it was opened."""
        return self.found.status


@dataclass(slots=True, eq=False)
class CachedResponse:
    """A whole response, as it went to the peer; of a large file its head."""

    data: bytes
    keep_alive: bool
    basis: "Lookups"
    """What it was made of."""
    served: "Served | None" = None
    """What is told of it."""
    file_range: "FileRange | None" = None
    """What follows the head: never sent itself, but copied."""
    made: float = field(default_factory=time.monotonic)
    look: int = 0
    """When its basis was looked at, as the cache counts."""

    def close(self) -> None:
        """Let go of the file, if there is one."""
        if self.file_range is not None:
            self.file_range.close()


class SmallFileCache:
    """Keeps what is asked for again and again; the least recently used goes first.

    A file is found by its names below the root; a response that was made of one by the bytes of the request,
    so that a file that many want costs no parsing. Whether it is still what would be made is looked at once
    for all the requests of one turn of the loop: they had arrived before the look.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._size = 0
        self._files: OrderedDict[tuple[str, ...], CachedFile] = OrderedDict()
        self._responses: dict[bytes, CachedResponse] = {}
        self._open = 0
        self._turn = -1
        self._look = 0

    def get_file(self, names: tuple[str, ...]) -> CachedFile | None:
        """Return the file that is kept, which may have changed meanwhile."""
        file = self._files.get(names)
        if file is not None:
            self._files.move_to_end(names)
        return file

    def put_file(self, names: tuple[str, ...], file: CachedFile) -> None:
        """Keep a file, in place of what was kept by its names."""
        self.discard_file(names)
        self._size += _ENTRY_OVERHEAD + len(file.body)
        self._files[names] = file
        self._shrink()

    def discard_file(self, names: tuple[str, ...]) -> None:
        """Keep it no more."""
        file = self._files.pop(names, None)
        if file is not None:
            self._size -= _ENTRY_OVERHEAD + len(file.body)

    def get_response(self, request: bytes, turn: int) -> CachedResponse | None:
        """Return the response to the very same request, if it may be sent again in this turn of the loop."""
        response = self._responses.get(request)
        if response is None:
            return None
        if turn != self._turn:
            self._turn = turn
            self._look += 1
        if response.look != self._look:
            if time.monotonic() - response.made >= KEPT_FOR or not response.basis.hold():
                self._discard_response(request)
                return None
            response.look = self._look
        return response

    def look_again(self) -> None:
        """What was looked at in this turn may be older than the requests that come now."""
        self._turn = -1

    def put_response(self, request: bytes, response: CachedResponse) -> None:
        """Keep a response, unless it is too long or there is no room."""
        size = _ENTRY_OVERHEAD + len(request) + len(response.data)
        if len(request) > _MAX_REQUEST or size > self._max_bytes // 8:
            response.close()
            return
        if self._size + size > self._max_bytes or self._open == _MAX_OPEN:
            self.forget_responses()
        self._discard_response(request)
        self._size += size
        self._open += response.file_range is not None
        self._responses[request] = response

    def forget_responses(self) -> None:
        """Let go of all responses: they are good for a moment only, and made anew as they are asked for."""
        for request in list(self._responses):
            self._discard_response(request)

    def _discard_response(self, request: bytes) -> None:
        response = self._responses.pop(request, None)
        if response is not None:
            self._size -= _ENTRY_OVERHEAD + len(request) + len(response.data)
            self._open -= response.file_range is not None
            response.close()

    def _shrink(self) -> None:
        if self._size > self._max_bytes and self._responses:
            self.forget_responses()
        while self._size > self._max_bytes and self._files:
            self.discard_file(next(iter(self._files)))
