"""Where text comes from: any encoding, any pieces, again from the beginning."""

import os
from pathlib import Path

import pytest
from programs import posix
from readers import make_source

from pynetdb.errors import CommandLineError, DatabaseError
from pynetdb.rows.source import Source


@pytest.mark.usefixtures("piece")
def test_text_and_again(tmp_path: Path) -> None:
    with make_source(tmp_path, "\ufeffaé\n") as source:
        assert source.size == 7
        assert "".join(source.pieces()) == "aé\n"
        assert source.done == 7
        source.rewind()
        assert "".join(source.pieces()) == "aé\n"


@pytest.mark.usefixtures("piece")
def test_bytes_of_another_encoding_are_told_by_their_line(tmp_path: Path) -> None:
    with make_source(tmp_path, b"a\nb\n\xe9\n") as source, pytest.raises(DatabaseError) as caught:
        list(source.pieces())
    assert str(caught.value).endswith("data line 3: byte 0xe9 is not utf-8")
    assert (caught.value.hint, caught.value.about) == ("another encoding", "cp1252")


@posix
def test_a_pipe_is_read_twice_only_if_it_is_kept(tmp_path: Path) -> None:
    for keep in (True, False):
        reading, writing = os.pipe()
        os.write(writing, b"a,b\n")
        os.close(writing)
        with open(reading, "rb"), Source(f"/dev/fd/{reading}", keep=keep) as source:
            assert source.size is None
            assert "".join(source.pieces()) == "a,b\n"
            if keep:
                source.rewind()
                assert "".join(source.pieces()) == "a,b\n"
            else:
                with pytest.raises(CommandLineError, match="only once"):
                    source.rewind()


@pytest.mark.parametrize("encoding", ["nope", "base64", "rot13"])
def test_no_such_encoding(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(CommandLineError, match="no such encoding") as caught:
        Source(str(tmp_path / "x"), encoding)
    assert caught.value.hint == "encoding"


def test_no_such_file(tmp_path: Path) -> None:
    for path in (str(tmp_path / "nope"), "a\0b"):
        with pytest.raises(CommandLineError):
            Source(path)


@pytest.mark.usefixtures("piece")
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-16", "utf-8"])
def test_a_mark_in_front_is_not_text_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "x"
    mark = "" if encoding == "utf-16" else "\ufeff"
    path.write_bytes(f"{mark}a\ufeffb".encode(encoding))
    with Source(str(path), encoding) as source:
        assert "".join(source.pieces()) == "a\ufeffb"
