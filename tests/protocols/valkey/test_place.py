"""The URL of a room: what it says, and that no error repeats a password."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.protocols.valkey.place import Place, parse_place


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("valkey://host/ROOM", Place("host", 6379, "ROOM")),
        ("redis://10.0.0.1:7000/a-b.c", Place("10.0.0.1", 7000, "a-b.c")),
        ("rediss://host/r", Place("host", 6379, "r", tls=True)),
        ("valkeys://[::1]:1/r", Place("::1", 1, "r", tls=True)),
        ("VALKEY:///r", Place("127.0.0.1", 6379, "r")),
        ("redis://:p%40ss@h/r", Place("h", 6379, "r", password="p@ss")),
        ("redis://ann:s:e@h/r?db=2", Place("h", 6379, "r", user="ann", password="s:e", database=2)),
        ("redis://h/3/r", Place("h", 6379, "r", database=3)),
        ("redis://h/7", Place("h", 6379, "7")),
        ("redis://h/K%C3%A4se", Place("h", 6379, "Käse")),
    ],
)
def test_what_a_url_says(url: str, place: Place) -> None:
    assert parse_place(url) == place


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("room", "no URL"),
        ("redis:/h/r", "no URL"),
        ("amqp://:secret@h/r", "cannot be amqp://"),
        ("redis://:secret@h", "names no room"),
        ("redis://:secret@h/", "names no room"),
        ("redis://:secret@h/a/b/c", "names no room"),
        ("redis://:secret@h/x/r", "a database that is no number"),
        ("redis://:secret@h/r?db=x", "a database that is no number"),
        ("redis://:secret@h/r?db=1&db=2", "knows one parameter"),
        ("redis://:secret@h/r?timeout=1", "knows one parameter"),
        ("redis://:secret@h:70000/r", "a port that cannot be read"),
        ("redis://:secret@h:0/r", "the port 0"),
        ("redis://:secret@[::1/r", "a host or a port that cannot be read"),
        ("redis://secret@h/r", "a user without a password"),
        ("redis://:secr#et@h/r", "has a # in it"),
        ("redis://:secret@h/a%20b", "a room that cannot be"),
        ("redis://:secret@h/a%0Ab", "a room that cannot be"),
        ("redis://:secret@h/" + "r" * 101, "a room that cannot be"),
    ],
)
def test_what_is_no_url_of_a_room_is_said_without_the_password(url: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong) as caught:
        parse_place(url)
    assert "secr" not in str(caught.value)


def test_a_place_shows_no_password() -> None:
    place = parse_place("rediss://ann:secret@h/r")
    assert "secret" not in f"{place} {place!r}"
    assert str(place) == "valkeys://h:6379/r"
    assert str(parse_place("redis://[::1]/r")) == "valkey://[::1]:6379/r"


@given(st.text())
def test_any_text_is_a_place_or_a_value_error(text: str) -> None:
    for url in (text, f"redis://{text}", f"redis://h/{text}"):
        with suppress(ValueError):
            parse_place(url)
