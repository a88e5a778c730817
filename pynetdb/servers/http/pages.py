"""The pages that we write ourselves: around a listing, and in place of what is not there."""

import time
from collections.abc import Sequence

from pynetdb.protocols.http.targets import quote_name, quote_path
from pynetdb.servers.http.listing import SORTS, Tally, View, escape, format_size, safe_name
from pynetdb.servers.http.style import STYLE
from pynetdb.wording import format_count

CONTENT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'self'"
)
"""Whatever the names in a page are, nothing in it runs or loads."""


def page_start(title: str, names: Sequence[str], view: View) -> str:
    """Return a listing up to its first row: crumbs, a filter, the columns' heads."""
    heads = "".join(_head(column, view) for column in SORTS)
    up = '<tr class="up"><td class="n"><a href="../">Parent folder</a></td><td></td><td></td></tr>\n'
    return (
        f"{_start(title)}<h1>{_crumbs(names)}</h1>\n{_filter(view)}"
        f"<table><thead><tr>{heads}</tr></thead><tbody>\n{up if names else ''}"
    )


def page_end(tally: Tally, names: Sequence[str], view: View) -> str:
    """Return a listing behind its last row."""
    if tally.folders + tally.files:
        none = ""
    else:
        words = (
            f"No name here has “{escape(safe_name(view.filter))}” in it."
            if view.filter
            else "Nothing is here."
        )
        none = f'<tr><td colspan="3" class="none">{words}</td></tr>'
    told = f"{format_count(tally.folders, 'folder')}, {format_count(tally.files, 'file')}"
    told += f", {format_size(tally.size)}"
    zone = time.strftime("%z")
    return (
        f"{none}</tbody></table>\n<footer>{told}. Times are those of the server, "
        f"UTC{zone[:3]}:{zone[3:5]}.</footer></main></body></html>\n"
    )


def error_page(status: int, text: str, names: Sequence[str], *, directory: bool) -> str:
    """Return the page for what cannot be served, with its path and a way up."""
    up = quote_path(names[:-1], directory=True)
    path = _crumbs(names, directory=directory)
    return (
        f"{_start(f'{status} {text}')}<h1>{path}</h1>\n"
        f'<div class="none"><p class="status">{status}</p><p>{escape(text[:1].upper() + text[1:])}.</p>\n'
        f'<p><a href="{escape(up)}">Up to {escape(_shown_path(names[:-1]))}</a></p></div>\n'
        "</main></body></html>\n"
    )


def _start(title: str) -> str:
    return _START.format(title=escape(safe_name(title)), style=STYLE)


def _head(column: str, view: View) -> str:
    current = column == view.key
    # A click on the current column turns it round; sizes and dates begin with the largest.
    order = ("asc" if view.down else "desc") if current else "asc" if column == "name" else "desc"
    label = {"name": "Name", "size": "Size", "modified": "Modified"}[column]
    aria = f' aria-sort="{"descending" if view.down else "ascending"}"' if current else ""
    arrow = (" ↓" if view.down else " ↑") if current else ""
    more = f"&amp;filter={quote_name(view.filter)}" if view.filter else ""
    link = f"?sort={column}&amp;order={order}{more}"
    return f'<th class="{column[0]}"{aria}><a href="{link}">{label}{arrow}</a></th>'


def _filter(view: View) -> str:
    """Return a form that a browser sends by itself, without a script."""
    kept = ""
    if view.key != "name" or view.down:
        order = "desc" if view.down else "asc"
        kept = (
            f'<input type="hidden" name="sort" value="{view.key}">'
            f'<input type="hidden" name="order" value="{order}">'
        )
    # Without a filter nothing is to be taken back.
    clear = '<a href="./">Show all</a>' if view.filter else ""
    return (
        '<form role="search" action="./" method="get">'
        f'<input type="search" name="filter" value="{escape(safe_name(view.filter))}" '
        f'placeholder="Part of a name" aria-label="Part of a name" autocomplete="off">{kept}'
        f"<button>Filter</button>{clear}</form>\n"
    )


def _crumbs(names: Sequence[str], *, directory: bool = True) -> str:
    """Return a path whose folders are links, the last name not."""
    links = ['<a href="/" aria-label="Top">/</a>']
    for depth, name in enumerate(names, 1):
        slash = "/" if directory or depth < len(names) else ""
        shown = escape(safe_name(name)) + slash
        path = escape(quote_path(names[:depth], directory=True))
        links.append(f'<a href="{path}">{shown}</a>' if depth < len(names) else shown)
    return "".join(links)


def _shown_path(names: Sequence[str]) -> str:
    return "/" + "".join(f"{safe_name(name)}/" for name in names)


_START = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>{title}</title><style>{style}</style></head>
<body><main>"""
