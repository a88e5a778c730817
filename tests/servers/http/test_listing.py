"""A folder as JSON and as a page: its order, its links, its text."""

import json

import pytest

from pynetdb.servers.http.listing import Entry, as_json, as_page, sorted_entries

ENTRIES = [Entry("b", False, 10, 5.0), Entry("A", False, 20, 9.0), Entry("z", True, 0, 1.0)]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", "zAb"),
        ("sort=size", "zbA"),
        ("sort=size&order=desc", "zAb"),
        ("sort=modified", "zbA"),
        ("sort=name&order=desc", "zbA"),
        ("sort=nonsense&order=sideways", "zAb"),
    ],
)
def test_folders_come_first_and_the_rest_as_asked(query: str, names: str) -> None:
    assert "".join(entry.name for entry in sorted_entries(ENTRIES, query)[0]) == names


def test_json() -> None:
    rows = json.loads(as_json([Entry("ä\udcff", True, 0, 0.0), Entry("f", False, 3, 1e15)]))
    assert rows[0] == {"name": "ä\\xff", "type": "directory", "size": 0, "modified": "1970-01-01T00:00:00Z"}
    assert rows[1]["modified"] == "9999-12-31T23:59:59Z"


def test_a_name_is_no_markup_and_its_link_leads_to_it() -> None:
    page = as_page(["folder"], [Entry('<b>&"', False, 1, 0.0)], "").decode()
    assert "<b>" not in page and "&lt;b&gt;&amp;" in page
    assert 'href="./%3Cb%3E%26%22"' in page
    assert 'href="../"' in page and "0 folders, 1 file, 1 B" in page


def test_an_empty_root_says_so() -> None:
    page = as_page([], [], "").decode()
    assert "Nothing is here." in page and 'href="../"' not in page
