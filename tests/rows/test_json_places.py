"""What is said of a place in JSON, and how much one value may be."""

from pathlib import Path
from typing import Any

import pytest
from readers import make_source

from pynetdb.errors import DatabaseError
from pynetdb.rows.json_places import Places
from pynetdb.rows.json_reader import JsonReader


@pytest.mark.parametrize("lines", [True, False])
def test_an_object_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: bool) -> None:
    monkeypatch.setattr("pynetdb.rows.json_places.MAX_OBJECT", 100_000)
    with (
        make_source(tmp_path, '{"a": "' + "x" * 300_000) as data,
        pytest.raises(DatabaseError, match="256 million"),
    ):
        JsonReader(data, lines)


def test_places() -> None:
    lines, items = Places("x.jsonl", True), Places("x.json", False)
    assert str(lines.error(3, "is wrong")) == "x.jsonl line 3: is wrong"
    assert items.describe(3, 7) == "x.json item 7, line 3"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ([], "an array"),
        ("x", "a text"),
        (True, "true or false"),
        (None, "null"),
        (7, "a number"),
        (1.5, "a number"),
    ],
)
def test_what_is_no_row(value: Any, told: str) -> None:
    with pytest.raises(DatabaseError, match=f"expected an object .*, got {told}"):
        Places("x", True).require_row(value, 1)
    assert Places("x", True).require_row({"a": 1}, 1) == {"a": 1}
