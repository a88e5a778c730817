"""A folder's entries: their natural order, their text and links, as JSON and as rows."""

import json
import time

import pytest

from pynetdb.servers.http.folder import in_order
from pynetdb.servers.http.listing import Entry, View, json_row, natural_key, page_row, parse_view

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
        ("filter=B", "b"),
        ("filter=%62&sort=size", "b"),
        ("filter=nothing", ""),
    ],
)
def test_folders_come_first_and_the_rest_as_asked(query: str, names: str) -> None:
    assert "".join(entry.name for entry in in_order(ENTRIES, parse_view(query))) == names


def test_a_filter_is_a_text_and_not_endless() -> None:
    assert parse_view("filter=a+b%2Bc%ff") == View(filter="a b+c�")
    assert len(parse_view("filter=" + "x" * 5000).filter) == 255


def test_numbers_in_names_have_their_value() -> None:
    names = [
        "IMG_10.jpg",
        "IMG_2.jpg",
        "img_1.jpg",
        "IMG_002.jpg",
        "v1.10",
        "v1.9",
        "9",
        "10",
        "a",
        "a1",
        "aa",
    ]
    assert sorted(names, key=natural_key) == [
        "9", "10", "a", "a1", "aa", "img_1.jpg", "IMG_002.jpg", "IMG_2.jpg", "IMG_10.jpg", "v1.9", "v1.10",
    ]  # fmt: skip


def test_a_json_row_has_a_link_by_which_it_can_be_asked_for() -> None:
    row = json.loads(json_row(Entry("ä\udcff", True, 0, 0.0)))
    assert row == {
        "name": "ä\\xff",
        "type": "directory",
        "size": 0,
        "modified": "1970-01-01T00:00:00Z",
        "href": "%C3%A4%FF/",
    }
    assert json.loads(json_row(Entry("f", False, 3, 1e15)))["modified"] == "9999-12-31T23:59:59Z"


def test_a_name_is_no_markup_and_its_link_leads_to_it() -> None:
    row = page_row(Entry('<b>&"', False, 1, 0.0))
    assert "<b>" not in row and "&lt;b&gt;&amp;" in row and 'href="./%3Cb%3E%26%22"' in row


def test_nothing_in_a_name_commands_or_reorders() -> None:
    row = page_row(Entry("a\x1b[2J\x9b\n\u202eb\udcff", False, 1, 0.0))
    assert not set("\x1b\x9b\u202e\udcff") & set(row) and r"a\e[2J\x9b\n\u202eb\xff" in row
    assert "%1B%5B2J%C2%9B%0A%E2%80%AEb%FF" in row


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.png", "image"),
        ("a.mp3", "audio"),
        ("a.MP4", "video"),
        ("a.py", "text"),
        ("a.json", "text"),
        ("a.tar.gz", "zip"),
        ("a.pdf", "doc"),
        ("a.db", "data"),
        ("a.woff2", "font"),
        ("a", "f"),
    ],
)
def test_each_kind_has_its_icon(name: str, kind: str) -> None:
    assert page_row(Entry(name, False, 1, 0.0)).startswith(f'<tr class="{kind}">')


def test_times_are_those_of_this_machine_and_exact_ones_in_utc() -> None:
    moment = 1_700_000_000.0
    row = page_row(Entry("a", False, 1, moment))
    assert time.strftime(">%Y-%m-%d %H:%M<", time.localtime(moment)) in row
    assert 'datetime="2023-11-14T22:13:20Z"' in row
    assert ">9999-12-30 " in page_row(Entry("a", False, 1, 1e18))
