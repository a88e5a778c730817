"""What a response is made of: what was found by which names, and whether it still is."""

import os
import stat
import sys

from pynetdb.servers.http.root import Found, Names, Root
from pynetdb.servers.http.validators import identify, is_same


class Lookup:
    """What `names` led to below a root, None for nothing."""

    __slots__ = ("_folders", "_identity", "_names", "_path", "_root", "found")

    def __init__(self, root: Root, names: Names, found: Found | None) -> None:
        self.found = found
        self._root = root
        self._names = names
        self._path = ""
        self._folders: list[str] = []
        self._identity: tuple[int, ...] = ()

    def holds(self) -> bool:
        """Whether the root would find the same now, for less: mostly by one look at each name."""
        if not self._path:
            self._prepare()
        found = self.found
        # A link that was on the way may lead elsewhere now; what a second name is, Windows alone knows.
        if found is None or not self._identity:
            return self._is_found_again()
        # The root itself may be a link.
        look = os.lstat if self._names and not self._root.follow else os.stat
        try:
            for folder in self._folders:
                # One that has become a link may lead outside of the root, to the very same file.
                if not stat.S_ISDIR(os.lstat(folder).st_mode):
                    return False
            status = look(self._path)
        except OSError:
            return False
        return stat.S_ISDIR(status.st_mode) if found.directory else identify(status) == self._identity

    def _prepare(self) -> None:
        root, names, found = self._root, self._names, self.found
        self._path = os.path.join(root.path, *names)
        if found is None or sys.platform == "win32":
            return
        if root.follow or not names or found.path == os.path.join(found.base, *names):
            self._identity = identify(found.status)
            if not root.follow:
                self._folders = [os.path.join(root.path, *names[:depth]) for depth in range(1, len(names))]

    def _is_found_again(self) -> bool:
        found = self.found
        if found is None and not os.access(self._path, os.F_OK):  # Unlike stat() it raises nothing.
            return True
        again = self._root.find(self._names)
        if found is None or again is None:
            return found is again
        same = found.directory or is_same(again.status, found.status)
        return same and again.path == found.path and again.directory == found.directory


class Lookups:
    """The lookups of one response, those that found nothing too: with a file there it would be another."""

    __slots__ = ("_made",)

    def __init__(self) -> None:
        self._made: list[Lookup] = []

    def note(self, lookup: Lookup) -> None:
        """The response depends on that."""
        self._made.append(lookup)

    def hold(self) -> bool:
        """Whether all of them would find the same now."""
        return all(lookup.holds() for lookup in self._made)
