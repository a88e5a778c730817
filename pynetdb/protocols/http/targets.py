"""From a request's target to the names of a path, and back to a link (RFC 3986 section 3.3)."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from pynetdb.protocols.http.authority import split_absolute_form
from pynetdb.protocols.http.requests import RequestRefusedError

_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
# RFC 3986 section 2.3; the rest is escaped, whether it must be or not.
_UNRESERVED = frozenset(b"-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
# Windows opens these as devices in any folder, whatever the case and ending; `a:b` is a stream of a.
_WINDOWS_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)", re.IGNORECASE)
_WINDOWS_SPECIAL = re.compile(r'[\\:*?"<>|\x00-\x1f]')


class TargetPath(NamedTuple):
    """A target resolved: names below the root, none of them empty, `.`, `..` or with a slash or NUL in it."""

    names: tuple[str, ...]  # UTF-8, other bytes as surrogates: what os.fsencode turns back
    directory: bool  # the path ends in a slash
    query: str  # as it came, without the question mark


def resolve_target(target: str, *, windows: bool = False) -> TargetPath:
    """Resolve the target of a GET or HEAD; raise RequestRefusedError (400; 404 for no file's name).

    Escapes are decoded once. `..` is refused and not followed: browsers and curl resolve it before they ask.
    `windows` also refuses what that system does not read as a plain name.
    """
    authority, local = split_absolute_form(target)
    if authority is None and not target.startswith("/"):
        raise RequestRefusedError(400, f"a request target {target[:60]!r}, expected a path")
    path, _, query = local.partition("?")
    pieces = path.split("/")
    if "%" in path:
        if _BAD_ESCAPE.search(path):
            raise RequestRefusedError(400, "a percent sign in the path without two hexadecimal digits")
        pieces = [_decode(piece) for piece in pieces]
    names = tuple([name for name in pieces if name not in ("", ".")])
    for name in names:
        _judge_name(name, windows)
    return TargetPath(names, pieces[-1] in ("", "."), query)


def _decode(text: str) -> str:
    raw = _ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), text.encode("latin-1"))
    return raw.decode("utf-8", "surrogateescape")


def _judge_name(name: str, windows: bool) -> None:
    if "\0" in name:
        raise RequestRefusedError(400, "a NUL in the path")
    # With a backslash for a slash too: nobody asks for that by accident.
    if ".." in re.split(r"[/\\]", name):
        raise RequestRefusedError(400, "'..' in the path")
    if "/" in name:
        raise RequestRefusedError(404, "an escaped slash in the path, which no name contains")
    if windows and (
        _WINDOWS_SPECIAL.search(name)
        or name.endswith((".", " "))
        or _WINDOWS_DEVICE.fullmatch(name.split(".")[0].rstrip(" "))
    ):
        raise RequestRefusedError(404, f"{name[:60]!r} is no plain file name on Windows")


def quote_name(name: str) -> str:
    """Escape one name for a link; the inverse of what resolve_target decodes."""
    raw = name.encode("utf-8", "surrogateescape")
    return "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in raw)


def quote_path(names: Iterable[str], *, directory: bool = False) -> str:
    """Write an absolute path of names; `directory` ends it with a slash."""
    path = "/" + "/".join(quote_name(name) for name in names)
    return path + "/" if directory and path != "/" else path


def make_slash_location(path: TargetPath) -> str:
    """Return the Location that adds the missing slash to `path`, which has a name and no slash at its end.

    It is relative and begins with `./`, so that no name is taken for a host (`//evil`) or a scheme (`a:b`).
    """
    return f"./{quote_name(path.names[-1])}/" + (f"?{path.query}" if path.query else "")
