"""Pieces of standard input become lines."""

from pynetdb.clients.chat.stdin import Lines


def test_lines_of_a_pipe() -> None:
    lines = Lines()
    assert lines.receive_data(b"one\r\ntw") == ["one"]
    assert lines.receive_data(b"o\n\n") == ["two", ""]
    assert lines.receive_eof() == []
    assert lines.receive_data(b"\xff") == []
    assert lines.receive_eof() == ["\\xff"]
