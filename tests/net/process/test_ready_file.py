"""The ready file: whole or not there, and ours alone to remove."""

import json
from pathlib import Path

import pytest

from pynetdb.errors import CommandLineError
from pynetdb.net.process.ready_file import ReadyFile


def test_it_is_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    file = ReadyFile(str(path))
    assert not path.exists()
    file.write({"port": 5})
    assert json.loads(path.read_text()) == {"port": 5}
    assert list(tmp_path.iterdir()) == [path]
    file.remove()
    assert list(tmp_path.iterdir()) == []
    file.remove()


def test_what_was_never_written_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    file = ReadyFile(str(path))
    path.write_text("somebody else's")
    file.remove()
    assert path.read_text() == "somebody else's"


def test_places_where_no_file_can_be(tmp_path: Path) -> None:
    with pytest.raises(CommandLineError, match="there is no folder"):
        ReadyFile(str(tmp_path / "none" / "ready.json"))
    with pytest.raises(CommandLineError, match="is a folder"):
        ReadyFile(str(tmp_path))
