"""A file is there whole or not at all."""

import os
from pathlib import Path

import pytest
from programs import posix

from pynetdb.errors import CommandLineError, PynetdbError
from pynetdb.whole_file import WholeFile


def test_whole(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with WholeFile(str(path)) as file:
        file.write(b"half")
        assert not path.exists()
        file.write(b" and half")
        file.keep()
    assert path.read_bytes() == b"half and half"
    assert os.listdir(tmp_path) == ["x"]


def test_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    with pytest.raises(KeyError), WholeFile(str(path)) as file:
        file.write(b"new")
        raise KeyError
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["x"]


@posix
def test_mode_and_link_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    path.chmod(0o640)
    (tmp_path / "link").symlink_to("x")
    with WholeFile(str(tmp_path / "link")) as file:
        file.write(b"new")
        file.keep()
    assert (tmp_path / "link").is_symlink() and path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640


@posix
def test_a_device_is_written_as_it_is() -> None:
    with WholeFile(os.devnull) as file:
        file.write(b"x")
        file.keep()
    with pytest.raises(PynetdbError, match="No space left"), WholeFile("/dev/full") as file:
        file.write(b"x")
        file.keep()


def test_where_no_file_can_be(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing" / "x"):
        with pytest.raises(CommandLineError), WholeFile(str(path)):
            pass


def test_what_was_never_written_need_not_be_taken_back() -> None:
    with WholeFile(os.devnull) as file:
        assert file.restart()
        file.write(b"x")
        assert not file.restart()
