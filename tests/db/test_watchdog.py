"""A deadline and ^C hold even in one long function of SQLite's."""

import os
import signal
import sqlite3
import subprocess
from pathlib import Path

import pytest
from programs import PATIENCE, PYNETDB, Run, environment, posix

from pynetdb.db.watchdog import watch

# Minutes in one function, which asks nobody: the needle fits nearly everywhere.
LONG = (
    "select instr(replace(hex(zeroblob(1000000)), '0', 'a'), "
    "replace(hex(zeroblob(400000)), '0', 'a') || 'b') as place"
)


def test_the_deadline(run: Run) -> None:
    done = run("db-query", ":memory:", LONG, "--timeout", "200ms")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == "Error: :memory:: the statement did not end in time\n"


@pytest.mark.skipif(
    sqlite3.sqlite_version_info >= (3, 45, 0), reason="platform: this SQLite counts rows without making them"
)
@pytest.mark.parametrize("form", ["table", "json"])
def test_a_view_of_one_in_the_plain_listing(run: Run, tmp_path: Path, form: str) -> None:
    path = tmp_path / "x.db"
    connection = sqlite3.connect(path)
    connection.execute(f"create view v as {LONG}")
    connection.close()
    done = run("db-query", str(path), "--timeout", "200ms", "-f", form)
    assert (done.returncode, done.stdout) == (4, "")


@posix
def test_an_interrupt(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*PYNETDB, "db-query", ":memory:", LONG, "--explain", "-o", "x"],
        stderr=subprocess.PIPE,
        env=environment(),
        cwd=tmp_path,
    ) as process:
        assert process.stderr is not None
        # The last that is told before the statement.
        while b"foreign_keys" not in process.stderr.readline():
            pass
        while not os.listdir(tmp_path):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
    assert os.listdir(tmp_path) == []


def test_what_ends_in_time_is_left_alone() -> None:
    with watch("x", lambda: None, 60.0):
        pass
    with watch("x", lambda: None, None, writes=True):
        pass
    assert signal.set_wakeup_fd(-1) == -1
