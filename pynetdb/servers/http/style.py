"""How our pages look: light and dark, narrow and wide, icons by kind."""

# ruff: noqa: E501
_ICON = (
    "url(\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E{}%3C/svg%3E\")"
)
_SHEET = "%3Cpath fill='none' stroke='%238a909a' d='M3.5 1.5h6l3 3v10h-9zM9.5 1.5v3h3'/%3E"


def _drawing(colour: str, path: str, *, filled: bool = False) -> str:
    paint = f"fill='%23{colour}'" if filled else f"fill='none' stroke='%23{colour}'"
    return f"%3Cpath {paint} d='{path}'/%3E"


# By kind, on a sheet of paper or alone. Icons are drawn in the style itself: the page loads nothing.
_ICONS = {
    "d": _drawing(
        "e0a526",
        "M1 3.5A1.5 1.5 0 0 1 2.5 2h3l1.5 2h6.5A1.5 1.5 0 0 1 15 5.5v7a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 1 12.5z",
        filled=True,
    ),
    "up": _drawing("8a909a", "M8 13.5v-10M3.5 8 8 3.5 12.5 8"),
    "f": _SHEET,
    "text": _SHEET + _drawing("5b8def", "M5.5 7.5h5M5.5 9.5h5M5.5 11.5h3"),
    "doc": _SHEET + _drawing("d9534f", "M5.5 7.5h5M5.5 9.5h5v3h-5z"),
    "image": _drawing("3c9d6b", "M1.5 2.5h13v11h-13zM1.5 11l4-4 3.5 3.5 2-2 3.5 3M10.5 5.5h1v1h-1z"),
    "audio": _drawing("a05bd6", "M6.5 12V3.5l7-1.5v8.5M6.5 12a2 1.5 0 1 1-4 0 2 1.5 0 0 1 4 0zM13.5 10.5a2 1.5 0 1 1-4 0 2 1.5 0 0 1 4 0z"),
    "video": _drawing("d0567f", "M1.5 3.5h13v9h-13zM6.5 5.8v4.4L10.3 8z"),
    "zip": _drawing("b7791f", "M2.5 2.5h11v11h-11zM8 2.5v1.6M8 5.6v1.6M6.5 9h3v2.5h-3z"),
    "font": _SHEET + _drawing("5b8def", "M5.5 12.5 8 6.5l2.5 6M6.4 10.5h3.2"),
    "data": _drawing("2f8fa8", "M2.5 4a5.5 2 0 0 1 11 0v8a5.5 2 0 0 1-11 0zM2.5 4a5.5 2 0 0 0 11 0M2.5 8a5.5 2 0 0 0 11 0"),
}  # fmt: skip

STYLE = """
:root{color-scheme:light dark;--ink:#1c1e21;--dim:#5f656d;--line:#e4e6ea;--ground:#fff;--hover:#f4f6f9;--link:#0b57d0}
@media (prefers-color-scheme:dark){:root{--ink:#e6e8eb;--dim:#9aa1ab;--line:#30343a;--ground:#16181b;--hover:#1f2226;
--link:#8ab4f8}}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem 3rem}h1{font-size:1.25rem;font-weight:600;margin:0 0 1rem;
overflow-wrap:anywhere}a{color:var(--link);text-decoration:none}a:hover,a:focus-visible{text-decoration:underline}
form{display:flex;gap:.5rem;align-items:center;margin:0 0 1rem;flex-wrap:wrap}
input[type=search],button{font:inherit;color:inherit;background:var(--ground);border:1px solid var(--line);
border-radius:.4rem;padding:.3rem .6rem}input[type=search]{flex:0 1 18rem;min-width:8rem}button{background:var(--hover)}
table{width:100%;border-collapse:collapse}th{font-size:.8rem;font-weight:500;text-align:left;
border-bottom:1px solid var(--line)}th a{color:var(--dim);display:inline-block;padding:.4rem .6rem}
td{border-bottom:1px solid var(--line)}tbody tr:hover{background:var(--hover)}
td.s,td.m{padding:.5rem .6rem;color:var(--dim);white-space:nowrap;font-variant-numeric:tabular-nums}
th.s,td.s{text-align:right}td.n{width:100%}td.n a{display:block;padding:.5rem .6rem .5rem 2.2rem;overflow-wrap:anywhere;
background:no-repeat .55rem .72rem/1.1rem}
.d .n a{font-weight:500}.none{padding:2rem;text-align:center;color:var(--dim)}.none p{margin:.5rem}
.status{font-size:3rem;line-height:1;font-weight:600}
footer{margin-top:1rem;color:var(--dim);font-size:.85rem}
@media (max-width:36rem){main{padding:1rem .5rem 2rem}h1,form{padding:0 .6rem}footer{padding:0 .6rem}
input[type=search]{flex:1}
table,thead,tbody{display:block}thead tr{display:flex}th.n{flex:1}
tbody tr{display:grid;grid-template-columns:1fr auto;border-bottom:1px solid var(--line)}td{border:0}td.n{grid-column:1/-1}
tr:not(.up) .n a{padding-bottom:0}td.s,td.m{padding-top:0;font-size:.85rem}td.m{padding-left:2.2rem}td.s{order:1}
tr.up td:not(.n){display:none}td.none{display:block;grid-column:1/-1}}
""" + "\n".join(
    f".{kind} .n a{{background-image:{_ICON.format(drawing)}}}" for kind, drawing in _ICONS.items()
)
