"""URLs: what libpq gets, and what is shown."""

import pytest

from pynetdb.db.postgresql.url import ConnectionUrl
from pynetdb.errors import CommandLineError


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("postgresql://ann:secret@db.example:5433/school", "postgresql://ann@db.example:5433/school"),
        ("postgres://ann@db.example/school", "postgresql://ann@db.example/school"),
        ("POSTGRESQL://db.example/school", "postgresql://db.example/school"),
        ("postgresql:///?service=x", "postgresql:///?service=x"),
        ("postgresql:///school?host=/run/pg&password=secret", "postgresql:///school?host=/run/pg"),
        ("postgresql://a:p%40ss@h/db?sslmode=require&sslpassword=secret", "postgresql://a@h/db"),
        ("postgresql://:secret@h/db", "postgresql://h/db"),
        ("postgresql://u:secret@[::1]:5432,h2/db", "postgresql://u@[::1]:5432,h2/db"),
        ("postgresql://", "postgresql:///"),
    ],
)
def test_a_place_shows_no_password(text: str, place: str) -> None:
    url = ConnectionUrl(text)
    assert url.place == place
    assert url.conninfo == "postgresql" + text[text.index(":") :]


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://ann:sec@ret@db/school", "postgresql://ann:sec/ret@db/school", "postgresql://ann:sec:ret/x",
        "postgresql://h/db?x", "postgresql://h/db?password=a\0b", "postgresql://h/d@b", "postgresql://\ud800/x",
        "postgresql://u:[secret@h/db@", "postgresql://u:a?b=secret@h/db",
    ],
)  # fmt: skip
def test_what_would_show_a_piece_of_a_password_is_refused(text: str) -> None:
    with pytest.raises(CommandLineError, match="cannot be read") as refused:
        ConnectionUrl(text)
    assert not any(word in str(refused.value) for word in ("sec", "ret@", "[secret"))


def test_passwords_are_known() -> None:
    assert ConnectionUrl("postgresql://a:p%40s@h/d?sslpassword=x").secrets == ["p%40s", "x"]
