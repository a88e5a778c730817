"""Names and texts quoted for SQL."""

import pytest

from pynetdb.db.sqlite.identifiers import join_identifiers, quote_identifier, quote_text
from pynetdb.errors import CommandLineError


def test_quotes_are_doubled() -> None:
    assert quote_identifier('a"b') == '"a""b"'
    assert quote_text("it's") == "'it''s'"
    assert join_identifiers(["a", "b"]) == '"a", "b"'


@pytest.mark.parametrize("name", ["", "a\0b", "\ud800"])
def test_what_no_name_can_be(name: str) -> None:
    with pytest.raises(CommandLineError):
        quote_identifier(name)
