"""Names in SQL."""

import pytest

from pynetdb.db.postgresql.identifiers import join_identifiers, quote_identifier, quote_text
from pynetdb.errors import CommandLineError


def test_quoting() -> None:
    assert quote_identifier('a"b') == '"a""b"'
    assert join_identifiers(["a", "ü"]) == '"a", "ü"'
    assert quote_text("it's \\") == "'it''s \\'"
    assert quote_identifier("x" * 63)


@pytest.mark.parametrize("name", ["", "a\0b", "\ud800", "x" * 64, "ü" * 32])
def test_names_that_the_server_would_change_are_refused(name: str) -> None:
    with pytest.raises(CommandLineError):
        quote_identifier(name)
