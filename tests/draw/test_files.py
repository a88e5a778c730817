"""What a FILE is, and what its extension means."""

import sqlite3
from pathlib import Path

import pytest
from traces import connect

from pynetdb.draw.files import format_of, is_journal, is_markdown, read_traces
from pynetdb.errors import CommandLineError


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("a.html", "html"),
        ("a.HTM", "html"),
        ("x/a.svg", "svg"),
        ("a.mmd", "mermaid"),
        ("a.md", "mermaid"),
        ("a.txt", "text"),
    ],
)
def test_extensions(path: str, form: str) -> None:
    assert format_of(path) == form


@pytest.mark.parametrize("path", ["a", "a.png", "html", ".svg"])
def test_extensions_that_mean_nothing(path: str) -> None:
    with pytest.raises(CommandLineError, match=r"none of .*\.html"):
        format_of(path)


def test_markdown() -> None:
    assert is_markdown("a.md") and is_markdown("a.Markdown") and not is_markdown("a.mmd")


def test_a_database_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "j")
    connection.execute("create table t (a)")
    connection.commit()
    connection.close()
    (tmp_path / "t").write_bytes(b"".join(connect(1)))
    assert is_journal(str(tmp_path / "j")) and is_journal("postgresql://h/d")
    assert not is_journal(str(tmp_path / "t"))
    assert [trace.process for trace in read_traces([str(tmp_path / "t")] * 2)] == [0, 1]


@pytest.mark.parametrize("name", ["missing", ".", "a\0b"])
def test_what_cannot_be_read(name: str, tmp_path: Path) -> None:
    with pytest.raises(CommandLineError):
        is_journal(str(tmp_path / name))
    if "\0" not in name:
        with pytest.raises(CommandLineError):
            read_traces([str(tmp_path / name)])
