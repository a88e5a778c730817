"""Where a body is saved, under which name, and what may be continued."""

import json
import os
from pathlib import Path

import pytest
from programs import posix

from pynetdb.errors import CommandLineError
from pynetdb.protocols.http.partial import Part
from pynetdb.protocols.http.responses import Response, ResponseParser
from pynetdb.results.download import Download

URL = "http://h/name.txt"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def head(*fields: str) -> Response:
    lines = ["HTTP/1.1 200 OK", "Content-Length: 9", *fields]
    response = ResponseParser().receive_data(("\r\n".join(lines) + "\r\n\r\n").encode())[0]
    assert isinstance(response, Response)
    return response


def leave(download: Download, *fields: str, body: bytes = b"abcd") -> str | None:
    download.begin(head(*fields), None)
    download.write(body)
    return download.close()


def test_what_stays_is_continued_when_asked() -> None:
    assert leave(Download("f", URL + "?token=secret"), 'ETag: "1"') == "4 of 9 bytes stay in f.part"
    assert json.loads(Path("f.part.json").read_text())["url"] == URL
    fresh = Download("f", URL)
    assert fresh.held() is None and fresh.close() == "4 bytes stay in f.part"
    again = Download("f", URL, resume=True)
    held = again.held()
    assert held == Part(4, '"1"', None, 9) and list(again.pieces()) == [b"abcd"]
    again.begin(head(), held)
    again.write(b"efghi")
    again.keep()
    assert again.close() is None
    assert Path("f").read_bytes() == b"abcdefghi" and os.listdir() == ["f"]


def test_a_new_try_goes_on_where_the_version_is_sure() -> None:
    tagged = Download("f", URL)
    tagged.begin(head('ETag: "1"'), None)
    tagged.write(b"abcd")
    assert tagged.restart() and tagged.held() == Part(4, '"1"', None, 9)
    tagged.forget()
    assert tagged.held() is None
    plain = Download("g", URL)
    plain.begin(head(), None)
    plain.write(b"abcd")
    assert plain.restart() and plain.held() is None
    plain.begin(head(), None)
    plain.write(b"x")
    plain.keep()
    assert Path("g").read_bytes() == b"x"
    tagged.close()


def test_what_nobody_wants_is_left_behind_only_if_it_was_there() -> None:
    download = Download("f", URL)
    download.begin(head(), None)
    download.write(b"abcd")
    download.discard()
    assert download.close() is None and os.listdir() == []
    leave(Download("f", URL))
    again = Download("f", URL, resume=True)
    again.begin(head(), again.held())
    again.discard()
    assert again.close() == "4 of 9 bytes stay in f.part"


def test_names_from_the_server_and_the_url() -> None:
    for fields, name in (((), "name.txt"), (("Content-Disposition: attachment; filename=../x",), "x")):
        download = Download(None, URL)
        download.begin(head(*fields), None)
        download.write(b"body")
        download.keep()
        download.close()
        assert Path(name).read_bytes() == b"body"
        again = Download(None, URL)
        with pytest.raises(CommandLineError, match=f"^{name}: exists$"):
            again.begin(head(*fields), None)
    with pytest.raises(CommandLineError, match="no name"):
        Download(None, "http://h/").begin(head(), None)


def test_the_part_of_a_name_that_the_server_gave_is_found() -> None:
    leave(Download(None, URL), 'Content-Disposition: attachment; filename="other"', 'ETag: "1"')
    again = Download(None, URL + "?x", resume=True)
    assert again.held() == Part(4, '"1"', None, 9)
    again.close()
    Path("other.part.json").unlink()
    assert Download(None, URL, resume=True).held() is None
    Path("name.txt.part").write_bytes(b"ab")
    again = Download(None, URL, resume=True)
    assert again.held() == Part(2)
    again.close()


def test_what_is_decoded_does_not_stay() -> None:
    assert leave(Download("f", URL, exact=False)) is None and os.listdir() == []


def test_another_f_part_is_left_alone() -> None:
    Path("f.part").write_bytes(b"mine")
    assert leave(Download("f", URL)) is None
    assert os.listdir() == ["f.part"] and Path("f.part").read_bytes() == b"mine"


@posix
def test_a_device_is_written_to() -> None:
    download = Download("/dev/null", URL, resume=True)
    assert download.held() is None
    assert download.restart()
    download.begin(head(), None)
    download.write(b"x")
    assert not download.restart() and list(download.pieces()) == []
    download.keep()
    assert download.close() is None
