"""A folder that is read and sorted in pieces, once for all who ask at the same time."""

import heapq
import os
from collections.abc import Generator, Iterable, Iterator
from itertools import chain

from pynetdb.servers.http.listing import Entry, View, sort_key
from pynetdb.servers.http.root import Found

# In a step: so many names looked at or entries put in order take less than a millisecond.
_STEP = 64
# Pieces that are sorted at once, before they are merged one entry after the other.
_PIECE = 256

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

    What was read stays as it was; a folder that changes meanwhile is shown as it was met.
    """

    def __init__(self, entries: Generator[tuple[str, Found] | None]) -> None:
        self.done = False
        """Whether it has been read to its end."""
        self._scan = entries
        self._entries: list[Entry] = []
        self._orders: dict[tuple[str, bool], Order] = {}

    def read_step(self) -> None:
        """Read some more names. Raises OSError."""
        for _ in range(_STEP):
            try:
                item = next(self._scan)
            except StopIteration:
                self.done = True
                return
            if item is not None:
                self._entries.append(to_entry(*item))

    def order(self, view: View) -> "Order":
        """Return the order that a view wants, which others may have begun already; for what is `done`."""
        by = (view.key, view.down)
        if by not in self._orders:
            self._orders[by] = Order(self._entries, view)
        return self._orders[by]

    def close(self) -> None:
        """Read no further."""
        self._scan.close()


class Order:
    """Entries that are being put in order: sorting them in one go would hold the interpreter."""

    def __init__(self, entries: list[Entry], view: View) -> None:
        self.entries: list[Entry] = []
        """What is in order so far; all of them once `done`."""
        self.done = False
        self._work = self._sort(entries, view)

    def step(self) -> None:
        """Put some more in order."""
        self.done = next(self._work, self) is self

    def _sort(self, entries: list[Entry], view: View) -> Iterator[None]:
        by = sort_key(view)

        def first(entry: Entry) -> bool:
            return entry.directory and view.key != "plain"

        pieces: dict[bool, list[list[tuple[object, Entry]]]] = {True: [], False: []}
        for start in range(0, len(entries), _PIECE):
            keyed = [(by(entry), entry) for entry in entries[start : start + _PIECE]]
            for directory, sorted_pieces in pieces.items():
                sorted_pieces.append(
                    sorted((pair for pair in keyed if first(pair[1]) is directory), reverse=view.down)
                )
            yield
        merged = [heapq.merge(*pieces[directory], reverse=view.down) for directory in (True, False)]
        for count, (_, entry) in enumerate(chain.from_iterable(merged), 1):
            self.entries.append(entry)
            if not count % _STEP:
                yield
