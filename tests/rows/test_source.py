"""Where text comes from: any encoding, any pieces, again from the beginning."""

import encodings
import errno
import os
import pkgutil
import warnings
from contextlib import suppress
from encodings.aliases import aliases
from pathlib import Path

import pytest
from programs import posix
from readers import make_source

from pynetdb.errors import CommandLineError, DatabaseError, PynetdbError
from pynetdb.hints import error_message
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
    # Half of a character at the end of a piece, and at the end of the file.
    for text, encoding, line in (("é\n" * 5, "utf-8", 6), ("é\n\u0a0a" * 5, "utf-16-le", 6)):
        (tmp_path / "half").write_bytes(text.encode(encoding) + "é".encode(encoding)[:1])
        with Source(str(tmp_path / "half"), encoding) as source, pytest.raises(DatabaseError) as caught:
            list(source.pieces())
        assert f" line {line}: " in str(caught.value)


def test_what_is_utf_16_without_a_mark_is_not_taken_for_utf_8(tmp_path: Path) -> None:
    with (
        make_source(tmp_path, "id,name\n".encode("utf-16-be")) as source,
        pytest.raises(DatabaseError) as caught,
    ):
        list(source.pieces())
    assert (caught.value.hint, caught.value.about) == ("another encoding", "utf-16-be")
    with make_source(tmp_path, b"a\0b,c\n" + b"x\n" * 9) as source:
        assert "".join(source.pieces()).startswith("a\0b")


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


def read(path: Path, encoding: str = "utf-8") -> DatabaseError | None:
    with Source(str(path), encoding) as source:
        try:
            list(source.pieces())
        except DatabaseError as error:
            return error
    return None


@pytest.mark.usefixtures("piece")
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-16-le", "utf-32-be", "shift_jis", "euc_kr", "gb18030", "utf-7"]
)
@pytest.mark.parametrize("text", ["id;t\n1;aä漢", "漢字\n"])
def test_what_is_cut_off_ends_within_a_character(tmp_path: Path, encoding: str, text: str) -> None:
    data = text.encode(encoding, "ignore")
    path = tmp_path / "x"
    for end in range(2, len(data)):
        path.write_bytes(data[:end])
        error = read(path, encoding)
        try:
            data[:end].decode(encoding)
        except UnicodeDecodeError:
            line = 1 + data[:end].decode(encoding, "ignore").count("\n")
            assert str(error) == f"{path} line {line}: ends within a character of {encoding}"
            assert error is not None and error.hint is None
        else:
            assert error is None


@pytest.mark.usefixtures("piece")
@pytest.mark.parametrize(
    ("data", "cut"),
    [(b"caf\xc3", True), (b"\xc3\xa9 caf\xe9", True), (b"caf\xe2\x82", True), (b"caf\xe9", False),
     (b"Fu\xdf", False), (b"CAF\xc9", False), (b"\xe9", False), (b"caf\xe9\n", False)],
)  # fmt: skip
def test_a_last_letter_is_no_part_of_a_character(tmp_path: Path, data: bytes, cut: bool) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"id;t\n1;" + data)
    error = read(path)
    assert error is not None and "line 2: " in str(error)
    assert ("ends within a character" in str(error)) == cut
    assert (error.hint, error.about) == ((None, "") if cut else ("another encoding", "cp1252"))


NAMES = {*aliases, *aliases.values(), *(module.name for module in pkgutil.iter_modules(encodings.__path__))}


@pytest.mark.parametrize(
    "data", [b"a;b\n1;2\n", b"", b"\xff", b"\xff\xfe\0", bytes(range(256)) * 3, b"\\x-0\\"]
)
def test_every_encoding_of_python_reads_or_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    for name in sorted(NAMES):
        with warnings.catch_warnings(), suppress(CommandLineError):
            warnings.simplefilter("ignore", DeprecationWarning)  # Of escapes, as Python's own text has them.
            error = read(path, name)
            assert error is None or (error.hint or "ends within" in str(error))


def test_utf_16_without_a_mark_is_told_which_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x"
    for encoding in ("utf-16-le", "utf-16-be"):
        path.write_bytes("id,name\n1,Köln\n".encode(encoding))
        for wrong in ("utf-8", "utf-16"):
            error = read(path, wrong)
            assert error is not None and (error.hint, error.about) == ("another encoding", encoding)


def test_several_encodings_that_fit_are_told(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes("Dvořák;Plzeň;Třebíč\n".encode("cp1250"))
    error = read(path)
    assert error is not None and error.hint == "several encodings"
    assert error_message(error).endswith("(--encoding says which: cp1252, cp1250)")


@pytest.mark.parametrize(
    "encoding", ["nope", "base64", "rot13", "idna", "punycode", "undefined", "", "\udcff", "a\0b", "../x"]
)
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


class Narrow:
    """A file that takes a few bytes at a time, as a nearly full disk does, and at last no more."""

    def __init__(self, path: Path, room: int) -> None:
        self.file = path.open("w+b", buffering=0)
        self.room = room
        self.seek, self.read, self.close = self.file.seek, self.file.read, self.file.close

    def write(self, data: bytes) -> int:
        if not self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = self.file.write(data[: min(7, self.room)])
        self.room -= taken
        return taken


@posix
@pytest.mark.parametrize("room", [1 << 20, 5000])
def test_what_is_kept_of_a_pipe_is_whole_or_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    text = "".join(f"{number}\n" for number in range(2000))
    monkeypatch.setattr(Source, "_keep", lambda self: Narrow(tmp_path / "kept", room))
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    with open(reading, "rb"), Source(f"/dev/fd/{reading}", keep=True) as source:
        if room < len(text):
            with pytest.raises(PynetdbError, match="no copy can be kept .*: No space left on device"):
                list(source.pieces())
            return
        assert "".join(source.pieces()) == text
        source.rewind()
        assert "".join(source.pieces()) == text
