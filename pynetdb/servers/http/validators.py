"""Entity tags that are the same on every machine and change with every content (RFC 9110 section 8.8.3)."""

import os
from operator import attrgetter

from pynetdb.protocols.http.conditions import Validators

# A file that was changed a moment ago may be changed again within the same tick of the file system's
# clock: its time and size are then no strong validator (RFC 9110 section 8.8.3).
TICK_NS = 20_000_000


_get_identity = attrgetter("st_mtime_ns", "st_size", "st_ino", "st_dev", "st_ctime_ns")


def identify(status: os.stat_result) -> tuple[int, ...]:
    """Return what changes with a file, as far as the file system can tell."""
    identity: tuple[int, ...] = _get_identity(status)
    return identity


def is_same(status: os.stat_result, other: os.stat_result) -> bool:
    """Whether a file is still the one that it was, as far as the file system can tell."""
    return identify(status) == identify(other)


def is_settled(status: os.stat_result, now: float) -> bool:
    """Whether a file that is changed from now on (seconds since 1970) will be seen to be another.

    What copies a file sets its time back, and not that of the change (`st_ctime`).
    """
    return now * 1e9 - max(status.st_mtime_ns, status.st_ctime_ns) >= TICK_NS


def hash_content(content: bytes) -> str:
    """Return the entity tag of a content that we hold, quotes included."""
    import hashlib  # Loads OpenSSL: only who serves a file pays for it.

    return f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'


def tag_by_status(status: os.stat_result, coding: str, now: float) -> str:
    """Return the entity tag of a file that is too large to be read for it; weak while it may just change.

    No inode: the same file has another one on another machine. `coding` keeps a compressed copy apart from
    its file.
    """
    weak = "W/" if now * 1e9 - status.st_mtime_ns < TICK_NS else ""
    ending = f"-{coding}" if coding else ""
    return f'{weak}"{status.st_mtime_ns:x}-{status.st_size:x}{ending}"'


def make_validators(etag: str, status: os.stat_result, size: int, now: float) -> Validators:
    """Return what conditions are judged by. `now` is in seconds since 1970."""
    # A file from the future is told to be from now (RFC 9110 section 8.8.2.1).
    modified = max(0, min(int(status.st_mtime), int(now)))
    return Validators(etag, modified, size, status.st_mtime_ns % 1_000_000_000 != 0)
