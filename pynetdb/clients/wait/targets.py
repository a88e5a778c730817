"""What can be waited for: a port, a URL, a Unix-domain socket, a file, and the absence of each."""

import errno
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from pynetdb.clients.http.url import UrlError, split_url
from pynetdb.errors import CommandLineError, DeadlineError, NetworkError, PynetdbError
from pynetdb.narration import Narrator
from pynetdb.net.addresses import Target, check_unix_path, service_port, split_host_port
from pynetdb.net.client.stream import Stream
from pynetdb.net.deadline import Deadline
from pynetdb.net.network import Network
from pynetdb.net.os_errors import is_absent, is_unusable_kind, message
from pynetdb.passwords import without_userinfo
from pynetdb.protocols.http.responses import Response

EXPECTED = (
    "HOST:PORT, tcp://HOST:PORT, http://..., https://..., unix:PATH, file:PATH, or ! before one of them"
)

Statuses = Sequence[tuple[int, int]]
"""The HTTP statuses that count as there: pairs of the first and the last one."""


class Finding(NamedTuple):
    """What one look at a place found."""

    there: bool | None
    """None if that cannot be told: it holds neither for the place nor for its absence."""
    reason: str
    """What was found, in words."""


class Place(Protocol):
    """What can be there or not."""

    silence: bool | None
    """What it means that a look got no answer within its time: as `Finding.there`."""

    def look(self, network: Network, deadline: Deadline) -> Finding:
        """Look once. Raises DeadlineError when there is no time left to tell."""
        ...


@dataclass(frozen=True, eq=False)
class Condition:
    """A TARGET of the user: a place that is to be there, or with `gone` not to be."""

    text: str
    """As the user wrote it, but for the user and the password in a URL."""
    place: Place
    gone: bool

    def holds(self, finding: Finding) -> bool:
        """Say whether this is what was waited for."""
        return finding.there is not None and finding.there is not self.gone


def parse_condition(text: str, statuses: Statuses = ((200, 399),), *, insecure: bool = False) -> Condition:
    """Read a TARGET. `statuses` are those of a URL that is there; `insecure` trusts any certificate.

    Raises ValueError with what was expected.
    """
    gone = text.startswith("!")
    rest = text.removeprefix("!")
    scheme, colon, tail = rest.partition(":")
    scheme = scheme.lower()
    place: Place
    if scheme in ("http", "https") and tail.startswith("//"):
        try:
            split_url(rest)
        except UrlError as error:
            raise ValueError(str(error)) from error
        place = UrlPlace(rest, statuses, insecure)
    elif colon and scheme in ("unix", "file"):
        path = tail.removeprefix("//")
        if not path:
            raise ValueError(f"{text!r}: expected {scheme}:PATH")
        if scheme == "unix":
            _check_socket_path(path)
        place = ListenerPlace(Target("", 0, path)) if scheme == "unix" else FilePlace(path)
    elif tail.startswith("//") and scheme != "tcp":
        raise ValueError(f"{text!r}: expected {EXPECTED}")
    else:
        place = ListenerPlace(_host_and_port(tail[2:] if tail.startswith("//") else rest, text))
    return Condition(without_userinfo(text), place, gone)


def _check_socket_path(path: str) -> None:
    try:
        check_unix_path(path)
    except CommandLineError as error:
        raise ValueError(f"unix:{error}") from error


def _host_and_port(rest: str, text: str) -> Target:
    if rest.isdigit():
        raise ValueError(f"{text!r}: expected HOST:{rest}, a port alone is nowhere")
    host, colon, port = rest.removesuffix("/").rpartition(":")
    if not (colon and port) or re.search(r"[/\s]", host + port) or (":" in host and not host.endswith("]")):
        raise ValueError(f"{text!r}: expected {EXPECTED}")
    if re.fullmatch(r"[0-9]+", port) is None:
        number = service_port(port, "tcp")
        if number is None:
            raise ValueError(f"{text!r}: {port!r} is neither a port nor a known service")
        port = str(number)
    try:
        # As everywhere, an empty host is this machine.
        return split_host_port(f"{host or 'localhost'}:{port}", 0)
    except ValueError as error:
        raise ValueError(f"{text!r}: {error}") from error


class ListenerPlace:
    """Somebody who accepts connections, on a TCP port or a Unix-domain socket."""

    silence: bool | None = False

    def __init__(self, target: Target) -> None:
        self._target = target

    def look(self, network: Network, deadline: Deadline) -> Finding:
        """Connect, and leave without a word."""
        try:
            with Stream.connect(self._target, deadline, network) as stream:
                if stream.is_to_itself():
                    return Finding(False, "nobody listens there (we met ourselves)")
        except NetworkError as error:
            if is_unusable_kind(error):
                return Finding(True, "a socket of another kind")
            return Finding(False if is_absent(error) else None, _without_place(error))
        return Finding(True, "accepts connections")


class UrlPlace:
    """A URL that answers with one of the statuses that are wanted."""

    # Whoever is slow to answer is not gone.
    silence: bool | None = None

    def __init__(self, url: str, statuses: Statuses, insecure: bool) -> None:
        self._url = split_url(url)
        self._statuses = statuses
        self._insecure = insecure

    def look(self, network: Network, deadline: Deadline) -> Finding:
        """Ask for it, and leave once the head of the answer is here."""
        from pynetdb.clients.http.fetch import fetch
        from pynetdb.clients.http.options import FetchOptions

        try:
            fetch(self._url, FetchOptions(insecure=self._insecure), deadline, network, _HeadSink())
        except _HeadReceived as answer:
            wanted = any(first <= answer.status <= last for first, last in self._statuses)
            return Finding(wanted, f"{answer.status} {answer.reason}".rstrip())
        except DeadlineError:
            raise
        except PynetdbError as error:
            return Finding(False if is_absent(error) else None, _without_place(error))
        return Finding(None, "an answer without a head")


class FilePlace:
    """A file, a folder, anything that has this path."""

    silence: bool | None = None

    def __init__(self, path: str) -> None:
        self._path = path

    def look(self, network: Network, deadline: Deadline) -> Finding:
        """Ask the file system."""
        try:
            status = os.stat(self._path)
        except OSError as error:
            absent = error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
            finding = Finding(False if absent else None, _NO_FILE if absent else message(error))
            _tell_stat(network.narrator, self._path, None, error)
            return finding
        _tell_stat(network.narrator, self._path, f"{status.st_size} bytes", None)
        return Finding(True, "is there")


_NO_FILE = "no such file"


def _tell_stat(narrator: Narrator, path: str, result: str | None, error: OSError | None) -> None:
    if narrator:
        note = "the path has a file" if error is None else "no file, or none that we may see"
        narrator.tell("client", "stat", (repr(path),), result, error=error, note=note)


class _HeadReceived(BaseException):
    """Ends a request once the answer's head is known; no error, so nobody on the way takes it for one."""

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason


class _HeadSink:
    """Takes the first head that is no interim one, and asks for nothing more: the rest is never called."""

    def head(self, response: Response) -> None:
        if response.status >= 200:
            raise _HeadReceived(response.status, response.reason)

    def held(self) -> None: ...

    def begin(self, url: object, response: Response, held: object) -> None: ...

    def write(self, data: bytes) -> None: ...

    def restart(self) -> bool:
        return False

    def forget(self) -> None: ...

    def note(self, line: str) -> None: ...

    def detail(self, line: str) -> None: ...

    def stays_coded(self, codings: str) -> None: ...

    def range_ignored(self) -> None: ...

    def retry(self, reason: PynetdbError, pause: float, number: int, most: int) -> None: ...


def _without_place(error: PynetdbError) -> str:
    """Return what happened; the place is named beside it already."""
    cause = error.__cause__
    if isinstance(cause, OSError):
        return message(cause).removesuffix(" (is a server running there?)")
    return str(error)
