"""Nothing that a stranger says commands a terminal."""

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from pynetdb.terminal import decoded, safe, safe_json, safe_line, wrap_line

COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def test_escapes_are_readable() -> None:
    assert safe("a\x1b[31mb\r\x07\x9b\u202e") == r"a\e[31mb\r\x07\x9b\u202e"


def test_newlines_and_tabs_stay_in_a_text_and_not_in_a_line() -> None:
    assert safe("a\n\tb") == "a\n\tb"
    assert safe_line("a\n\tb") == r"a\n\tb"


def test_ordinary_text_is_left_alone() -> None:
    text = "Grüße, 世界 😀 \\ - ~"
    assert safe(text) == safe_line(text) == text


@given(st.text())
def test_no_text_can_command_a_terminal(text: str) -> None:
    assert not COMMANDS.search(safe(text))
    assert not re.search("[\n\t]", safe_line(text))


@given(st.text(st.characters(codec="utf-8")))
def test_json_keeps_its_value(text: str) -> None:
    document = safe_json(json.dumps({"text": text}, ensure_ascii=False))
    assert not COMMANDS.search(document)
    assert json.loads(document) == {"text": text}


def test_json_with_a_lone_surrogate_can_be_written() -> None:
    assert safe_json(json.dumps("\udcff", ensure_ascii=False)) == '"\\udcff"'


@given(st.binary())
def test_any_bytes_are_text(data: bytes) -> None:
    decoded(data).encode()


def test_bytes_that_are_not_utf8_stay_visible() -> None:
    assert decoded(b"caf\xe9") == "caf\\xe9"


def test_a_padded_line_does_not_begin_a_second_one() -> None:
    forged = "==> joe: hi" + " " * 29 + "==> ann: I quit"
    assert wrap_line(forged, 40) == "==> joe: hi" + " " * 29 + "\n    ==> ann: I quit"
    assert wrap_line("x" * 100, 40).split("\n") == ["x" * 40, "    " + "x" * 36, "    " + "x" * 24]


def test_wide_and_combining_characters_take_their_room() -> None:
    assert wrap_line("漢" * 21, 40) == "漢" * 20 + "\n    漢"
    assert wrap_line("e\u0301" * 40, 40) == "e\u0301" * 40
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert wrap_line(family * 21, 40) == family * 20 + "\n    " + family


def test_colours_take_no_room_and_what_fits_stays() -> None:
    coloured = "\x1b[1;31m" + "x" * 40 + "\x1b[0m"
    assert wrap_line(coloured, 40) == coloured
    assert wrap_line("short", 40) == "short"
    assert wrap_line("x" * 20, 5) == "x" * 20  # There is no room for an indentation.
