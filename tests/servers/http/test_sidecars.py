"""Compressed copies: only a whole one of this very file stands for it."""

import gzip
import os
import random
import time
from pathlib import Path

import pytest

from pynetdb.servers.http.root import Found, Root
from pynetdb.servers.http.sidecars import CompressedCopies

PLAIN = random.Random(1).randbytes(300_000)
ZIPPED = gzip.compress(PLAIN, mtime=0)


def found(root: Root, name: str) -> Found:
    there = root.find([name])
    assert there is not None
    return there


@pytest.mark.parametrize(
    ("copy", "stands"),
    [
        (ZIPPED, True),
        (ZIPPED[:-1], False),
        (ZIPPED[:100_000], False),
        (b"", False),
        (ZIPPED[:17], False),
        (b"PK" + ZIPPED[2:], False),
        (gzip.compress(PLAIN[:-1], mtime=0), False),
        (gzip.compress(PLAIN + b"x", mtime=0), False),
        (gzip.compress(b"short", mtime=0), False),
        (b"text in a file with that name, long enough", False),
    ],
)
def test_gzip_is_known_by_its_magic_and_the_size_at_its_end(
    tmp_path: Path, copy: bytes, stands: bool
) -> None:
    (tmp_path / "a").write_bytes(PLAIN)
    (tmp_path / "a.gz").write_bytes(copy)
    root = Root(str(tmp_path))
    copies = CompressedCopies(root)
    for _ in range(2):
        assert copies.stands_for(found(root, "a.gz"), found(root, "a"), "gzip") is stands


def test_what_was_found_holds_until_one_of_them_changes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(PLAIN)
    (tmp_path / "a.gz").write_bytes(ZIPPED)
    root = Root(str(tmp_path))
    copies = CompressedCopies(root)
    assert copies.stands_for(found(root, "a.gz"), found(root, "a"), "gzip")
    with open(tmp_path / "a.gz", "ab") as file:
        file.write(b"more")
    assert not copies.stands_for(found(root, "a.gz"), found(root, "a"), "gzip")
    (tmp_path / "a.gz").write_bytes(ZIPPED)
    assert copies.stands_for(found(root, "a.gz"), found(root, "a"), "gzip")
    with open(tmp_path / "a", "ab") as file:
        file.write(b"more")
    os.utime(tmp_path / "a", (0, 0))
    assert not copies.stands_for(found(root, "a.gz"), found(root, "a"), "gzip")


def test_an_older_copy_is_of_another_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(PLAIN)
    (tmp_path / "a.gz").write_bytes(ZIPPED)
    os.utime(tmp_path / "a.gz", (0, 0))
    root = Root(str(tmp_path))
    assert not CompressedCopies(root).stands_for(found(root, "a.gz"), found(root, "a"), "gzip")


@pytest.mark.parametrize(("content", "age", "stands"), [(b"x", 10, True), (b"x", 1, False), (b"", 10, False)])
def test_brotli_has_no_end_so_it_must_have_settled(
    tmp_path: Path, content: bytes, age: float, stands: bool
) -> None:
    (tmp_path / "a").write_bytes(b"")
    (tmp_path / "a.br").write_bytes(content)
    os.utime(tmp_path / "a", (0, 0))
    os.utime(tmp_path / "a.br", (time.time() - age,) * 2)
    root = Root(str(tmp_path))
    assert CompressedCopies(root).stands_for(found(root, "a.br"), found(root, "a"), "br") is stands
