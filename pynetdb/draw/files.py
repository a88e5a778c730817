"""What FILE is: a trace or a journal; and in which form the picture goes where."""

import os
from collections.abc import Sequence

from pynetdb.draw.trace import Trace, parse_trace
from pynetdb.errors import CommandLineError
from pynetdb.file_kinds import SQLITE

FORMATS = ("html", "svg", "mermaid", "text")

_EXTENSIONS = {
    ".html": "html",
    ".htm": "html",
    ".svg": "svg",
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
    ".md": "mermaid",
    ".markdown": "mermaid",
    ".txt": "text",
    ".text": "text",
}


def format_of(path: str) -> str:
    """Return the format that a file's extension means. Raises CommandLineError for one that means none."""
    extension = os.path.splitext(path)[1].lower()
    if extension not in _EXTENSIONS:
        known = ", ".join(sorted(_EXTENSIONS))
        raise CommandLineError(f"{path}: the extension is none of {known}")
    return _EXTENSIONS[extension]


def is_markdown(path: str) -> bool:
    """Say whether a file holds Markdown, in which Mermaid stands in a fence."""
    return os.path.splitext(path)[1].lower() in (".md", ".markdown")


def is_journal(place: str) -> bool:
    """Say whether this is a database, by its URL or its first bytes. Raises CommandLineError."""
    if "://" in place:
        return True
    try:
        with open(place, "rb") as file:
            return file.read(len(SQLITE)) == SQLITE
    except (OSError, ValueError) as error:
        raise CommandLineError(f"{place}: {getattr(error, 'strerror', None) or error}") from error


def read_traces(paths: Sequence[str]) -> list[Trace]:
    """Read traces, each of one process. Raises CommandLineError."""
    traces = []
    for number, path in enumerate(paths):
        try:
            with open(path, "rb") as file:
                traces.append(parse_trace(file, path, number))
        except OSError as error:
            raise CommandLineError(f"{path}: {error.strerror}") from error
    return traces
