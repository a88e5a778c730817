"""Compressed copies beside a file: which of them really stand for it."""

import os
import time
from collections import OrderedDict

from pynetdb.servers.http.cache import CachedFile
from pynetdb.servers.http.root import Found, Root
from pynetdb.servers.http.validators import is_same

CODINGS = (("br", ".br"), ("gzip", ".gz"))
"""Content codings, the better one first, with the ending of a copy's name."""

# RFC 1952 section 2.3: two bytes by which gzip is known and the method, which is always deflate; at the very
# end the size of what was compressed, modulo 2^32.
_GZIP_MAGIC = b"\x1f\x8b\x08"
_GZIP_MIN_SIZE = 18

# A brotli file says nothing about its end. One that was changed so short a time ago may still be written.
_BROTLI_SETTLED = 2.0

# Large copies are looked into once; for so many it is remembered.
_MAX_VERDICTS = 1024


class CompressedCopies:
    """Judges copies, and remembers what it found in the large ones for as long as they do not change."""

    def __init__(self, root: Root) -> None:
        self._root = root
        self._verdicts: OrderedDict[str, tuple[os.stat_result, int, bool]] = OrderedDict()

    def stands_for(self, copy: Found | CachedFile, file: Found | CachedFile, coding: str) -> bool:
        """Whether a copy is whole and of this file. Raises OSError if it cannot be read."""
        if copy.status.st_mtime_ns < file.status.st_mtime_ns:
            return False  # It is of another file, which had this name.
        if coding == "br":
            return copy.status.st_size > 0 and time.time() - copy.status.st_mtime >= _BROTLI_SETTLED
        size = len(file.body) if isinstance(file, CachedFile) else file.status.st_size
        if isinstance(copy, CachedFile):
            return _is_gzip_of(size, copy.body[:3], copy.body[-4:], len(copy.body))
        known = self._verdicts.get(copy.path)
        if known is not None and known[1] == size and is_same(known[0], copy.status):
            self._verdicts.move_to_end(copy.path)
            return known[2]
        verdict = self._look_into(copy, size)
        self._verdicts[copy.path] = (copy.status, size, verdict)
        if len(self._verdicts) > _MAX_VERDICTS:
            self._verdicts.popitem(last=False)
        return verdict

    def _look_into(self, copy: Found, size: int) -> bool:
        opened = self._root.open(copy)
        if opened is None:
            return False
        try:
            length = copy.status.st_size
            if length < _GZIP_MIN_SIZE or not is_same(opened.status, copy.status):
                return False
            first = os.read(opened.descriptor, 3)
            os.lseek(opened.descriptor, length - 4, os.SEEK_SET)
            return _is_gzip_of(size, first, os.read(opened.descriptor, 4), length)
        finally:
            os.close(opened.descriptor)


def _is_gzip_of(size: int, first: bytes, last: bytes, length: int) -> bool:
    """Whether a file that begins and ends so is gzip's, whole, of so many bytes."""
    if length < _GZIP_MIN_SIZE or first != _GZIP_MAGIC:
        return False
    return int.from_bytes(last, "little") == size % (1 << 32)
