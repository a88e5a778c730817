"""A folder's entries: in the order that was asked for, as rows of a page and as JSON."""

import json
import re
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from pynetdb.protocols.http.media_types import guess_content_type
from pynetdb.protocols.http.targets import quote_name
from pynetdb.terminal import safe_line


class Entry(NamedTuple):
    """A file or folder in a listing."""

    name: str
    directory: bool
    size: int
    modified: float


class View(NamedTuple):
    """What a query wants to see: `sort=size&order=desc&filter=text`. What it says otherwise is ignored."""

    key: str = "name"
    """`name`, `size` or `modified`; `plain` is by the names' characters, folders among files."""
    down: bool = False
    filter: str = ""
    """Only names with this in them, in any case; empty is all."""

    def shows(self, entry: Entry) -> bool:
        return self.filter.casefold() in entry.name.casefold()


# Added to: time.gmtime reaches from 1970 to 3000 on Windows.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The years 1 to 9999: others do not have four digits.
_FIRST_MOMENT = -62_135_596_800.0
_LAST_MOMENT = 253_402_300_799.0

SORTS = ("name", "size", "modified")

# A filter that is longer than any name finds nothing; it would only make the page longer.
_MAX_FILTER = 255


def parse_view(query: str, default: str = "name") -> View:
    """Return what a query asks for, by the key `default` unless it says another."""
    if not query:
        return View(default)
    from urllib.parse import unquote_plus

    wanted = dict(pair.partition("=")[::2] for pair in query.split("&"))
    key = wanted.get("sort")
    text = unquote_plus(wanted.get("filter", ""), "utf-8", "replace").strip()
    return View(key if key in SORTS else default, wanted.get("order") == "desc", text[:_MAX_FILTER])


_DIGITS = re.compile("[0-9]+")


def natural_key(name: str) -> str:
    """Return what sorts IMG_2 before IMG_10: numbers by their value, letters in any case.

    One text for each name: tuples would be objects that the garbage collector has to visit.
    """
    return f"{_DIGITS.sub(_by_value, name.casefold())}\0{name}"


def _by_value(match: re.Match[str]) -> str:
    # A number with more digits is larger; a colon keeps it where digits are: behind them, before letters.
    digits = match[0].lstrip("0")
    return f"0{len(digits):03}:{digits}"


# So that no time is negative: text of the same length compares as its numbers do.
_EPOCH_SHIFT = 10**22


def sort_key(view: View) -> Callable[[Entry], str]:
    """Return the key by which entries are sorted for a view: folders, which go first, apart from files."""
    if view.key == "plain":
        return lambda entry: entry.name
    if view.key == "size":
        return lambda entry: f"{entry.size:020}{natural_key(entry.name)}"
    if view.key == "modified":
        return lambda entry: f"{round(entry.modified * 1e9) + _EPOCH_SHIFT:024}{natural_key(entry.name)}"
    return lambda entry: natural_key(entry.name)


# As JSON


def json_row(entry: Entry) -> str:
    """Return an entry as an object, indented as an item of an array."""
    row = {
        "name": _text(entry.name),
        "type": "directory" if entry.directory else "file",
        "size": entry.size,
        "modified": _moment(entry.modified),
        "href": quote_name(entry.name) + ("/" if entry.directory else ""),
    }
    return json.dumps(row, ensure_ascii=False, indent=1).replace("\n", "\n ")


# As a page

# As html.escape has it, whose module brings a table of all names of characters along.
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})


def escape(text: str) -> str:
    """Return text as it stands in HTML, in attributes too."""
    return text.translate(_ESCAPES)


def page_row(entry: Entry) -> str:
    """Return an entry as a row of the page's table."""
    slash = "/" if entry.directory else ""
    size = "" if entry.directory else f'<span title="{entry.size} bytes">{format_size(entry.size)}</span>'
    return (
        f'<tr class="{_kind(entry)}"><td class="n">'
        f'<a href="./{quote_name(entry.name)}{slash}">{escape(safe_name(entry.name))}{slash}</a></td>'
        f'<td class="s">{size}</td><td class="m"><time datetime="{_moment(entry.modified)}">'
        f"{_local_moment(entry.modified)}</time></td></tr>\n"
    )


def _kind(entry: Entry) -> str:
    """Return which icon an entry has."""
    if entry.directory:
        return "d"
    content_type = guess_content_type(entry.name)
    major, _, minor = content_type.partition("/")
    if major in ("image", "audio", "video", "text", "font"):
        return major
    return next((kind for kind, names in _KINDS.items() if minor in names), "f")


_KINDS = {
    "text": {"json", "ld+json", "geo+json", "jsonl", "manifest+json", "xhtml+xml", "atom+xml", "rss+xml"},
    "zip": {
        "zip", "gzip", "x-bzip2", "x-xz", "zstd", "x-tar", "x-7z-compressed", "vnd.rar", "java-archive",
        "vnd.android.package-archive",
    },
    "doc": {
        "pdf", "postscript", "rtf", "epub+zip", "msword", "vnd.ms-excel", "vnd.ms-powerpoint",
        "vnd.openxmlformats-officedocument.wordprocessingml.document",
        "vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "vnd.openxmlformats-officedocument.presentationml.presentation",
        "vnd.oasis.opendocument.text", "vnd.oasis.opendocument.spreadsheet",
        "vnd.oasis.opendocument.presentation",
    },
    "data": {"vnd.sqlite3"},
}  # fmt: skip


def _moment(seconds: float) -> str:
    """Return Unix seconds as ISO 8601 in UTC; file systems allow times that no calendar has."""
    moment = _EPOCH + timedelta(seconds=min(max(seconds, _FIRST_MOMENT), _LAST_MOMENT) // 1)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _local_moment(seconds: float) -> str:
    """Return Unix seconds as this machine's clock shows them."""
    # A day less, so that no zone leads out of the calendar.
    seconds = min(max(seconds, _FIRST_MOMENT + 86400), _LAST_MOMENT - 86400)
    try:
        local = time.localtime(seconds)
    except OSError:
        return _moment(seconds)[:16].replace("T", " ")  # On Windows zones reach from 1970 to 3000.
    return f"{local.tm_year:04}-" + time.strftime("%m-%d %H:%M", local)


def _text(name: str) -> str:
    """Return a name as text; bytes that are not UTF-8 are shown as escapes."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def safe_name(name: str) -> str:
    """Return a name as it can be shown anywhere: one line, nothing in it commands or reorders."""
    return safe_line(_text(name))


def format_size(size: int) -> str:
    """Return a number of bytes as people read it, in decimal units."""
    value = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5:
            return f"{value:.0f} {unit}" if value >= 99.5 or unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


class Tally:
    """Counts the entries that a listing shows, for its last line."""

    def __init__(self) -> None:
        self.folders = 0
        self.files = 0
        self.size = 0

    def add(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            if entry.directory:
                self.folders += 1
            else:
                self.files += 1
                self.size += entry.size
