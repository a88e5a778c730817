"""Data files as tables of a database that lasts as long as a command."""

import os
from collections.abc import Callable, Sequence

from pynetdb.db.engine import Engine
from pynetdb.db.load import LoadOptions, load
from pynetdb.errors import CommandLineError
from pynetdb.rows.data_file import DataFile


def load_tables(engine: Engine, files: Sequence[str], tell: Callable[[str], None]) -> None:
    """Make a table of each data file, `NAME=FILE` or one that is called like the file, types detected.

    Raises as `load_file` does.
    """
    for text in files:
        name, equals, path = text.partition("=")
        if not equals or not name or os.path.exists(text):
            path = text
            name = os.path.basename(path).split(".")[0] or "stdin"
            name = "stdin" if path == "-" else name
        if engine.find_table(name) is not None:
            raise CommandLineError(f"{text}: there is a table {name!r} already, NAME=FILE gives another name")
        source, reader = DataFile((path,), tell=tell).open(keep=True)
        with source:
            load(engine, reader, LoadOptions(name, create=True))
