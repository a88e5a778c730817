"""Under which name the body of an answer is saved: what a server suggests, made harmless (RFC 6266)."""

import re
from contextlib import suppress
from urllib.parse import unquote, unquote_to_bytes

# A file system's 255 bytes, less room for the endings of what is not complete.
MAX_NAME = 200

# RFC 9110 section 5.6: a token, or a quoted string with its escapes.
_PARAMETER = re.compile(r';\s*([!#$%&\'*+.^_`|~\w-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;"\s]*)', re.ASCII)
_EXTENDED = re.compile(r"([\w!#$&+.^`{}~-]*)'[^']*'(.*)", re.ASCII)
# What separates, what Windows and shells take for something else, and what nobody can see.
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"|?*\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]')
# They are devices on Windows, in every folder and with every extension.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)


def suggested_name(disposition: str | None) -> str | None:
    """Return the name that a Content-Disposition suggests, None if it has none that can be used."""
    given: dict[str, str] = {}
    for name, value in _PARAMETER.findall(disposition or ""):
        given.setdefault(name.lower(), value)
    extended = _EXTENDED.fullmatch(given.get("filename*", ""))
    if extended is not None and extended[1].lower() in ("utf-8", "iso-8859-1"):
        name = harmless_name(unquote(extended[2], extended[1], "replace"))
        if name is not None:
            return name
    plain = given.get("filename")
    if plain is None:
        return None
    if plain.startswith('"'):
        plain = re.sub(r"\\(.)", r"\1", plain[1:-1])
    with suppress(UnicodeError):
        plain = plain.encode("latin-1").decode("utf-8")  # What browsers read, and most servers mean.
    return harmless_name(plain)


def name_in_url(url: str) -> str | None:
    """Return the last part of the path of a URL as a name, None if there is none."""
    path = re.sub(r"\A[a-z]+://[^/]*", "", url.partition("?")[0])
    return harmless_name(unquote_to_bytes(path.rpartition("/")[2]).decode("utf-8", "replace"))


def harmless_name(text: str) -> str | None:
    """Return `text` as the name of a plain, visible file in the folder at hand; None if nothing is left."""
    name = _UNSAFE.sub("_", re.split(r"[/\\]", text)[-1])
    # A leading dot hides a file, or makes it a setting; a leading dash makes it an option of other
    # programs; Windows drops dots and blanks at the end.
    name = name.lstrip(".-~ \t").rstrip(". \t")
    if _DEVICES.fullmatch(name):
        name = "_" + name
    while len(name.encode()) > MAX_NAME:
        stem, dot, extension = name.rpartition(".")
        name = stem[:-1] + dot + extension if dot and len(extension) < 20 and stem else name[:-1]
    return name or None
