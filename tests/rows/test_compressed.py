"""Compressed files are read as what is in them."""

import bz2
import gzip
import lzma
import os
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from programs import Run, posix

from pynetdb.errors import CommandLineError
from pynetdb.rows.source import Source

TEXT = "a,b\n" + "".join(f"{number},x\n" for number in range(20_000))
PACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "plain": bytes,
}


def zipped(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("folder") if hasattr(archive, "mkdir") else None
        for name in names:
            archive.writestr(name, TEXT)
    return path


@pytest.mark.parametrize("kind", [*PACK, "zip"])
def test_twice(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x"
    if kind == "zip":
        zipped(path, "x.csv")
    else:
        path.write_bytes(PACK[kind](TEXT.encode()))
    with Source(str(path)) as source:
        assert source.peek(10).startswith("a,b\n0,x")
        assert "".join(source.pieces()) == TEXT
        source.rewind()
        assert "".join(source.pieces()) == TEXT
        assert (source.size is None) == (kind != "plain")


@posix
@pytest.mark.parametrize("kind", ["gz", "xz", "plain"])
def test_from_a_pipe(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    reading, writing = os.pipe()
    data = PACK[kind](TEXT.encode())

    def give() -> None:
        with open(writing, "wb") as pipe:
            pipe.write(data)

    thread = threading.Thread(target=give)
    thread.start()
    with Source(f"/dev/fd/{reading}", keep=True) as source:
        assert "".join(source.pieces()) == TEXT
        source.rewind()
        assert "".join(source.pieces()) == TEXT
    thread.join()
    os.close(reading)


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz"])
def test_damage_is_told(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x"
    data = PACK[kind](TEXT.encode())
    for damaged in (data[: len(data) // 2], data[:30] + bytes(8) + data[38:]):
        path.write_bytes(damaged)
        with pytest.raises(CommandLineError, match="is damaged"), Source(str(path)) as source:
            list(source.pieces())


def test_a_zip_of_several_files(tmp_path: Path) -> None:
    with pytest.raises(CommandLineError, match=r"holds 2 files, expected one \(a.csv, b.csv\)"):
        Source(str(zipped(tmp_path / "x.zip", "a.csv", "b.csv")))


def test_a_zip_without_a_file(tmp_path: Path) -> None:
    for names in ((), ("__MACOSX/._a.csv",), ("other/",)):
        with pytest.raises(CommandLineError, match="holds no file, expected one$"):
            Source(str(zipped(tmp_path / "x.zip", *names)))
    with zipfile.ZipFile(tmp_path / "empty", "w"):
        pass
    with pytest.raises(CommandLineError, match="holds no file, expected one$"):
        Source(str(tmp_path / "empty"))


def test_what_macos_adds_to_a_zip_is_no_file(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", "a.csv", "__MACOSX/._a.csv")
    with Source(str(path)) as source:
        assert "".join(source.pieces())


def test_the_name_inside_says_the_format(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"a": 1}\n{"a": 2}\n'))
    done = run("db-insert", str(tmp_path / "x.db"), "t", "--from", str(path), "--create")
    assert done.stdout == "t: 2 rows inserted (table made)\n"
