"""FILE.part: it stays, it continues, it becomes FILE, and only one process has it."""

import os
from pathlib import Path

import pytest
from programs import posix

from pynetdb.errors import CommandLineError, PynetdbError
from pynetdb.results.part_file import PartFile, read_note


def test_what_is_complete_has_its_name(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"old")
    path.chmod(0o640)
    with PartFile(str(path)) as file:
        file.truncate()
        file.note({"etag": "x"})
        file.write(b"new")
        assert path.read_bytes() == b"old" and file.facts() == {"etag": "x"}
        file.keep()
        assert file.close() == 0
    assert path.read_bytes() == b"new" and os.listdir(tmp_path) == ["f"]
    if os.name != "nt":
        assert path.stat().st_mode & 0o777 == 0o640


def test_what_is_not_complete_stays_and_goes_on(tmp_path: Path) -> None:
    path = str(tmp_path / "f")
    with PartFile(path) as file:
        file.note({"etag": "x"})
        file.write(b"abc")
        assert file.close() == 3
    with PartFile(path) as file:
        assert file.size() == 3 and file.facts() == {"etag": "x"}
        file.rewind()
        assert (file.read(2), file.read(9)) == (b"ab", b"c")
        file.write(b"def")
        file.keep()
    assert (tmp_path / "f").read_bytes() == b"abcdef" and os.listdir(tmp_path) == ["f"]


def test_nothing_stays_of_nothing(tmp_path: Path) -> None:
    with PartFile(str(tmp_path / "f")) as file:
        file.note({})
    assert os.listdir(tmp_path) == []
    with PartFile(str(tmp_path / "f")) as file:
        file.write(b"x")
        file.discard()
    assert os.listdir(tmp_path) == []


def test_a_part_of_somebody_else_is_not_taken_for_ours(tmp_path: Path) -> None:
    path = tmp_path / "f"
    assert PartFile.is_possible(str(path))
    (tmp_path / "f.part").write_bytes(b"mine")
    assert not PartFile.is_possible(str(path))
    (tmp_path / "f.part.json").write_text("{}")
    assert PartFile.is_possible(str(path))
    assert not PartFile.is_possible(str(tmp_path / ("x" * 250)))


def test_one_process_at_a_time(tmp_path: Path) -> None:
    path = str(tmp_path / "f")
    with PartFile(path) as file:
        file.write(b"x")
        with pytest.raises(CommandLineError, match=r"f\.part: another process is writing it"):
            PartFile(path)
        file.keep()
    with PartFile(path) as again:
        assert again.size() == 0


@posix
def test_a_link_is_not_followed_and_a_pipe_is_no_part(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    os.symlink(victim, tmp_path / "f.part")
    with pytest.raises(CommandLineError):
        PartFile(str(tmp_path / "f"))
    os.mkfifo(tmp_path / "g.part")
    with pytest.raises(CommandLineError, match="expected a file of our own"):
        PartFile(str(tmp_path / "g"))
    os.symlink(victim, tmp_path / "h.part.json")
    with PartFile(str(tmp_path / "h")) as file, pytest.raises(PynetdbError):
        file.note({})
    assert victim.read_bytes() == b"mine"


@pytest.mark.parametrize("name", [".", "missing/f"])
def test_what_cannot_be_a_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(CommandLineError):
        PartFile(str(tmp_path / name))


def test_a_note_that_is_none(tmp_path: Path) -> None:
    assert read_note(str(tmp_path / "missing")) is None
    (tmp_path / "note").write_bytes(b"[" * 100_000)
    assert read_note(str(tmp_path / "note")) is None
