"""version: what a report needs."""

import json
import platform
import sqlite3

from programs import Run

from pynetdb import __version__


def test_for_people(run: Run) -> None:
    lines = run("version").stdout.splitlines()
    assert lines[0] == f"pynetdb {__version__}"
    assert f"python {platform.python_version()}" in lines
    assert f"sqlite {sqlite3.sqlite_version}" in lines


def test_for_programs(run: Run) -> None:
    assert list(json.loads(run("version", "--json").stdout)) == [
        *("pynetdb", "python", "sqlite", "click", "tabulate", "system")
    ]
