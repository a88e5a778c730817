"""A folder as a page that one would want to look at, and as JSON."""

import json
import time
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from pynetdb.protocols.http.targets import quote_name, quote_path


class Entry(NamedTuple):
    """A file or folder in a listing."""

    name: str
    directory: bool
    size: int
    modified: float


# The end of the year 9999: beyond it a year has more than four digits.
_LAST_MOMENT = 253_402_300_799.0

SORTS = ("name", "size", "modified")


def sorted_entries(entries: Sequence[Entry], query: str) -> tuple[list[Entry], str, bool]:
    """Return entries in the order that a query (`sort=size&order=desc`) asks for, its key and direction.

    Folders come first; what the query says otherwise is ignored.
    """
    wanted = dict(pair.partition("=")[::2] for pair in query.split("&"))
    key = wanted.get("sort", "name")
    key = key if key in SORTS else "name"
    down = wanted.get("order") == "desc"

    def by(entry: Entry) -> tuple[object, ...]:
        if key == "size":
            return (entry.size, entry.name)
        return (entry.modified, entry.name) if key == "modified" else (entry.name.casefold(), entry.name)

    ordered = sorted(entries, key=by, reverse=down)
    return sorted(ordered, key=lambda entry: not entry.directory), key, down


def as_json(entries: Sequence[Entry]) -> bytes:
    """Return the listing as an array of objects."""
    rows = [
        {
            "name": _text(entry.name),
            "type": "directory" if entry.directory else "file",
            "size": entry.size,
            "modified": _moment(entry.modified),
        }
        for entry in entries
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace") + b"\n"


def as_page(names: Sequence[str], entries: Sequence[Entry], query: str) -> bytes:
    """Return the listing as a page: sortable by links, light and dark, no scripts, narrow and wide."""
    ordered, key, down = sorted_entries(entries, query)
    title = "/" + "".join(f"{_text(name)}/" for name in names)
    heads = "".join(_head(column, key, down) for column in SORTS)
    rows = [_row(entry) for entry in ordered]
    if names:
        rows.insert(
            0, '<tr class="up"><td class="n"><a href="../">Parent folder</a></td><td></td><td></td></tr>'
        )
    files = sum(not entry.directory for entry in entries)
    folders = len(entries) - files
    size = _size(sum(entry.size for entry in entries if not entry.directory))
    told = f"{_counted(folders, 'folder')}, {_counted(files, 'file')}, {size}"
    body = (
        "".join(rows) if entries or names else '<tr><td colspan="3" class="none">Nothing is here.</td></tr>'
    )
    page = _PAGE.format(
        title=escape(title), crumbs=_crumbs(names), heads=heads, rows=body, told=told, style=_STYLE
    )
    return page.encode("utf-8", "backslashreplace")


def _head(column: str, key: str, down: bool) -> str:
    current = column == key
    # A click on the current column turns it round; sizes and dates begin with the largest.
    order = ("asc" if down else "desc") if current else "asc" if column == "name" else "desc"
    label = {"name": "Name", "size": "Size", "modified": "Modified"}[column]
    aria = f' aria-sort="{"descending" if down else "ascending"}"' if current else ""
    arrow = (" ↓" if down else " ↑") if current else ""
    return f'<th class="{column[0]}"{aria}><a href="?sort={column}&amp;order={order}">{label}{arrow}</a></th>'


def _row(entry: Entry) -> str:
    slash = "/" if entry.directory else ""
    link = f"./{quote_name(entry.name)}{slash}"
    exact = _moment(entry.modified)
    shown = exact[:16].replace("T", " ")
    kind = "d" if entry.directory else "f"
    size = "" if entry.directory else f'<span title="{entry.size} bytes">{_size(entry.size)}</span>'
    return (
        f'<tr class="{kind}"><td class="n">'
        f'<a href="{escape(link)}">{escape(_text(entry.name))}{slash}</a></td>'
        f'<td class="s">{size}</td><td class="m"><time datetime="{exact}">{shown}</time></td></tr>'
    )


def _moment(seconds: float) -> str:
    """Return Unix seconds as ISO 8601 in UTC; file systems allow times that no calendar has."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(min(max(seconds, 0.0), _LAST_MOMENT)))


def _crumbs(names: Sequence[str]) -> str:
    links = ['<a href="/">/</a>']
    for depth, name in enumerate(names, 1):
        shown = escape(_text(name))
        path = escape(quote_path(names[:depth], directory=True))
        links.append(f"{shown}/" if depth == len(names) else f'<a href="{path}">{shown}/</a>')
    return "".join(links)


def _text(name: str) -> str:
    """Return a name as text; bytes that are not UTF-8 are shown as escapes."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _size(size: int) -> str:
    value = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5:
            return f"{value:.0f} {unit}" if value >= 99.5 or unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


# Icons are drawn in the style itself: the page loads nothing.
_STYLE = """
:root{color-scheme:light dark;--ink:#1c1e21;--dim:#6a7079;--line:#e4e6ea;--ground:#fff;--hover:#f4f6f9;--link:#0b57d0}
@media (prefers-color-scheme:dark){:root{--ink:#e6e8eb;--dim:#969ca6;--line:#30343a;--ground:#16181b;--hover:#1f2226;
--link:#8ab4f8}}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem 3rem}h1{font-size:1.25rem;font-weight:600;margin:0 0 1rem;
overflow-wrap:anywhere}a{color:var(--link);text-decoration:none}a:hover,a:focus-visible{text-decoration:underline}
table{width:100%;border-collapse:collapse}th{font-size:.8rem;font-weight:500;text-align:left;
border-bottom:1px solid var(--line)}th a{color:var(--dim);display:inline-block;padding:.4rem .6rem}
td{border-bottom:1px solid var(--line)}tbody tr:hover{background:var(--hover)}
td.s,td.m{padding:.5rem .6rem;color:var(--dim);white-space:nowrap;font-variant-numeric:tabular-nums}
th.s,td.s{text-align:right}td.n{width:100%}td.n a{display:block;padding:.5rem .6rem .5rem 2.2rem;overflow-wrap:anywhere;
background:no-repeat .55rem .72rem/1.1rem}
.d .n a{background-image:url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath \
fill='%23e0a526' d='M1 3.5A1.5 1.5 0 0 1 2.5 2h3l1.5 2h6.5A1.5 1.5 0 0 1 15 5.5v7a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 1 \
12.5z'/%3E%3C/svg%3E")}
.f .n a{background-image:url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath \
fill='none' stroke='%238a909a' d='M3.5 1.5h6l3 3v10h-9zM9.5 1.5v3h3'/%3E%3C/svg%3E")}
.d .n a{font-weight:500}.none{padding:2rem;text-align:center;color:var(--dim)}
footer{margin-top:1rem;color:var(--dim);font-size:.85rem}
@media (max-width:36rem){main{padding:1rem .5rem 2rem}h1{padding:0 .6rem}footer{padding:0 .6rem}
table,thead,tbody{display:block}thead tr{display:flex}th.n{flex:1}
tbody tr{display:grid;grid-template-columns:1fr auto;border-bottom:1px solid var(--line)}td{border:0}td.n{grid-column:1/-1}
.d .n a,.f .n a{padding-bottom:0}td.s,td.m{padding-top:0;font-size:.85rem}td.m{padding-left:2.2rem}td.s{order:1}}
"""  # noqa: E501

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>{title}</title><style>{style}</style></head>
<body><main><h1>{crumbs}</h1>
<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>
<footer>{told}. Times are UTC.</footer></main></body></html>
"""
