"""Hints of errors, worded for the command line."""

from pynetdb.errors import NetworkError
from pynetdb.hints import HINTS, error_message


def test_an_error_with_and_without_a_hint() -> None:
    assert error_message(NetworkError("no way")) == "no way"
    assert error_message(NetworkError("no way", hint="fault")) == "--fault no way"


def test_every_hint_holds_the_message() -> None:
    assert all("{}" in hint for hint in HINTS.values())
