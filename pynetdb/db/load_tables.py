"""Data files as tables of a database that lasts as long as a command."""

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pynetdb.db.data_columns import has_column
from pynetdb.db.engine import Engine
from pynetdb.db.load import load
from pynetdb.db.load_options import LoadOptions, LoadResult
from pynetdb.errors import CommandLineError
from pynetdb.rows.data_file import DataFile


class _NamedFile(NamedTuple):
    """A data file, and the table that is made of it."""

    table: str
    path: str
    text: str
    """How the user has written both."""


def load_tables(
    engine: Engine, files: Sequence[str], data: DataFile, types: Mapping[str, str]
) -> list[LoadResult]:
    """Make a table of each data file, `NAME=FILE` or one that is called like the file, types detected.

    `data` says what the files are like, `types` the types of those columns, in the words of the database,
    in all files that have them. Raises as `load_file` does, and CommandLineError for a type of a column that
    none of them has.
    """
    named = [_read_name(text) for text in files]
    if [file.path for file in named].count("-") > 1:
        raise CommandLineError("standard input can be read only once")
    unused = dict(types)
    results = []
    for file in named:
        if engine.find_table(file.table) is not None:
            raise CommandLineError(
                f"{file.text}: there is a table {file.table!r} already, NAME=FILE gives another name"
            )
        source, reader = data._replace(paths=(file.path,)).open(keep=True)
        with source:
            if types:
                reader.learn_columns()
                reader.rewind()
            own = {name: declared for name, declared in types.items() if has_column(reader, name)}
            unused = {name: declared for name, declared in unused.items() if name not in own}
            options = LoadOptions(file.table, create=True, detect=data.numbers != "text", types=own)
            results.append(load(engine, reader, options.for_data(data)))
    if unused:
        told = f"{next(iter(unused))}: no such column in {', '.join(files)}"
        raise CommandLineError(told, hint="column type")
    return results


def _read_name(text: str) -> _NamedFile:
    name, equals, path = text.partition("=")
    if not equals or not name or os.path.exists(text):
        path = text
        name = "stdin" if path == "-" else os.path.basename(path).split(".")[0] or "stdin"
    return _NamedFile(name, path, text)
