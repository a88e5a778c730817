"""Media types by the ending of a file's name: our own table, the same on every system.

Windows reads its registry, where any installed program may have made `.js` text/plain, and Linux a file that
may not be there; a module script with the wrong type does not run.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

DEFAULT_TYPE = "application/octet-stream"

_TEXT = {
    "text/html": "html htm",
    "text/css": "css",
    "text/javascript": "js mjs cjs",
    "text/plain": "txt text log ini cfg conf toml py pyi rst c h cc cpp hpp rs go java sh sql diff patch tex",
    "text/markdown": "md markdown",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "text/xml": "xml xsl xsd",
    "text/calendar": "ics",
    "text/vcard": "vcf",
    "text/vtt": "vtt",
    "text/yaml": "yaml yml",
}
# XML and JSON declare UTF-8 by themselves; SVG is shown wrongly by nobody.
_OTHER = {
    "application/json": "json map ipynb",
    "application/ld+json": "jsonld",
    "application/geo+json": "geojson",
    "application/jsonl": "jsonl ndjson",
    "application/manifest+json": "webmanifest",
    "application/wasm": "wasm",
    "application/xhtml+xml": "xhtml",
    "application/atom+xml": "atom",
    "application/rss+xml": "rss",
    "application/pdf": "pdf",
    "application/postscript": "ps eps ai",
    "application/rtf": "rtf",
    "application/epub+zip": "epub",
    "application/zip": "zip whl",
    "application/gzip": "gz tgz",
    "application/x-bzip2": "bz2",
    "application/x-xz": "xz",
    "application/zstd": "zst",
    "application/x-tar": "tar",
    "application/x-7z-compressed": "7z",
    "application/vnd.rar": "rar",
    "application/java-archive": "jar",
    "application/vnd.sqlite3": "db sqlite sqlite3",
    "application/vnd.android.package-archive": "apk",
    "application/msword": "doc",
    "application/vnd.ms-excel": "xls",
    "application/vnd.ms-powerpoint": "ppt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/vnd.apple.mpegurl": "m3u8",
    "application/dash+xml": "mpd",
    "application/ogg": "ogx",
    "application/vnd.ms-fontobject": "eot",
    "audio/aac": "aac",
    "audio/flac": "flac",
    "audio/midi": "mid midi",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg oga opus",
    "audio/wav": "wav",
    "audio/webm": "weba",
    "font/otf": "otf",
    "font/ttf": "ttf",
    "font/collection": "ttc",
    "font/woff": "woff",
    "font/woff2": "woff2",
    "image/apng": "apng",
    "image/avif": "avif",
    "image/bmp": "bmp",
    "image/gif": "gif",
    "image/heic": "heic",
    "image/jpeg": "jpg jpeg jfif",
    "image/jxl": "jxl",
    "image/png": "png",
    "image/svg+xml": "svg",
    "image/tiff": "tif tiff",
    "image/webp": "webp",
    "image/x-icon": "ico cur",
    "model/gltf+json": "gltf",
    "model/gltf-binary": "glb",
    "video/mp4": "mp4 m4v",
    "video/mpeg": "mpeg mpg",
    "video/mp2t": "ts",
    "video/ogg": "ogv",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/x-matroska": "mkv",
    "video/x-msvideo": "avi",
    "video/3gpp": "3gp",
}
_BY_ENDING = {
    ending: f"{kind}; charset=utf-8" for kind, endings in _TEXT.items() for ending in endings.split()
} | {ending: kind for kind, endings in _OTHER.items() for ending in endings.split()}


_TCHARS = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_VALUE = rf'(?:{_TCHARS}|"(?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*")'
_MEDIA_TYPE = rf"{_TCHARS}/{_TCHARS}(?:[ \t]*;[ \t]*{_TCHARS}={_VALUE})*"


def parse_type_rule(text: str) -> tuple[str, str]:
    """Return the ending, in lower case, and the Content-Type of `.ext=TYPE`; raise ValueError."""
    ending, equals, content_type = text.partition("=")
    content_type = content_type.strip(" \t")
    if not equals or not ending.startswith(".") or len(ending) < 2 or "/" in ending:
        raise ValueError(f"{text!r}: expected .ENDING=TYPE, such as .html=text/html")
    if re.fullmatch(_MEDIA_TYPE, content_type, re.ASCII) is None:
        raise ValueError(
            f"{content_type!r} is not a media type, expected one such as text/html; charset=latin1"
        )
    return ending.lower(), content_type


def guess_content_type(name: str, rules: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the Content-Type for a file called `name`: by what follows its last dot, in any case.

    `rules` have types for endings, dot included; the longest that fits decides, before our own table.
    """
    if rules:
        lowered = name.lower()
        fitting = [ending for ending in rules if lowered.endswith(ending) and len(lowered) > len(ending)]
        if fitting:
            return rules[max(fitting, key=len)]
    stem, _, ending = name.rpartition(".")
    # `.html` alone is a hidden file without an ending.
    return _BY_ENDING.get(ending.lower(), DEFAULT_TYPE) if stem else DEFAULT_TYPE
