"""A folder that is read and sorted in pieces, once for all who ask at the same time."""

import heapq
import os
from array import array
from collections.abc import Generator, Iterable, Iterator
from itertools import chain

from pynetdb.servers.http.listing import Entry, View, sort_key
from pynetdb.servers.http.root import Found

# In a step: so many names looked at or entries put in order take less than a millisecond.
_STEP = 64
# Pieces that are sorted at once, before they are merged one entry after the other.
_PIECE = 256

# Of the sum of what entries hash to.
_MODULUS = 2**128

# A link is followed from the root on, which takes as long as so many plain names.
_COST_OF_LINK = 8


def to_entry(name: str, found: Found) -> Entry:
    """Return what a listing shows of what is there."""
    status = found.status
    return Entry(name, found.directory, 0 if found.directory else status.st_size, status.st_mtime)


def read_small(entries: Iterator[tuple[str, Found] | None], most: int, folder: str) -> list[Entry] | None:
    """Return the entries of a folder with no more than `most` names, links counting for more; else None.

    Raises OSError.
    """
    read = []
    cost = 0
    for item in entries:
        cost += 1
        if item is not None:
            read.append(to_entry(*item))
        if item is None or item[1].path not in (item[0], os.path.join(folder, item[0])):
            cost += _COST_OF_LINK  # It was a link, or may have been one.
        if cost > most:
            return None
    return read


def in_order(entries: Iterable[Entry], view: View) -> list[Entry]:
    """Return entries as a view wants to see them, folders first unless it is a plain one."""
    key = sort_key(view)
    ordered = sorted(filter(view.shows, entries), key=key, reverse=view.down)
    return ordered if view.key == "plain" else sorted(ordered, key=lambda entry: not entry.directory)


class Folder:
    """A large folder, read and put in order by whoever needs it first, a step at a time.

    What was read stays as it was; a folder that changes meanwhile is shown as it was met. It is kept in
    columns: an object for each entry would make the garbage collector hold everybody up.
    """

    def __init__(self, entries: Generator[tuple[str, Found] | None]) -> None:
        self.done = False
        """Whether it has been read to its end."""
        self._scan = entries
        self._names: list[str] = []
        self._sizes = array("q")  # -1 for a folder
        self._times = array("d")
        self._orders: dict[tuple[str, bool], Order] = {}
        self._sum = 0

    @property
    def digest(self) -> str:
        """What changes with every entry, whatever the order in which they were met."""
        return f"{self._sum:x}-{len(self)}"

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, number: int) -> Entry:
        size = self._sizes[number]
        return Entry(self._names[number], size < 0, max(size, 0), self._times[number])

    def is_folder(self, number: int) -> bool:
        """Whether that entry is one."""
        return self._sizes[number] < 0

    def read_step(self) -> None:
        """Read some more names. Raises OSError."""
        from hashlib import blake2b  # Loads OpenSSL: only who lists a folder pays for it.

        for _ in range(_STEP):
            try:
                item = next(self._scan)
            except StopIteration:
                self.done = True
                return
            if item is not None:
                name, directory, size, modified = entry = to_entry(*item)
                digest = blake2b(ascii(entry).encode(), digest_size=16).digest()
                self._sum = (self._sum + int.from_bytes(digest)) % _MODULUS
                self._names.append(name)
                self._sizes.append(-1 if directory else size)
                self._times.append(modified)

    def order(self, view: View) -> "Order":
        """Return the order that a view wants, which others may have begun already; for what is `done`."""
        by = (view.key, view.down)
        if by not in self._orders:
            self._orders[by] = Order(self, view)
        return self._orders[by]

    def clear(self) -> Iterator[None]:
        """Forget it, in steps: letting go of so many names takes its time too."""
        self._scan.close()
        self._orders.clear()
        return _clear(self._names)


class Order:
    """The numbers of entries that are being put in order: sorting in one go would hold the interpreter."""

    def __init__(self, folder: Folder, view: View) -> None:
        self.numbers = array("L")
        """What is in order so far; all of them once `done`."""
        self.done = False
        self._work = self._sort(folder, view)

    def step(self) -> None:
        """Put some more in order."""
        self.done = next(self._work, self) is self

    def _sort(self, folder: Folder, view: View) -> Iterator[None]:
        by = sort_key(view)
        keys: list[str] = []
        first: list[list[int]] = []
        rest: list[list[int]] = []
        for start in range(0, len(folder), _PIECE):
            numbers = range(start, min(start + _PIECE, len(folder)))
            keys += [by(folder[number]) for number in numbers]
            ordered = sorted(numbers, key=keys.__getitem__, reverse=view.down)
            if view.key == "plain":
                rest.append(ordered)
            else:
                first.append([number for number in ordered if folder.is_folder(number)])
                rest.append([number for number in ordered if not folder.is_folder(number)])
            yield
        merged = [heapq.merge(*pieces, key=keys.__getitem__, reverse=view.down) for pieces in (first, rest)]
        for count, number in enumerate(chain.from_iterable(merged), 1):
            self.numbers.append(number)
            if not count % _STEP:
                yield
        yield from _clear(keys)


def _clear(items: list[str]) -> Iterator[None]:
    while items:
        del items[-_PIECE:]
        yield
