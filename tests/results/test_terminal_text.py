"""Bodies on a terminal: every charset, marks taken off, nothing binary."""

import pytest

from pynetdb.errors import PynetdbError
from pynetdb.protocols.http.responses import Response, ResponseParser
from pynetdb.results import Output
from pynetdb.results.terminal_text import TerminalText


def shown(capsys: pytest.CaptureFixture[str], content_type: str, *pieces: bytes) -> str:
    response = ResponseParser().receive_data(
        f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n\r\n".encode()
    )[0]
    assert isinstance(response, Response)
    text = TerminalText(Output())
    text.begin("http://h/", response)
    for piece in pieces:
        text.write(piece)
    text.end()
    return capsys.readouterr().out


def test_charsets(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, "text/plain; charset=iso-8859-1", b"caf\xe9\x1b[31m") == "café\\e[31m"
    assert shown(capsys, "text/csv", b"\xef", b"\xbb", b"\xbfid\n") == "id\n"
    assert shown(capsys, "text/csv", b"\xff\xfe", b"i\0", b"d\0") == "id"
    assert shown(capsys, "text/plain", b"\xc3", b"\xa4\xc3") == "ä\\xc3"
    assert shown(capsys, "text/plain") == ""
    assert shown(capsys, "text/plain", b"\xef") == "\\xef"


def test_what_is_no_text_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(PynetdbError, match="http://h/: the body is no text") as caught:
        shown(capsys, "image/png", b"\x89PNG\r\n\x1a\n\0\0")
    assert caught.value.hint == "binary" and capsys.readouterr().out == ""
