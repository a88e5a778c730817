"""SQL from files and standard input."""

from pathlib import Path

import pytest

from pynetdb.db import sql_text as module
from pynetdb.db.sql_text import read_script, read_statement
from pynetdb.errors import CommandLineError


def give(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """Make bytes what standard input holds."""
    monkeypatch.setattr(module, "_read_standard_input", lambda: data)


def test_scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.sql"
    path.write_bytes(b"\xef\xbb\xbfselect 1")
    assert read_script(str(path)) == ("select 1", str(path))
    give(monkeypatch, b"select 2")
    assert read_script("-") == ("select 2", "standard input")
    path.write_bytes(b"\xff")
    for wrong in (path, tmp_path / "nope"):
        with pytest.raises(CommandLineError) as caught:
            read_script(str(wrong))
        assert caught.value.hint == "script"


def test_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, b"select 1")
    assert read_statement() == "select 1"
    give(monkeypatch, b"\xff")
    with pytest.raises(CommandLineError, match="must be UTF-8"):
        read_statement()
