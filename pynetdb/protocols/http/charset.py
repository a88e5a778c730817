"""In which charset a body is text: by its first bytes, its Content-Type, or what HTML says of itself."""

import codecs
import re

# What is looked at to find out.
MAX_BEGINNING = 2000

# The longer first: UTF-32's little-endian mark begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = re.compile(r"utf[_-]?(?:16|32)", re.IGNORECASE)
# Codecs of text alone: Python has others, which unpack or cost quadratic time.
_CHARSET = re.compile(
    r"(?:utf|iso|latin|windows|cp|koi8|shift|euc|gb|big5|us-ascii|ascii)[\w.:-]*", re.IGNORECASE
)
# What the web means by some names (the labels of WHATWG's Encoding standard): who says Latin-1 sends
# Windows' quotation marks, who says GB2312 more than that.
_MEANT = {
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "euc-kr": "cp949",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
}


def find_charset(content_type: str | None, beginning: bytes) -> str:
    """Return the codec of a body's text; UTF-8 where nothing says more.

    A byte order mark is believed first, as browsers do; then Content-Type; then what HTML says in a meta
    element within these first bytes. The codec takes a mark off.
    """
    for mark, codec in _MARKS:
        if beginning.startswith(mark):
            return codec
    named = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", content_type or "", re.IGNORECASE)
    name = named[1] if named else None
    if name is None and "html" in (content_type or "").lower():
        meta = re.search(rb"<meta\s[^>]*?charset\s*=\s*[\"']?\s*([\w.:-]+)", beginning, re.IGNORECASE)
        name = meta[1].decode("ascii", "replace") if meta else None
        if name is not None and _WIDE.match(name):
            name = None  # It could not have been read then.
    return _codec(name) if name else "utf-8"


def may_be_marked(beginning: bytes) -> bool:
    """Say whether more bytes could make this a byte order mark."""
    return any(len(beginning) < len(mark) and mark.startswith(beginning) for mark, _ in _MARKS)


def is_binary(beginning: bytes, charset: str) -> bool:
    """Say whether a body that begins so is no text: it has a NUL, which only wide charsets use."""
    return b"\0" in beginning[:MAX_BEGINNING] and not _WIDE.match(charset)


def _codec(name: str) -> str:
    meant = _MEANT.get(name.lower())
    if meant is not None:
        return meant
    if _CHARSET.fullmatch(name):
        try:
            return codecs.lookup(name).name
        except LookupError:
            pass
    return "utf-8"
