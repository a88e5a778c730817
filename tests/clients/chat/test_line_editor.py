"""Keys in, a line and its picture out."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.clients.chat.line_editor import EndOfInput, LineEditor
from pynetdb.text_width import text_width

UP, DOWN, RIGHT, LEFT = b"\x1b[A", b"\x1b[B", b"\x1b[C", b"\x1b[D"
HOME, END, DELETE = b"\x1b[H", b"\x1bOF", b"\x1b[3~"


def editor(*names: str) -> LineEditor:
    return LineEditor("> ", lambda: names)


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (b"hello", "hello"),
        ("Grüße 王".encode(), "Grüße 王"),
        (b"helo" + LEFT + b"l", "hello"),
        (b"xhello" + HOME + DELETE, "hello"),
        (b"ello" + b"\x01h\x05!", "hello!"),
        (b"hellox\x7f", "hello"),
        (b"\x7f\x08" + LEFT + b"a", "a"),
        (b"a" + RIGHT + RIGHT + b"b", "ab"),
        (b"hello world\x17", "hello"),
        (b"hello world" + LEFT * 6 + b"\x0b", "hello"),
        (b"rubbish\x15hello", "hello"),
        (b"hello" + HOME + b"\x04", "ello"),
        (b"a\x1b[5~\x1b[1;5C\x1bx\x00\x07b" + END, "ab"),
        (b"\xff", "\ufffd"),
    ],
)
def test_a_line_is_edited(keys: bytes, line: str) -> None:
    assert editor().receive_data(keys + b"\r") == [line]


def test_keys_may_be_cut_anywhere() -> None:
    keys = "é".encode() + LEFT + b"a\x1bOD" + DELETE + b"\n"
    one = editor()
    assert [line for byte in keys for line in one.receive_data(bytes([byte]))] == ["é"]


def test_history() -> None:
    one = editor()
    assert one.receive_data(b"first\rsecond\rsecond\r\r") == ["first", "second", "second", ""]
    one.receive_data(b"draft" + UP)
    assert one.text == "second"
    one.receive_data(UP + UP)
    assert one.text == "first"
    one.receive_data(DOWN + DOWN + DOWN)
    assert one.text == "draft"


def test_the_end_of_input() -> None:
    one = editor()
    (end,) = one.receive_data(b"\x04")
    assert isinstance(end, EndOfInput)


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        (b"jo", "joe"),
        (b"private jo", "private joe:"),
        (b"hi AN", "hi ann"),
        (b"an", "ann"),
        (b"x", "x"),
        (b"", ""),
        (b"hi ", "hi "),
    ],
)
def test_names_are_completed(typed: bytes, completed: str) -> None:
    one = editor("joe", "anna", "annette")
    one.receive_data(typed + b"\t")
    assert one.text == completed


def test_the_picture() -> None:
    one = editor()
    one.receive_data(b"hello" + LEFT + LEFT)
    assert one.picture(80) == "\r\x1b[K> hello\x1b[2D"
    one.receive_data(END)
    assert one.picture(80) == "\r\x1b[K> hello"


@given(
    st.text(st.characters(categories=["L", "N", "S", "M"]), max_size=60),
    st.integers(0, 60),
    st.integers(4, 40),
)
def test_the_picture_never_needs_two_rows(text: str, back: int, width: int) -> None:
    one = editor()
    one.receive_data(text.encode() + LEFT * back)
    drawn = re.sub(r"\x1b\[\d*[KD]|\r", "", one.picture(width))
    assert text_width(drawn) <= width
