"""Where http-get saves a body: a file that is named, or one whose name comes from the server."""

import os
import stat
import time
from collections.abc import Iterator

from pynetdb.errors import CommandLineError, PynetdbError
from pynetdb.protocols.http.file_names import name_in_url, suggested_name
from pynetdb.protocols.http.partial import Part
from pynetdb.protocols.http.responses import Response
from pynetdb.results.part_file import PartFile, read_note
from pynetdb.whole_file import WholeFile, becomes_plain_file

_PIECE = 1024 * 1024


class Download:
    """The file that a body becomes, and what is there of it already.

    Without a `path` its name is the server's suggestion, or the last part of the URL's path; then no other
    file is replaced. With `resume` what an earlier run left is continued; where it left nothing, a file that
    is there already may be what is asked for, and stays then. A body that is not `exact` (it
    was decoded) cannot be: its part does not stay. Raises CommandLineError for a file that cannot be made.
    """

    def __init__(self, path: str | None, url: str, *, resume: bool = False, exact: bool = True) -> None:
        # What follows the path may be a secret, and the note that it goes into is none.
        self._url, self._resume, self._exact = url.partition("?")[0], resume, exact
        self._named = path is not None
        self._part: PartFile | None = None
        self._whole: WholeFile | None = None
        self._version: Part | None = None
        """What the bytes that are written now belong to."""
        self._continues = resume
        self._is_new = False
        self._stays = False
        """Whether the file that is there turned out to be what was asked for."""
        if path is None and resume:
            path = self._left_by_earlier_run()
        self._path = path
        if path is not None:
            self._open(path)

    def _open(self, path: str) -> None:
        self._path = path
        if not self._named and not (self._resume and _is_whole(path)):
            self._refuse_to_replace(path)
        if self._exact and becomes_plain_file(path) and (self._resume or PartFile.is_possible(path)):
            self._part = PartFile(path)
        else:
            self._whole = WholeFile(path).__enter__()

    def _left_by_earlier_run(self) -> str | None:
        """Return the name under which an earlier run left a part of the same URL, or all of it."""
        ending = ".part.json"
        for note in sorted(name for name in os.listdir() if name.endswith(ending)):
            facts = read_note(note)
            if isinstance(facts, dict) and facts.get("url") == self._url:
                return note.removesuffix(ending)
        name = name_in_url(self._url)
        there = name is not None and (os.path.exists(f"{name}.part") or _is_whole(name))
        return name if there else None

    @staticmethod
    def _refuse_to_replace(path: str) -> None:
        if os.path.lexists(path):
            raise CommandLineError(f"{path}: exists", hint="file in the way", about=path)

    def held(self) -> Part | None:
        """Return what is there already and may be continued; None to begin at the beginning."""
        if self._part is None or not self._continues:
            return None
        if not (size := self._part.size()):
            return self._held_whole()
        known = self._version
        if known is not None:
            return Part(size, known.etag, known.modified, known.total)
        return Part.from_json(size, self._part.facts())

    def _held_whole(self) -> Part | None:
        if not self._resume or self._path is None or not _is_whole(self._path):
            return None
        status = os.stat(self._path)
        return Part(status.st_size, whole_since=status.st_mtime)

    def pieces(self) -> Iterator[bytes]:
        """Return what is there already, piece by piece."""
        if self._part is not None and not self._part.size() and self._path is not None:
            try:
                with open(self._path, "rb") as file:
                    while piece := file.read(_PIECE):
                        yield piece
            except OSError as error:
                raise PynetdbError(f"{self._path}: {error.strerror}") from error
        elif self._part is not None:
            self._part.rewind()
            while piece := self._part.read(_PIECE):
                yield piece

    def begin(self, response: Response, held: Part | None) -> None:
        """Take the body of `response`: behind what is `held`, or from the beginning."""
        if self._path is None:
            name = suggested_name(response.fields.get("content-disposition")) or name_in_url(self._url)
            if name is None:
                raise CommandLineError("the URL has no name for a file, nor has the answer", hint="no name")
            self._open(name)
        if self._part is None:
            return
        if held is not None and held.whole_since is not None:
            self._stays = True
            return
        if held is None:
            self._is_new = True
            self._part.truncate()
        self._version = held if held and held.validator else Part.begun(response, time.time())
        self._part.note({"url": self._url, **self._version.to_json()})

    def write(self, data: bytes) -> None:
        """Add bytes."""
        file = self._part or self._whole
        if file is not None:
            file.write(data)

    def restart(self) -> bool:
        """Be ready for another try, behind what is there if that is sure; False if it is not possible."""
        if self._whole is not None:
            return self._whole.restart()
        sure = self._version is not None and self._version.validator is not None
        self._continues = self._resume or sure
        return True

    def forget(self) -> None:
        """Begin at the beginning: what is there belongs to another version. Raises CommandLineError."""
        if not self._named and self._path is not None:
            self._refuse_to_replace(self._path)
        self._continues = self._resume = False

    def keep(self) -> None:
        """The body is complete: the file gets its name."""
        if self._stays:
            return
        file = self._part or self._whole
        if file is not None:
            file.keep()

    def discard(self) -> None:
        """Leave nothing of a body that nobody wants; what an earlier run left stays."""
        if self._part is not None and self._is_new:
            self._part.discard()

    def close(self) -> str | None:
        """Close, and say what stays, if something does."""
        if self._whole is not None:
            self._whole.__exit__()
        if self._part is None or not (size := self._part.close()):
            return None
        total = None if self._version is None else self._version.total
        of = "" if total is None else f" of {total}"
        return f"{size}{of} bytes stay in {self._part.part}"


def _is_whole(path: str) -> bool:
    """Whether a file with something in it is there by that name."""
    try:
        status = os.stat(path)
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size > 0
