"""Passwords in URLs: gone wherever a URL stands, while all else stays."""

from pathlib import Path

import pytest
from programs import Run

from pynetdb.passwords import hide_passwords, without_userinfo


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://ann:pw@h:5432/a: gone", "postgresql://ann:***@h:5432/a: gone"),
        ("'mysql://:pw@h/a', http://u:pw@h", "'mysql://:***@h/a', http://u:***@h"),
        ("x=postgresql://u:p@s/s:w@h/a?x=1", "x=postgresql://u:***@h/a?x=1"),
        ("http://u:p@w@h/x@y", "http://u:***@h/x@y"),
        (
            "postgres://h/a?sslpassword=pw&user=u&password=pw'",
            "postgres://h/a?sslpassword=***&user=u&password=***'",
        ),
    ],
)
def test_a_password_is_hidden(text: str, shown: str) -> None:
    assert hide_passwords(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "nothing:here@all",
        "http://127.0.0.1:80/@a",
        "postgresql://ann@h:5432/a",
        "https://h?q=a:b@c",
        "x://a b:c@d",
    ],
)
def test_all_else_stays(text: str) -> None:
    assert hide_passwords(text) == text


URL = "postgresql://ann:SECRET@h/a"


@pytest.mark.parametrize(
    "arguments",
    [
        ["db-insert", "x.db", "t", "--from", URL], ["db-query", ":memory:", "select 1", "-o", URL],
        ["db-create", "zz", URL], ["db-create", "x.db", "--sql", URL], ["db-query", ":memory:", "--load", URL, "select 1"],
        ["db-query", ":memory:", "select 1", "--trace", URL], ["db-query", ":memory:", "select", "1", URL],
        ["db-query", ":memory:", "-f", URL], ["db-query", ":memory:", "select 1", "-P", URL], [URL],
        ["db-insert", "x.db", "t", URL], ["db-insert", "x.db", "t", "--from", "mysql://ann:SECRET@h/a", "--create"],
        ["draw", URL, "-o", URL], ["serve-http", URL], ["wait", f"{URL}x"], ["http-get", URL],
    ],
)  # fmt: skip
def test_no_error_shows_a_password(run: Run, tmp_path: Path, arguments: list[str]) -> None:
    """Wherever on the command line the URL stands."""
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode and "SECRET" not in done.stdout + done.stderr
    assert done.stderr.startswith("Error: ")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("http://ann:pw@h/a@b", "http://h/a@b"),
        ("at 'http://ann:p@ss@h:80' or ftp://t@x?q=u@v", "at 'http://h:80' or ftp://x?q=u@v"),
        ("ann@h, http://h/a@b", "ann@h, http://h/a@b"),
        ("nothing", "nothing"),
    ],
)
def test_a_url_is_told_without_its_password(text: str, left: str) -> None:
    assert without_userinfo(text) == left
