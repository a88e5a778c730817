"""The files that a command line reads: what it writes anew may be none of them."""

import os
from collections.abc import Iterator
from contextlib import suppress

import click

from pynetdb.file_kinds import is_sqlite


def refuse_input(path: str) -> None:
    """Raise UsageError for a --trace that would empty a file which is named for another use."""
    if not os.path.isfile(path):
        return
    for word in _named_files():
        with suppress(OSError, ValueError):
            # Of a database who opens the trace says that it is one.
            if os.path.samestat(os.stat(word), os.stat(path)) and not is_sqlite(path):
                raise click.UsageError(f"--trace {path}: would take the place of what is read")


def _named_files() -> Iterator[str | int]:
    """The words of the command line that may be files, `NAME=FILE` as well, and standard input."""
    context = click.get_current_context()
    for parameter in context.command.params:
        if parameter.name == "trace":
            continue
        value = context.params.get(parameter.name or "")
        words = [value] if isinstance(value, str) else value if isinstance(value, tuple) else []
        for word in words:
            for part in word if isinstance(word, tuple) else (word,):
                if isinstance(part, str):
                    yield part
                    yield part.partition("=")[2]
    yield 0
