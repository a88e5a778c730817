"""Refusals quote what a member said, and can do without."""

import pytest

from pynetdb.protocols.chat.commands import CommandReader, Unclear
from pynetdb.protocols.chat.names import NOBODY
from pynetdb.protocols.chat.refusals import (
    Refusal,
    describe_like,
    describe_nobody,
    describe_taken,
    describe_unknown,
)


@pytest.mark.parametrize(
    "refusal",
    [
        describe_nobody("SECRET\x1b"),
        describe_unknown("SECRET\x1b"),
        describe_taken("SECRET"),
        describe_like("SECRET", "SECRET2"),
    ],
)
def test_what_the_member_said_is_in_one_of_both(refusal: Refusal) -> None:
    assert "SECRET" in refusal
    assert refusal.isprintable()
    assert "SECRET" not in refusal.discreet


def test_clients_know_that_nobody_is_there_by_how_it_begins() -> None:
    assert describe_nobody("Bob") == NOBODY + "Bob"


def test_it_stays_one_on_its_way() -> None:
    (unclear,) = CommandReader().receive_data(b"SECRET words\n")
    assert isinstance(unclear, Unclear)
    assert isinstance(unclear.reason, Refusal)
