"""version: what a report needs."""

import json
import platform
import re
import sqlite3

from programs import ROOT, Run

from pynetdb import __version__


def test_for_people(run: Run) -> None:
    lines = run("version").stdout.splitlines()
    assert lines[0] == f"pynetdb {__version__}"
    assert f"python {platform.python_version()}" in lines
    assert f"sqlite {sqlite3.sqlite_version}" in lines


def test_the_newest_of_the_changelog_is_this_one() -> None:
    heading = re.search(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert heading is not None and re.fullmatch(rf"{re.escape(__version__)} - \d{{4}}-\d\d-\d\d", heading[1])


def test_for_programs(run: Run) -> None:
    assert list(json.loads(run("version", "--json").stdout)) == [
        *("pynetdb", "python", "sqlite", "click", "tabulate", "system")
    ]
