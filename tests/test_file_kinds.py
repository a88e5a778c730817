"""A file is what it begins as, whatever its name says."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from programs import posix

from pynetdb.file_kinds import SQLITE, is_sqlite


@pytest.mark.parametrize("name", ["x.db", "x.csv", "x"])
def test_a_database(tmp_path: Path, name: str) -> None:
    with closing(sqlite3.connect(tmp_path / name)) as db:
        db.execute("CREATE TABLE t (a)")
    assert is_sqlite(tmp_path / name)


@pytest.mark.parametrize("data", [b"", SQLITE[:-1], b"x" + SQLITE])
def test_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.db").write_bytes(data)
    assert not is_sqlite(tmp_path / "x.db")
    assert not is_sqlite(tmp_path) and not is_sqlite(tmp_path / "none") and not is_sqlite("a\0b")


@posix
def test_a_pipe_is_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    descriptor = os.open(tmp_path / "pipe", os.O_RDWR)
    try:
        assert not is_sqlite(tmp_path / "pipe")
    finally:
        os.close(descriptor)
