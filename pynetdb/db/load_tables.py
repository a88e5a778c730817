"""Data files as tables of a database that lasts as long as a command."""

import os
from collections.abc import Sequence

from pynetdb.db.engine import Engine
from pynetdb.db.load import load
from pynetdb.db.load_options import LoadOptions, LoadResult
from pynetdb.errors import CommandLineError
from pynetdb.rows.data_file import DataFile


def load_tables(engine: Engine, files: Sequence[str], data: DataFile) -> list[LoadResult]:
    """Make a table of each data file, `NAME=FILE` or one that is called like the file, types detected.

    `data` says what the files are like. Raises as `load_file` does.
    """
    results = []
    for text in files:
        name, equals, path = text.partition("=")
        if not equals or not name or os.path.exists(text):
            path = text
            name = os.path.basename(path).split(".")[0] or "stdin"
            name = "stdin" if path == "-" else name
        if engine.find_table(name) is not None:
            raise CommandLineError(f"{text}: there is a table {name!r} already, NAME=FILE gives another name")
        source, reader = data._replace(paths=(path,)).open(keep=True)
        with source:
            results.append(load(engine, reader, LoadOptions(name, create=True)))
    return results
