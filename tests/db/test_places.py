"""Paths and URLs; a password is never shown."""

import pytest

from pynetdb.db import open as open_database
from pynetdb.db.places import find_scheme
from pynetdb.errors import CommandLineError


def test_schemes() -> None:
    assert find_scheme("PostgreSQL://u:p@h/d") == "postgresql"
    for path in ("x.db", "/a/b", ":memory:", "c://x", "a:b", "./x://y", "postgresql:"):
        assert find_scheme(path) is None


@pytest.mark.parametrize("place", ["mongodb://user:secret@host/db", "mysql+ssl://user:secret@host"])
@pytest.mark.parametrize("mode", ["read", "write", "create"])
def test_a_url_that_no_engine_serves(place: str, mode: str) -> None:
    with pytest.raises(CommandLineError) as caught, open_database(place, mode):  # type: ignore[arg-type]
        pass
    assert "secret" not in str(caught.value) and "user" not in str(caught.value)


def test_nor_is_one_attached() -> None:
    with open_database(":memory:") as engine, pytest.raises(CommandLineError) as caught:
        engine.attach("x", "postgresql://user:secret@host/db")
    assert "secret" not in str(caught.value)
